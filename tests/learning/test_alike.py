"""Constant columns and columns that repeat another: exact facts, whatever the values are called."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crm_assist.learning.alike import constants, duplicates
from crm_assist.learning.columns import read_columns

LEVELS = ["clerk", "nurse", "clerk", None, "pilot", "nurse", "clerk", "pilot"]
NUMBERS = [3.0, 1.0, 3.0, None, 7.5, 1.0, 3.0, 7.5]


def repeats(**columns: Any) -> list[tuple[str, str]]:
    return [(found.feature, found.other) for found in duplicates(read_columns(columns))]


def test_constants__one_value_or_none_known__are_named() -> None:
    columns = read_columns({"same": [2, 2, 2], "empty": [None, None, None], "gaps": [2, None, 2], "varied": [1, 2, 3]})
    found = constants(columns)
    assert [(one.feature, one.severity, one.evidence["rows"]) for one in found] == [
        ("same", "warns", 3),
        ("empty", "warns", 3),
    ]
    assert "“same” says nothing" in found[0].message


@pytest.mark.parametrize(
    "other",
    [
        [2 * value + 1 if value is not None else None for value in NUMBERS],
        [-value if value is not None else None for value in NUMBERS],
        [None if value is None else {1.0: "b", 3.0: "c", 7.5: "a"}[value] for value in NUMBERS],
        LEVELS,
    ],
    ids=["same order", "opposite order", "texts for numbers", "same groups by other names"],
)
def test_duplicates__same_order_or_same_groups__names_the_later(other: list[Any]) -> None:
    assert repeats(first=NUMBERS, second=other) == [("second", "first")]


def test_duplicates__one_row_apart__is_silent() -> None:
    changed = [*NUMBERS[:-1], 1.0]
    assert repeats(first=NUMBERS, second=changed) == []
    assert repeats(first=NUMBERS, second=[*NUMBERS[:3], 3.0, *NUMBERS[4:]]) == []


def test_duplicates__every_row_its_own_value__is_no_copy_by_its_groups_alone() -> None:
    assert repeats(first=[1, 2, 3, 4, 5, 6], second=[2, 1, 3, 6, 4, 5]) == []
    assert repeats(first=[1, 2, 3, 4, 5, 6], second=["b", "a", "c", "f", "d", "e"]) == []
    assert repeats(first=[1, 2, 3, 4, 5, 6], second=[1, 4, 9, 16, 25, 36]) == [("second", "first")]


def test_duplicates__constant_columns__are_not_called_copies_too() -> None:
    assert repeats(first=[1, 1, 1, 1], second=[2, 2, 2, 2], third=[1, 2, 1, 2]) == []


def test_duplicates__three_alike__both_later_ones_name_the_first() -> None:
    assert repeats(a=NUMBERS, b=NUMBERS, c=LEVELS) == [("b", "a"), ("c", "a")]


@given(values=st.lists(st.integers(-50, 50), min_size=3, max_size=40).filter(lambda v: len(set(v)) > 1))
def test_duplicates__any_rising_or_falling_change_of_a_number__is_found(values: list[int]) -> None:
    rising, falling = [value**3 + 7 for value in values], [-5 * value for value in values]
    assert repeats(first=values, rising=rising, falling=falling) == [("rising", "first"), ("falling", "first")]
