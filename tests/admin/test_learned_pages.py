"""Cards, targets and background work in the admin."""

from __future__ import annotations

from typing import Any

from django.utils import timezone

from crm_assist import flow
from crm_assist.flow.card_roles import publish_card
from crm_assist.flow.comparison import Comparison
from crm_assist.flow.moved import Moved, MovedSign
from crm_assist.learning.findings import Finding
from crm_assist.learning.models import Target
from crm_assist.runs.models import Run
from crm_assist.scorecards.models import CardVersion
from crm_assist.types import Principal
from tests.admin.conftest import HERE, asked, staff
from tests.desk_bank import LABEL, Bank, signed_in
from tests.story import fitted


def test_cards_and_targets__versions_roles_and_points(bank: Bank) -> None:
    bank("score")
    browser = signed_in(staff("dora", "publish_card", "declare_target"))
    assert "orders something" in asked(browser, "target/")[0]
    text, statements = asked(browser, "cardversion/")
    assert text.count("Serves now") == 3
    assert text.count("orders something</a>") == 3
    assert "clients</span>" in text
    assert statements <= 2
    card = CardVersion.objects.get(target="orders")
    one = asked(browser, f"cardversion/{card.pk}/")[0]
    assert '<summary>Balance <span class="ca-soft">· can change</span></summary>' in one
    assert "<code>balance</code>" in one
    assert "first card" in one
    assert "Let this card serve again" not in one


def test_model_card__of_a_version__is_linked_and_says_what_it_is_for(bank: Bank) -> None:
    bank("score")
    browser = signed_in(staff("dora", "view_log"))
    card = CardVersion.objects.get(target="orders")
    assert f"{HERE}/cardversion/{card.pk}/model-card/" in asked(browser, f"cardversion/{card.pk}/")[0]
    text, statements = asked(browser, f"cardversion/{card.pk}/model-card/")
    assert "To choose what to offer" in text
    assert "Not for decisions on credit" in text
    assert "Separation (AUC)" in text
    assert statements <= 4
    french = browser.get(f"{HERE}/cardversion/{card.pk}/model-card/", headers={"accept-language": "fr"})
    assert "À quoi elle sert" in french.content.decode()
    CardVersion.objects.filter(pk=card.pk).update(text="{}")
    assert browser.get(f"{HERE}/cardversion/{card.pk}/model-card/").status_code == 302
    assert browser.get(f"{HERE}/cardversion/999999/model-card/").status_code == 404


def test_targets__products_by_their_names(bank: Bank) -> None:
    bank("score")
    Target.objects.filter(name="orders").update(products=["deposit", "gone"], population={"segment": "private"})
    text, statements = asked(signed_in(staff("dora", "declare_target")), "target/")
    assert "Deposit, gone" in text
    assert "Segment: private" in text
    assert "To choose what to offer" in text
    assert statements <= 3


def test_card__what_was_found_in_its_data__is_shown_with_why_it_was_accepted(bank: Bank) -> None:
    bank("score")
    leak = Finding(code="too_good", severity="blocks", evidence={"auc": 0.97, "bound": 0.95})
    target = Target.objects.get(name="orders")
    editor = Principal(key="boss", permissions=frozenset({"publish_card"}))
    told = {"findings": [leak], "accepted": {"too_good": "<b>Only</b> renewals"}}
    made = flow.publish_card(editor, target, fitted("minutes_90d"), reason="second", now=timezone.now(), **told)
    page = asked(signed_in(staff("dora", "view_log")), f"cardversion/{made.pk}/")[0]
    assert "Found in its training data" in page
    assert "AUC of 0.97, above 0.95" in page
    assert "<strong>Accepted:</strong> &lt;b&gt;Only&lt;/b&gt; renewals" in page
    before = CardVersion.objects.get(target="orders", version=1)
    assert (
        "Found in its training data" not in asked(signed_in(staff("eve", "view_log")), f"cardversion/{before.pk}/")[0]
    )


def test_restore__an_earlier_card__serves_again_as_a_new_version(bank: Bank) -> None:
    bank("score")
    dora = staff("dora", "publish_card")
    browser = signed_in(dora)
    first = CardVersion.objects.get(target="orders")
    target = flow.targets(Principal(key="x", is_superuser=True)).get(name="orders")
    editor = Principal(key="boss", permissions=frozenset({"publish_card"}))
    flow.publish_card(editor, target, fitted("minutes_90d"), reason="second", now=timezone.now())
    address = f"{HERE}/cardversion/{first.pk}/restore/"
    refused = browser.post(address, {"reason": " "})
    assert refused.status_code == 400
    assert "Say why" in refused.content.decode()
    answer = browser.post(address, {"reason": "the second was worse"})
    assert answer.status_code == 302
    champion = CardVersion.objects.get(target="orders", role="champion")
    assert (champion.version, champion.published_by) == (3, str(dora.pk))
    assert champion.text == first.text
    assert "Dora Staff" in browser.get(answer["Location"]).content.decode()
    again = browser.post(f"{HERE}/cardversion/{champion.pk}/restore/", {"reason": "again"})
    assert again.status_code == 400
    assert "serves already" in again.content.decode()


