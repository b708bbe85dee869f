"""`crm_assist_card`: a banker reads a card, what changed, and whether it is sound."""

from __future__ import annotations

import json
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.utils import timezone

from crm_assist import flow
from crm_assist.flow.card_roles import publish_card
from crm_assist.flow.comparison import Comparison
from crm_assist.learning.models import Target
from crm_assist.scorecards import Purpose, Scorecard
from crm_assist.scorecards.models import CardVersion
from tests.hosts.desk.models import Client
from tests.scorecards.examples import small_card
from tests.story import BOSS, NOW, fitted, publish

pytestmark = pytest.mark.django_db
LABEL = "desk.Client"


def said(*words: str, **options: Any) -> str:
    out = StringIO()
    call_command("crm_assist_card", *words, stdout=out, stderr=out, no_color=True, **options)
    return out.getvalue()


def refused(*words: str, **options: Any) -> tuple[str, str]:
    """What it printed, and the sentence it ended with."""
    out = StringIO()
    with pytest.raises(CommandError) as caught:
        call_command("crm_assist_card", *words, stdout=out, no_color=True, **options)
    assert caught.value.returncode == 1
    return out.getvalue(), str(caught.value)


@pytest.fixture
def cards() -> CardVersion:
    """Cards of three targets, the one of `orders` in two versions."""
    publish(LABEL)
    return flow.publish_card(BOSS, Target.objects.get(name="orders"), fitted("minutes_90d"), reason="second", now=NOW)


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "card.json"
    path.write_text(small_card().dumps())
    return path


def test_show__a_target__is_the_version_that_serves(cards: CardVersion) -> None:
    text = said("show", "orders")
    assert text.startswith("orders something within 90 days · version 2 · Serves now")
    assert "To choose what to offer" in text
    assert "Minutes in 90 days [minutes_90d]\n" in text
    assert "##########|" in text
    assert "|#######" in text


def test_show__version_fingerprint_and_language__are_understood(cards: CardVersion) -> None:
    first = CardVersion.objects.get(target="orders", version=1)
    assert "Balance [balance] · can change\n" in said("show", "orders@1")
    assert said("show", first.digest[:12]) == said("show", "orders@1")
    french = said("show", "orders@1", "--language", "fr")
    assert "commande quelque chose sous 90" in french
    assert "moins de" in french
    assert "inconnu" in french
    assert "[balance] · peut évoluer\n" in french


def test_show__a_file__needs_no_table(file: Path) -> None:
    text = said("show", str(file))
    assert "nurse" in text
    assert "0.710" in text


def test_show__model_card__is_markdown_in_both_languages(cards: CardVersion) -> None:
    text = said("show", "--model-card", "orders")
    assert text.startswith("# Model card: orders something within 90 days")
    assert "- **Separation (AUC)**: " in text
    assert "## Limits" in text
    assert " · can change" in said("show", "--model-card", "orders@1")
    assert "## Limites" in said("show", "--model-card", "orders", "--language", "fr")


def test_diff__one_target__is_compared_with_the_version_before(cards: CardVersion) -> None:
    text = said("diff", "orders")
    assert text.startswith("From orders@1 to orders@2")
    assert "Minutes in 90 days: new in the card; it moves the score of the usual customer by" in text
    assert "Balance: no longer in the card" in text
    assert text == said("diff", "orders@1", "orders@2")
    assert "n’est plus dans la grille" in said("diff", "orders", "--language", "fr")


def test_diff__challenger__is_compared_with_the_champion_and_says_how_it_did(cards: CardVersion) -> None:
    target = Target.objects.get(name="orders")
    alike = Comparison(code="alike", champion=2, gain=-0.0004, error=0.0011, blocks=8, rows=4800)
    told: dict[str, Any] = {"by": "night", "reason": "weekly", "now": NOW}
    for _week in range(2):
        publish_card(target, fitted(), **told, comparison=alike)
    text = said("diff", "orders@4")
    assert text.startswith("From orders@2 to orders@4")
    assert "not clearly better than version 2 on 4,800 rows" in text
    assert "Balance: new in the card" in text
    assert said("show", "orders@4").splitlines()[0].endswith("version 4 · Waits")
    flow.promote_card(BOSS, CardVersion.objects.get(target="orders", version=4).pk, reason="so", now=NOW)
    assert said("diff", "orders").startswith("From orders@2 to orders@4")


