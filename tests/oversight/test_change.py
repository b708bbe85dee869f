"""Why a rate changed: contributions sum up to the change, and fall where they belong."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crm_assist.oversight.answers import shifts
from crm_assist.oversight.change import Change, change, explained
from crm_assist.oversight.rates import Rate

RATE = st.integers(0, 400).flatmap(lambda n: st.integers(0, n).map(lambda hits: Rate(hits=hits, n=n)))
PERIOD = st.dictionaries(st.sampled_from("abcdef"), RATE, max_size=6)
ANSWERS = st.sampled_from([("accepted", ""), ("rejected", "wrong_data"), ("later", ""), ("", "")])
COUNTS = st.dictionaries(ANSWERS, st.integers(0, 500), max_size=4)


def rate(hits: int, n: int) -> Rate:
    return Rate(hits=hits, n=n)


def contributions(found: Change) -> dict[str, tuple[float, float]]:
    return {part.name: (round(part.own, 4), round(part.mix, 4)) for part in found.parts}


@given(PERIOD, PERIOD)
def test_change__any_two_periods__contributions_sum_up_to_the_gap(
    before: dict[str, Rate], after: dict[str, Rate]
) -> None:
    found = change(before, after)
    if found.before.n and found.after.n:
        assert explained(found) == pytest.approx(found.gap, abs=1e-12)
    else:
        assert explained(found) == 0.0


@given(PERIOD, PERIOD)
def test_change__told_backwards__every_part_has_the_other_sign(before: dict[str, Rate], after: dict[str, Rate]) -> None:
    there = {part.name: part.total for part in change(before, after).parts}
    back = {part.name: -part.total for part in change(after, before).parts}
    assert there == pytest.approx(back, abs=1e-12)


def test_change__one_team_does_worse__it_alone_explains_the_fall() -> None:
    found = change({"north": rate(40, 100), "south": rate(40, 100)}, {"north": rate(20, 100), "south": rate(40, 100)})
    assert contributions(found) == {"north": (-0.1, 0.0), "south": (0.0, 0.0)}
    assert found.parts[0].name == "north"


def test_change__more_of_what_does_worse__is_told_as_mix() -> None:
    found = change({"card": rate(50, 100), "loan": rate(10, 100)}, {"card": rate(25, 50), "loan": rate(15, 150)})
    assert contributions(found) == {"card": (0.0, -0.0625), "loan": (0.0, -0.0375)}
    assert found.gap == pytest.approx(-0.1)


def test_change__a_part_that_is_new__counts_by_the_rate_it_has_and_not_from_nought() -> None:
    found = change({"card": rate(30, 100)}, {"card": rate(30, 100), "loan": rate(30, 100)})
    assert contributions(found) == {"card": (0.0, 0.0), "loan": (0.0, 0.0)}


@pytest.mark.parametrize(
    ("before", "after", "verdict"),
    [
        ((400, 1000), (300, 1000), "fell"),
        ((300, 1000), (400, 1000), "rose"),
        ((300, 1000), (310, 1000), "steady"),
        ((9, 9), (0, 1000), "unknown"),
        ((300, 1000), (0, 0), "unknown"),
    ],
)
def test_verdict__only_what_chance_hardly_does__is_a_rise_or_a_fall(
    before: tuple[int, int], after: tuple[int, int], verdict: str
) -> None:
    assert change({"all": rate(*before)}, {"all": rate(*after)}).verdict == verdict


def test_part__seen_by_fewer_than_ten_in_a_period__is_not_shown() -> None:
    found = change({"a": rate(1, 9), "b": rate(5, 50)}, {"a": rate(5, 50), "c": rate(5, 50)})
    assert {part.name: part.is_shown for part in found.parts} == {"a": False, "b": True, "c": True}


@given(COUNTS, COUNTS)
def test_shifts__any_two_periods__answers_sum_up_to_the_change_of_acceptance(
    before: dict[tuple[str, str], int], after: dict[tuple[str, str], int]
) -> None:
    n_before, n_after = sum(before.values()), sum(after.values())
    accepted = ("accepted", "")
    if n_before and n_after:
        gap = after.get(accepted, 0) / n_after - before.get(accepted, 0) / n_before
        assert sum(one.total for one in shifts(before, after)) == pytest.approx(gap, abs=1e-12)


def test_shifts__more_rejections_for_wrong_data__stand_first_with_a_minus() -> None:
    before = {("accepted", ""): 40, ("rejected", "wrong_data"): 10, ("", ""): 50}
    after = {("accepted", ""): 20, ("rejected", "wrong_data"): 35, ("", ""): 45}
    found = shifts(before, after)
    assert [(one.answer, one.reason, round(one.total, 2)) for one in found] == [
        ("rejected", "wrong_data", -0.25),
        ("", "", 0.05),
    ]
