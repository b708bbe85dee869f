"""Values in the words of the reader."""

from __future__ import annotations

from datetime import timedelta
from decimal import Context, Decimal, localcontext
from typing import Any

import pytest
from django.utils.translation import override

from crm_assist import features as f

AMOUNT = f.Number("balance", "balance", label="Balance", unit="EUR")


@pytest.mark.parametrize(
    ("value", "words"),
    [
        (Decimal("1200.50"), "€1,200"),
        (12.5, "€12.50"),
        (1_234_567, "€1,234,567"),
        (-3, "€-3"),
        (0.1 + 0.2, "€0.30"),
        (None, "not known"),
        (float("inf"), "€∞"),
    ],
)
def test_display__amount_of_money__is_rounded_and_grouped(value: Any, words: str) -> None:
    with override("en"):
        assert AMOUNT.display(value) == words


def test_display__numbers__are_written_as_the_language_writes_them() -> None:
    with override("fr"):
        assert f.Number("x", "x", label="").display(Decimal("1234.5")).replace("\u202f", " ").replace("\xa0", " ") in (
            "1 234",
            "1 235",
        )
        assert f.Number("x", "x", label="").display(2.25) == "2,25"


@pytest.mark.parametrize(
    ("unit", "value", "words"),
    [("", 3, "3"), ("calls", 3, "3 calls"), ("%", 12.5, "12.50%"), ("", True, "yes"), ("GBP", 5, "£5")],
)
def test_display__other_units__stand_behind_the_number(unit: str, value: Any, words: str) -> None:
    assert f.Number("x", "x", label="", unit=unit).display(value) == words


@pytest.mark.parametrize(
    ("days", "words"),
    [(0, "0 days"), (1.9, "1 day"), (59, "59 days"), (61, "2 months"), (729, "23 months"), (731, "2 years"),
     (13_149, "36 years"), (-5, "-5 days"), (None, "not known")],
)  # fmt: skip
def test_display__age__is_what_a_person_would_say(days: float | None, words: str) -> None:
    assert f.Age("age", "birth_date", label="Age").display(days) == words


def test_display__duration__is_an_age() -> None:
    assert f.Number("x", "x", label="").display(timedelta(days=3)) == "3 days"


@pytest.mark.parametrize(("value", "words"), [(1, "yes"), (0, "no"), (True, "yes"), (None, "not known")])
def test_display__flag__is_yes_or_no(value: Any, words: str) -> None:
    assert f.Flag("x", "x", label="").display(value) == words


@pytest.mark.parametrize(("value", "words"), [(1, "Holds: Card"), (0, "Does not hold: Card"), (None, "")])
def test_sentence__flag_with_words_for_yes_and_no__is_one_of_them(value: Any, words: str) -> None:
    flag = f.Flag("x", "x", label="Card held", yes="Holds: Card", no="Does not hold: Card")
    assert flag.sentence(value) == words


@pytest.mark.parametrize("feature", [AMOUNT, f.Age("x", "x", label=""), f.Flag("x", "x", label="")])
def test_sentence__any_other_feature__leaves_it_to_label_and_value(feature: f.Feature) -> None:
    assert feature.sentence(1) == ""


@pytest.mark.parametrize(
    ("value", "words"), [("vip", "Very important"), ("other", "other"), ("", "not given"), (None, "not known")]
)
def test_display__category__goes_by_its_label(value: Any, words: str) -> None:
    assert f.Category("x", "x", label="", labels={"vip": "Very important"}).display(value) == words


@pytest.mark.parametrize(
    ("value", "words"),
    [
        (10**15 + 1, "1,000,000,000,000,001"),
        (10**21 - 1, "999,999,999,999,999,999,999"),
        (1e28, "1.00e+28"),
        (-1.5e300, "-1.50e+300"),
        (Decimal("1e400"), "1.00e+400"),
        (Decimal("Infinity"), "∞"),
        (Decimal("-Infinity"), "-∞"),
        (float("nan"), "not known"),
        (Decimal("NaN"), "not known"),
        (5e-324, "0.00"),
    ],
)
def test_display__number_of_any_size__has_words(value: Any, words: str) -> None:
    assert f.Number("x", "x", label="").display(value) == words


def test_display__process_with_a_narrow_decimal_context__changes_nothing() -> None:
    with localcontext(Context(prec=3)):
        assert AMOUNT.display(1_234_567.891) == "€1,234,568"


@pytest.mark.parametrize(("days", "words"), [(float("inf"), "∞"), (float("-inf"), "-∞"), (float("nan"), "not known")])
def test_display__age_without_an_end__has_words(days: float, words: str) -> None:
    assert f.Age("age", "birth_date", label="Age").display(days) == words


def test_value__not_a_number__is_missing() -> None:
    assert AMOUNT.value(float("nan")) is None
    assert AMOUNT.value(float("inf")) == float("inf")
    assert AMOUNT.value(0) == 0
