"""The model card says what a card is for and not for, what it learned from, how good it is, and its limits."""

from __future__ import annotations

from dataclasses import replace

from django.utils import translation

from crm_assist import features as f
from crm_assist import flow
from crm_assist.flow.soundness import FoundThen
from crm_assist.learning.findings import Finding
from crm_assist.learning.models import Target
from crm_assist.scorecards import Calibration, Pair, Purpose, Scorecard, Training
from crm_assist.web.model_card import Subject, model_card, title_of
from tests.scorecards.examples import category, number

TRAINED = Training(
    rows=12_000,
    positives=1_500,
    since="2025-01-01",
    until="2026-03-30T12:00:00+00:00",
    auc=0.762,
    ece=0.0123,
    left_out=("same",),
    judged=6_000,
    judged_positives=800,
    in_time=True,
    agreement=1.25e-13,
    compared=1000,
)
CARD = Scorecard(
    parts=(
        number("balance", (1000.0,), (-0.2, 0.3, 0.0)),
        replace(category("segment", ("private",), (0.0, 0.1, 0.2)), share=(0.1, 0.4, 0.5)),
    ),
    intercept=-2.0,
    trained=TRAINED,
    purpose=Purpose(target="deposit", label="Opens a deposit", horizon_days=90, adapter="bank.Client", use="marketing"),
)
DECLARED = {
    "balance": f.Number("balance", "balance", label="Balance", unit="EUR"),
    "segment": f.Category("segment", "segment", label="Segment", labels={"private": "Private bank"}),
    "same": f.Number("same", "same", label="Same for all"),
    "faith": f.Category("faith", "faith", label="Faith", sensitive=True),
    "visits": f.Number("visits", "visits", label="Visits", history=False),
}
TARGET = Target(
    name="deposit",
    adapter="bank.Client",
    labels={"en": "Opens a deposit", "fr": "Ouvre un dépôt"},
    products=["d1", "d2"],
    population={"segment": "private"},
    horizon_days=90,
    owner="Data team",
)
ABOUT = Subject(
    card=CARD,
    declared=DECLARED,
    target=TARGET,
    called=flow.CardNames(adapters={"bank.Client": "clients"}, products={"d1": "Deposit"}),
)


def facts(about: Subject) -> dict[str, str]:
    return {term: text for section in model_card(about) for term, text in section.facts}


def notes(card: Scorecard, declared: dict[str, f.Feature] = DECLARED) -> str:  # type: ignore[assignment]
    about = Subject(card=card, declared=declared)
    return " ".join(note for section in model_card(about) for note in section.notes)


def test_model_card__of_a_version__tells_purpose_and_target_by_their_names() -> None:
    told = facts(ABOUT)
    assert told["Purpose"] == "To choose what to offer"
    assert told["Target"] == title_of(ABOUT) == "Opens a deposit within 90 days"
    assert (told["Products"], told["For whom"]) == ("Deposit, d2", "Segment: Private bank")
    assert (told["Answers for it"], told["Kind of customer"]) == ("Data team", "clients")
    assert "Not for decisions on credit" in notes(CARD)


def test_model_card__data__has_its_window_counts_and_exclusions() -> None:
    told = facts(ABOUT)
    assert told["Period"] == "Jan. 1, 2025 to March 30, 2026"
    assert told["Of them with the outcome"] == "1,500 (12.0 to 13.0 in 100)"
    assert told["Left out: the same for everybody"] == "Same for all"
    assert told["Never used: sensitive"] == "Faith"
    assert told["Left out: its past is not known"] == "Visits"


def test_model_card__rows_of_one_day__period_is_that_day_and_judged_rows_were_drawn() -> None:
    card = replace(CARD, trained=replace(TRAINED, since=TRAINED.until, in_time=False))
    told = facts(replace(ABOUT, card=card))
    assert told["Period"] == "March 30, 2026"
    assert told["Measured on"].endswith("drawn by chance, none of them learned from")


