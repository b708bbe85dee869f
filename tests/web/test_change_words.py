"""A difference in words: the largest move first, in the words of the adapter."""

from __future__ import annotations

from dataclasses import replace

from django.utils import translation

from crm_assist import features as f
from crm_assist.scorecards import Scorecard, Training
from crm_assist.web.change_words import difference_told
from tests.scorecards.examples import category, number

DECLARED = {
    "balance": f.Number("balance", "balance", label="Balance", unit="EUR"),
    "job": f.Category("job", "job", label="Job", labels={"nurse": "Nurse"}),
}
OLD = Scorecard(
    parts=(
        number("balance", (1000.0,), (-0.2, 0.3, 0.0)),
        category("job", ("nurse",), (0.0, 0.1, 0.0)),
        number("old", (1.0,), (0.0, 0.1, 0.0)),
    ),
    intercept=-1.0,
    trained=Training(rows=100, positives=20, until="2026-01-31", auc=0.7),
)
NEW = replace(
    OLD,
    parts=(number("balance", (1000.0,), (-0.2, 0.9, 0.0)), OLD.parts[1], number("new", (1.0,), (0.0, 0.1, 0.0))),
    trained=Training(rows=200, positives=20, until="2026-02-28", auc=0.72),
)


def test_difference__told__names_what_moved_came_and_went() -> None:
    told = difference_told(OLD, NEW, DECLARED)
    assert [change.label for change in told.changes] == ["Balance", "new", "old"]
    assert "moves the score of the usual customer by 4.1 in 100" in told.changes[0].sentence
    assert told.changes[0].cells == ("from €1,000: +0.300 before, +0.900 now",)
    assert told.changes[1].sentence.startswith("new in the card")
    assert told.changes[2].sentence.startswith("no longer in the card")
    assert told.same == ("Job",)
    assert ("Rows: a customer at a moment", "100", "200") in told.figures
    assert ("Separation (AUC)", "0.700", "0.720") in told.figures


def test_difference__of_equal_cards__names_nothing() -> None:
    told = difference_told(OLD, OLD, DECLARED)
    assert told.changes == ()
    assert set(told.same) == {"Balance", "Job", "old"}


def test_difference__in_french__is_french() -> None:
    with translation.override("fr"):
        told = difference_told(OLD, NEW, DECLARED)
    assert told.changes[0].cells[0].endswith("+0,300 avant, +0,900 maintenant")
    assert "client habituel" in told.changes[0].sentence
