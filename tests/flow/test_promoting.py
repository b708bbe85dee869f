"""A refit publishes what is better, keeps what is not, and a person may put the challenger in force."""

from __future__ import annotations

import re
from typing import Any

import pytest
from django.utils import translation

from crm_assist import flow
from crm_assist.flow import works
from crm_assist.flow.card_roles import publish_card
from crm_assist.flow.comparison import Comparison
from crm_assist.flow.knowledge import published
from crm_assist.flow.learned_rows import past_rows
from crm_assist.learning.models import Target
from crm_assist.rollout.models import Control
from crm_assist.scorecards.models import CardEvent, CardVersion
from crm_assist.types import Principal
from tests.flow.challengers import a_past, flipped, knowing, served
from tests.story import BOSS, NOW, fitted, publish

pytestmark = pytest.mark.django_db
LABEL = "desk.Client"
ALIKE = Comparison(code="alike", champion=1, gain=0.0001, error=0.002, blocks=8, rows=400)


def refit(**options: Any) -> str:
    """What the run says of the card; what it found in the data comes after that."""
    [run_id] = flow.ask_runs("refit", about="orders", options=options, now=NOW)
    return re.split(r"; \d+ finding", flow.carry_on(run_id, clock=lambda: NOW).note)[0]


def roles() -> list[tuple[int, str]]:
    return list(CardVersion.objects.filter(target="orders").order_by("version").values_list("version", "role"))


def revision() -> int:
    return Control.objects.get(tenant="").revision


@pytest.fixture
def wrong(monkeypatch: pytest.MonkeyPatch) -> Target:
    """A good champion, and a refit whose rows somebody got wrong."""
    target = a_past()
    served(target, knowing())
    monkeypatch.setattr(works, "past_rows", lambda *args, **given: flipped(past_rows(*args, **given)))
    return target


def test_refit__first_card__is_published_without_a_comparison() -> None:
    a_past()
    assert refit() == "version 1"
    assert flow.card(BOSS, CardVersion.objects.get(target="orders").pk).comparison is None


def test_refit__better_card__takes_the_champions_place_and_says_by_how_much() -> None:
    served(a_past(), knowing(upside_down=True))
    assert refit().startswith("version 2: the new card was better (its loss lower by ")
    assert roles() == [(1, "retired"), (2, "champion")]


def test_refit__worse_challenger__champion_stays_and_the_note_says_so(wrong: Target) -> None:
    before = published("", revision()).cards[LABEL, "orders"]
    note = refit()
    assert note.startswith("kept version 1: the new card was worse (its loss higher by ")
    assert note.endswith("; version 2 waits")
    assert roles() == [(1, "champion"), (2, "challenger")]
    assert published("", revision()).cards[LABEL, "orders"].digest == before.digest


def test_refit__worse_challenger__is_logged_with_what_was_found(wrong: Target) -> None:
    refit()
    event = CardEvent.objects.get(target="orders", version=2)
    assert (event.before, event.after) == ("", "challenger")
    comparison = flow.card(BOSS, CardVersion.objects.get(version=2).pk).comparison
    assert comparison is not None
    assert (comparison.verdict, comparison.champion, comparison.blocks) == ("fail", 1, 8)
    with translation.override("fr"):
        assert comparison.words.startswith("La nouvelle grille a été moins bonne que la version 1 sur 300 lignes")


def test_refit__in_force_whatever_is_found__is_published_with_the_reason(wrong: Target) -> None:
    assert refit(in_force="The law changed") == "version 2: put in force by decision"
    assert roles() == [(1, "retired"), (2, "champion")]
    assert CardEvent.objects.get(target="orders", version=2).reason == "The law changed"
    comparison = flow.card(BOSS, CardVersion.objects.get(version=2).pk).comparison
    assert comparison is not None
    assert (comparison.verdict, comparison.forced) == ("fail", "The law changed")


