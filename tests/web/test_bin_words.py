"""Bins in plain words: with unit and label, rounded as far as a reader needs, no two alike."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import translation
from hypothesis import given
from hypothesis import strategies as st

from crm_assist import features as f
from crm_assist.scorecards import Feature
from crm_assist.web.bin_words import counts_whole, range_of


def told(declared: f.Feature | None, *edges: float) -> list[str]:
    part = Feature(name="x", kind="number", edges=edges, points=(0.0,) * (len(edges) + 2))
    return [range_of(part.bin(code), part.edges, declared) for code in range(part.size)]


def test_money__has_its_currency_and_the_digits_it_needs() -> None:
    balance = f.Number("balance", "balance", label="Balance", unit="EUR")
    assert told(balance, 1000.0, 2000.0) == ["below €1,000", "€1,000 to below €2,000", "from €2,000", "not known"]
    assert told(balance, 103.276, 104.119)[1] == "€103.28 to below €104.12"
    with translation.override("fr"):
        assert (
            told(balance, 1000.25, 2000.4)[1].replace("\u202f", "\xa0") == "de 1\xa0000\xa0€ à moins de 2\xa0000\xa0€"
        )


def test_counts__between_whole_numbers__are_told_by_them() -> None:
    assert told(None, 0.5, 1.5, 3.5) == ["up to 0", "1", "2 to 3", "from 4", "not known"]
    assert told(f.Number("n", "n", label="N", unit="EUR"), 999.5, 2000.0)[1] == "€1,000 to €1,999"


def test_ages__are_years_months_or_days_and_told_apart() -> None:
    age = f.Age("age", "born", label="Age")
    day = timedelta(days=1) / timedelta(days=1)
    assert told(age, 30 * day, 400 * day, 14_000 * day) == [
        "below 30 days",
        "30 days to below 13 months",
        "13 months to below 38 years",
        "from 38 years",
        "not known",
    ]
    assert told(age, 14_000 * day, 14_100 * day)[1] == "38.33 years to below 38.6 years"


def test_flags__are_yes_and_no() -> None:
    flag = f.Flag("vip", "vip", label="VIP")
    assert told(flag, 0.5) == ["no", "yes", "not known"]
    assert told(flag) == ["any", "not known"]


def test_missing__has_the_word_of_its_feature() -> None:
    assert told(f.Number("n", "n", label="N", missing="never"), 1.0)[-1] == "never"


def test_numbers__huge_and_tiny__stay_readable() -> None:
    assert told(None, 1e300, 1.1e300)[1] == "1.00e+300 to below 1.10e+300"
    assert told(None, 5e-324, 0.25)[0] == "below 0"


@pytest.mark.parametrize(
    ("edges", "whole"), [((0.5,), True), ((1.0, 2.5), True), ((30.0,), False), ((0.25, 1.0), False), ((), False)]
)
def test_whole_numbers__are_known_by_edges_half_way_between_them(edges: tuple[float, ...], whole: bool) -> None:
    assert counts_whole(edges) is whole


@given(st.lists(st.floats(-1e6, 1e6).map(lambda edge: round(edge, 4)), min_size=1, max_size=8, unique=True))
def test_ranges__of_any_edges__are_all_different(edges: list[float]) -> None:
    ranges = told(None, *sorted(edges))
    assert len(set(ranges)) == len(ranges)
