"""The public rule of bins, one value at a time."""

from __future__ import annotations

import math
from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from crm_assist.scorecards import CardError
from crm_assist.scorecards.binning import category_bin, coarser_bins, number_bin, read_number

EDGES = (0.0, 10.0)
INDEX = {"": 1, "clerk": 2, "true": 3, "7": 4}


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (-0.1, 0), (0.0, 1), (-0.0, 1), (9.99, 1), (10, 2), (math.inf, 2), (-math.inf, 0), (10**400, 2),
        (-(10**400), 0), (Decimal("9.999"), 1), (Decimal("Infinity"), 2), (Fraction(21, 2), 2), (True, 1),
        (timedelta(days=10), 2), (timedelta(hours=-1), 0), (np.float32(10), 2), (np.int64(-3), 0),
        (np.bool_(True), 1), (np.timedelta64(36, "h"), 1), (pd.Timedelta(days=11), 2),
    ],
)  # fmt: skip
def test_number_bin__value__falls_right_of_the_edges_at_or_below_it(value: object, expected: int) -> None:
    assert number_bin(value, EDGES, "balance") == expected


@pytest.mark.parametrize(
    "value", [None, math.nan, Decimal("NaN"), Decimal("sNaN"), np.nan, pd.NA, pd.NaT, np.timedelta64("NaT", "D")]
)
def test_number_bin__unknown__is_the_last_bin(value: object) -> None:
    assert number_bin(value, EDGES, "balance") == 3


@pytest.mark.parametrize("value", ["12", "", date(2026, 1, 1), [1], {}, 1j, b"1"])
def test_number_bin__no_number__names_feature_value_and_remedy(value: object) -> None:
    with pytest.raises(CardError, match=r"feature 'balance': .* is not a number; give a number"):
        number_bin(value, EDGES, "balance")


def test_read_number__decimal_beside_an_edge__is_rounded_as_sql_does() -> None:
    assert read_number(Decimal("0.1"), "x") == 0.1
    assert number_bin(Decimal("0.1"), (0.1,), "x") == 1


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("clerk", 2), ("", 1), ("Clerk", 0), ("clerk ", 0), (True, 3), (False, 0), (7, 4), (np.int64(7), 4),
        (np.str_("clerk"), 2), (None, 5), (math.nan, 5), (pd.NA, 5),
    ],
)  # fmt: skip
def test_category_bin__value__is_its_level_or_pooled_or_missing(value: object, expected: int) -> None:
    assert category_bin(value, INDEX, "job") == expected


@pytest.mark.parametrize("value", [1.5, Decimal(1), [], date(2026, 1, 1), b"clerk"])
def test_category_bin__no_category__names_feature_value_and_remedy(value: object) -> None:
    with pytest.raises(CardError, match=r"feature 'job': .* is not a category; give text"):
        category_bin(value, INDEX, "job")


@given(
    edges=st.lists(st.floats(-9, 9), max_size=8, unique=True).map(sorted),
    kept=st.lists(st.booleans(), min_size=8, max_size=8),
    value=st.none() | st.floats(),
)
def test_coarser_bins__any_number__finds_the_bin_that_it_falls_in_itself(
    edges: list[float], kept: list[bool], value: float | None
) -> None:
    own = [edge for edge, keep in zip(edges, kept, strict=False) if keep]
    found = coarser_bins(edges, (), own, ())
    assert found[number_bin(value, edges, "x")] == number_bin(value, own, "x")


def test_coarser_bins__levels_that_are_not_its_own__are_pooled() -> None:
    assert coarser_bins((), ("a", "b", "c"), (), ("c", "a")) == (0, 2, 0, 1, 3)
    assert coarser_bins((), ("a",), (), ()) == (0, 0, 1)