def test_promote__challenger__page_tells_how_it_did_and_lets_it_serve(bank: Bank) -> None:
    bank("score")
    target = Target.objects.get(name="orders")
    alike = Comparison(code="alike", champion=1, gain=0.00012, error=0.0031, blocks=8, rows=4800)
    told: dict[str, Any] = {"by": "night", "reason": "weekly", "now": timezone.now(), "comparison": alike}
    told["moved"] = Moved(version=1, rows=3000, signs=(MovedSign(kind="shares", value=0.41, feature="balance"),))
    waiting = publish_card(target, fitted("minutes_90d"), **told)
    page = asked(signed_in(staff("vera", "view_log")), f"cardversion/{waiting.pk}/")[0]
    assert "Waits" in page
    assert "was not clearly better than version 1 on 4,800 rows" in page
    assert "“balance” has moved since version 1 learned: its stability index is 0.41" in page
    assert "Put this card in force" not in page
    browser = signed_in(staff("dora", "publish_card"))
    page = asked(browser, f"cardversion/{waiting.pk}/")[0]
    assert "Put this card in force" in page
    assert "Publish this card again" not in page
    refused = browser.post(f"{HERE}/cardversion/{waiting.pk}/promote/", {"reason": " "})
    assert (refused.status_code, "Say why" in refused.content.decode()) == (400, True)
    answer = browser.post(f"{HERE}/cardversion/{waiting.pk}/promote/", {"reason": "It knows the branch"})
    assert answer["Location"] == f"{HERE}/cardversion/{waiting.pk}/?done=1"
    assert list(CardVersion.objects.filter(target="orders").order_by("version").values_list("role", flat=True)) == [
        "retired",
        "champion",
    ]


def test_card__of_a_later_version__shows_what_changed_since_the_one_before(bank: Bank) -> None:
    bank("score")
    target, first = Target.objects.get(name="orders"), CardVersion.objects.get(target="orders")
    second = publish_card(target, fitted("minutes_90d"), by="ann", reason="second", now=timezone.now())
    browser = signed_in(staff("dora", "publish_card"))
    text = asked(browser, f"cardversion/{second.pk}/")[0]
    for expected in ("What changed since version 1", "no longer in the card", "new in the card", "Separation (AUC)"):
        assert expected in text
    assert "What changed since" not in asked(browser, f"cardversion/{first.pk}/")[0]


def test_card__damaged_text__is_told(bank: Bank) -> None:
    bank("score")
    card = CardVersion.objects.get(target="orders")
    CardVersion.objects.filter(pk=card.pk).update(text="{}")
    assert "damaged" in asked(signed_in(staff("dora", "view_log")), f"cardversion/{card.pk}/")[0]


def test_work__runs__are_seen_asked_for_followed_and_given_up(bank: Bank) -> None:
    bank("score")
    browser = signed_in(staff("olga", "manage_runs"))
    assert "Nothing has run yet." in asked(browser, "run/")[0]
    answer = browser.post(f"{HERE}/run/start/", {"kind": "rescore", "about": LABEL})
    assert (answer.status_code, answer["Location"]) == (302, f"{HERE}/run/?asked=1")
    text, statements = asked(browser, "run/")
    assert statements <= 3
    assert f'<option value="{LABEL}">clients</option>' in text
    assert "orders something" in text
    assert "Olga Staff" in text
    run = Run.objects.get()
    assert browser.get(f"{HERE}/run/", {"watch": "1"})["Refresh"] == "5"
    assert f"{HERE}/run/{run.pk}/resume/" in text
    assert browser.post(f"{HERE}/run/{run.pk}/resume/").status_code == 302
    assert browser.post(f"{HERE}/run/{run.pk}/give-up/", {"reason": "too slow"}).status_code == 302
    assert "too slow" in asked(browser, "run/history/", kind="rescore", about=LABEL)[0]
    assert browser.post(f"{HERE}/run/999999/resume/").status_code == 404


def test_work__unknown_kind_or_matter__is_told(bank: Bank) -> None:
    browser = signed_in(staff("olga", "manage_runs"))
    for sent in ({"kind": "dance", "about": ""}, {"kind": "rescore", "about": "no.Such\x00"}, {}):
        answer = browser.post(f"{HERE}/run/start/", sent)
        assert answer.status_code == 400
        assert "choose one of" in answer.content.decode()