def test_model_card__figures__have_their_intervals() -> None:
    told = facts(ABOUT)
    assert told["Separation (AUC)"] == "0.762 (0.745 to 0.779)"
    assert "6,000 rows, 800 of them" in told["Measured on"]
    assert "off by 1.2 in 100" in told["Calibration error (ECE)"]
    assert told["Calibration"] == "no line did better than none"
    assert (
        "slope 0.900"
        in facts(Subject(card=replace(CARD, calibration=Calibration(slope=0.9)), declared={}))["Calibration"]
    )
    assert "1.2e-13 on 1,000 rows" in told["Agreement with what was fitted"]
    assert told["Fingerprint"] == CARD.digest


def test_model_card__features__by_their_weight() -> None:
    uses = next(section for section in model_card(ABOUT) if section.title == "What it uses")
    assert uses.facts == (
        ("Balance", "up to 0.500 points apart (not known: 33%)"),
        ("Segment", "up to 0.200 points apart (not known: 50%)"),
    )


def test_model_card__features__are_marked_by_what_can_change() -> None:
    declared = {
        "balance": f.Number("balance", "balance", label="Balance", changeable=True),
        "segment": f.Category("segment", "segment", label="Segment", changeable=False),
    }
    pair = Pair(first="balance", second="segment", width=3, points=(0.0,) * 8 + (0.5,))
    about = replace(ABOUT, declared=declared, card=replace(CARD, pairs=(pair,)))
    told = facts(about)
    assert told["Balance"].endswith("(not known: 33%) · can change")
    assert told["Segment"].endswith("(not known: 50%) · cannot be changed")
    assert told["Balance × Segment"] == "together up to 0.500 points apart · can change"
    assert "“Can change”: the customer or an agent can do something about it" in notes(CARD, declared)
    assert "Can change" not in notes(CARD)


def test_limits__are_those_of_the_card_at_hand() -> None:
    assert "Only" not in notes(CARD)
    assert "same period" not in notes(CARD)
    assert "Segment: not known for 50% of the customers." in notes(CARD)
    weak = replace(CARD, trained=replace(TRAINED, positives=40, auc=0.56, in_time=False))
    assert "Only 40 customers with the outcome" in notes(weak)
    assert "hardly tells customers apart" in notes(weak)
    assert "judged on rows of the same period" in notes(weak)


def test_limits__a_missing_value_with_a_meaning__is_no_gap() -> None:
    declared = {**DECLARED, "segment": f.Category("segment", "segment", label="Segment", missing="none")}
    assert "Segment" not in notes(CARD, declared)


def test_model_card__of_an_old_file__says_what_is_not_known() -> None:
    old = Scorecard(parts=CARD.parts, intercept=0.0)
    told = facts(Subject(card=old, declared={}))
    assert (told["Purpose"], told["Separation (AUC)"]) == ("not said yet", "not known")
    assert "Period" not in told
    assert "Agreement with what was fitted" not in told
    assert title_of(Subject(card=old, declared={})) == "Scorecard"


def test_model_card__in_french__has_no_english_term() -> None:
    with translation.override("fr"):
        french = model_card(ABOUT)
        assert title_of(ABOUT) == "Ouvre un dépôt sous 90 jours"
    english = {text for section in model_card(ABOUT) for text in (section.title, *(t for t, _ in section.facts))}
    said = {text for section in french for text in (section.title, *(term for term, _ in section.facts))}
    assert said & english <= {"Balance", "Segment"}


def test_model_card__off_by_much__says_to_rely_on_the_order() -> None:
    card = replace(CARD, trained=replace(TRAINED, ece=0.089))
    (limits,) = [section for section in model_card(Subject(card=card, declared={})) if section.title == "Limits"]
    assert any("off by 8.9 in 100 on average" in note for note in limits.notes)


def test_model_card__what_was_found__stands_in_it_with_why_it_was_accepted() -> None:
    finding = Finding(code="base_rate", severity="warns", evidence={"early": 0.1, "late": 0.2})
    about = Subject(
        card=CARD,
        declared={},
        findings=(FoundThen(finding=finding, accepted="A new branch"),),
        comparison="It was worse. Put in force all the same: it knows the branch",
    )
    (found,) = [section for section in model_card(about) if section.title == "What was found when it was made"]
    assert found.notes[0].startswith("The outcome moved within the training window")
    assert found.notes[0].endswith("Accepted: A new branch")
    assert found.notes[1].startswith("It was worse.")