def test_refit__again__only_the_newest_challenger_waits(wrong: Target) -> None:
    refit()
    refit()
    assert roles() == [(1, "champion"), (2, "retired"), (3, "challenger")]
    events = set(CardEvent.objects.filter(target="orders").values_list("version", "before", "after"))
    assert {(2, "challenger", "retired"), (3, "", "challenger")} <= events


@pytest.fixture
def waiting(db: None) -> CardVersion:
    publish(LABEL)
    told: dict[str, Any] = {"by": "night", "reason": "weekly", "now": NOW}
    return publish_card(Target.objects.get(name="orders"), fitted("minutes_90d"), **told, comparison=ALIKE)


def test_promote__challenger_that_waits__serves_from_the_next_request(waiting: CardVersion) -> None:
    made = flow.promote_card(BOSS, waiting.pk, reason="It knows the branch", now=NOW)
    assert (made.pk, made.role) == (waiting.pk, "champion")
    assert roles() == [(1, "retired"), (2, "champion")]
    assert published("", revision()).cards[LABEL, "orders"].version == 2
    event = CardEvent.objects.get(target="orders", version=2, before="challenger")
    assert (event.after, event.by, event.reason) == ("champion", "boss", "It knows the branch")
    assert flow.card(BOSS, made.pk).comparison == ALIKE


def test_promote__without_the_right_or_of_another_tenant__is_refused(waiting: CardVersion) -> None:
    for person in (
        Principal(key="x", permissions=frozenset({"view_log"})),
        Principal(key="y", tenant="north", permissions=frozenset({"publish_card"})),
    ):
        with pytest.raises(flow.NotAllowed, match="publish_card"):
            flow.promote_card(person, waiting.pk, reason="mine", now=NOW)
    assert roles() == [(1, "champion"), (2, "challenger")]


@pytest.mark.parametrize("fault", ["reason", "champion", "retired", "horizon"])
def test_promote__what_cannot_serve__names_the_fault_and_changes_nothing(waiting: CardVersion, fault: str) -> None:
    card_id, reason, said = waiting.pk, "why", ""
    if fault == "reason":
        reason, said = " ", "Say why"
    elif fault == "champion":
        card_id, said = CardVersion.objects.get(target="orders", version=1).pk, "serves already"
    elif fault == "retired":
        CardVersion.objects.filter(pk=waiting.pk).update(role="retired")
        said = "does not wait"
    else:
        Target.objects.filter(name="orders").update(horizon_days=30)
        said = "fitted for the horizon 90, not for 30"
    before = roles()
    with pytest.raises(flow.BadMove, match=said):
        flow.promote_card(BOSS, card_id, reason=reason, now=NOW)
    assert roles() == before


def test_restore__challenger__is_sent_to_its_own_way(waiting: CardVersion) -> None:
    with pytest.raises(flow.BadMove, match="put it in force as it is"):
        flow.restore_card(BOSS, waiting.pk, reason="why", now=NOW)


def test_publish__comparison_with_a_champion_of_yesterday__holds(waiting: CardVersion) -> None:
    flow.promote_card(BOSS, waiting.pk, reason="first come", now=NOW)
    late = Comparison(code="better", champion=1, gain=0.1, error=0.01, blocks=8, rows=900)
    told: dict[str, Any] = {"by": "night", "reason": "weekly", "now": NOW}
    made = publish_card(Target.objects.get(name="orders"), fitted(), **told, comparison=late)
    assert made.role == "challenger"
    comparison = flow.card(BOSS, made.pk).comparison
    assert comparison is not None
    assert (comparison.code, comparison.champion) == ("changed", 2)


def test_publish__by_a_person__retires_the_challenger_that_waits(waiting: CardVersion) -> None:
    flow.publish_card(BOSS, Target.objects.get(name="orders"), fitted(), reason="mine", now=NOW)
    assert roles() == [(1, "retired"), (2, "retired"), (3, "champion")]