def test_check__cards_that_serve__are_sound_in_every_execution(cards: CardVersion) -> None:
    Client.objects.bulk_create([Client(name=f"C{n}", balance=n * 997) for n in range(12)])
    text = said("check")
    assert "3 of 3 sound" in text
    assert text.count("row and batch differ by at most") == 3
    assert text.count("on 12 customers") == 6
    assert "its purpose is that of target orders: marketing" in text


def test_check__customers_of_another_kind__are_noted_and_the_card_is_sound(cards: CardVersion) -> None:
    Client.objects.bulk_create([Client(name=f"C{n}", balance=7) for n in range(150)])
    text = said("check", "wants_card")
    assert " note  “balance” has moved since version 1 learned: its stability index is " in text
    assert "Run crm_assist_fit wants_card" in text
    assert "1 of 1 sound" in text
    french = said("check", "wants_card", "--language", "fr")
    assert "a bougé depuis l’apprentissage de la version 1" in french


def test_check__few_customers_or_the_same_as_ever__are_told_so(cards: CardVersion) -> None:
    Client.objects.create(name="one", balance=5)
    assert "was not asked: it takes 100 customers" in said("check", "wants_card")
    Client.objects.bulk_create([Client(name=f"C{n}", balance=n * 50) for n in range(200)])
    assert "nothing has moved beyond chance since it learned, on 201 customers of today" in said("check", "wants_card")


def test_check__without_customers__says_so_and_is_sound(cards: CardVersion) -> None:
    assert "no customer to compare the executions on" in said("check", "orders")


def test_check__edited_text__is_wrong(cards: CardVersion) -> None:
    edited = json.loads(cards.text)
    edited["intercept"] += 0.1
    CardVersion.objects.filter(pk=cards.pk).update(text=json.dumps(edited))
    text, ending = refused("check")
    assert "WRONG  it does not load: sha256" in text
    assert ending == "Not sound: orders@2."


def test_check__features_the_adapter_dropped__are_wrong(file: Path) -> None:
    text, ending = refused("check", str(file), "--adapter", LABEL)
    assert "feature 'job' is not declared by the adapter" in text
    assert str(file) in ending


def test_check__target_of_another_horizon_by_now__is_wrong(cards: CardVersion) -> None:
    Target.objects.filter(name="orders").update(horizon_days=30)
    assert "the card was fitted for the horizon 90, not for 30" in refused("check", "orders")[0]


def test_check__a_file_without_an_adapter__is_noted(file: Path) -> None:
    assert "its features were not compared with an adapter: it names none" in said("check", str(file))


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (("show", "nothing"), "No card is called 'nothing'"),
        (("show", "orders@9"), "there are cards of these targets: orders, wants_card, wants_deposit"),
        (("diff", "orders@1"), "is the first version of its target"),
        (("diff", "orders", "orders", "orders"), "not 3"),
        (("show", "orders", "--language", "xx"), "choose one of"),
        (("show", "away.json"), "cannot be read"),
    ],
)
def test_names__that_name_nothing__are_told_with_what_there_is(
    cards: CardVersion, words: tuple[str, ...], sentence: str
) -> None:
    assert sentence in refused(*words)[1]


def test_names__that_several_cards_bear__are_asked_about(cards: CardVersion) -> None:
    row = CardVersion.objects.get(target="orders", version=2)
    card = Scorecard.loads(row.text).with_purpose(Purpose(label="other"))
    CardVersion.objects.create(
        adapter="guild.Member",
        target="orders",
        version=1,
        role="champion",
        text=card.dumps(),
        digest=card.digest,
        published_at=timezone.now(),
    )
    assert "names several cards" in refused("show", "orders")[1]
    assert said("show", "orders", "--adapter", LABEL).startswith("orders something")


def test_diff__cards_of_different_targets__says_that_they_predict_different_things(cards: CardVersion) -> None:
    text = said("diff", "orders", "wants_card")
    assert "They predict different things: orders (desk.Client) and wants_card (desk.Client)." in text


def test_options__that_make_no_sense__are_refused_by_name(cards: CardVersion) -> None:
    with pytest.raises(CommandError, match="argument --sample: '0' is not a whole number from 1"):
        said("check", "--sample=0")
    message = refused("show", "orders", adapter="nope.X")[1]
    assert message.startswith("--adapter 'nope.X' is not registered; choose one of ")
    assert "desk.Client" in message
