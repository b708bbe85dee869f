"""Reasons: the strongest for and against."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from crm_assist.scorecards import Score


def score(*points: float) -> Score:
    return Score(
        probability=0.5,
        interval=(0.4, 0.6),
        logit=0.0,
        base=0.0,
        names=tuple(f"x{i}" for i in range(len(points))),
        values=(None,) * len(points),
        points=points,
        bins=(0,) * len(points),
        unknown=(False,) * len(points),
    )


def shown(*points: float, n: int) -> list[float]:
    return [reason.points for reason in score(*points).strongest(n)]


def test_reasons__many_of_both__are_half_for_and_half_against() -> None:
    assert shown(0.9, 0.8, 0.7, 0.6, -0.1, -0.2, -0.3, n=4) == [0.9, 0.8, -0.3, -0.2]


def test_reasons__few_against__are_filled_up_with_reasons_for() -> None:
    assert shown(0.9, 0.8, 0.7, 0.6, -0.1, n=4) == [0.9, 0.8, 0.7, -0.1]
    assert shown(-0.9, -0.8, -0.7, 0.1, n=4) == [-0.9, -0.8, -0.7, 0.1]


def test_reasons__nothing_added__is_no_reason() -> None:
    assert shown(0.0, 0.0, n=6) == []
    assert shown(0.3, n=0) == []


@given(points=st.lists(st.floats(-5, 5), max_size=12), n=st.integers(0, 8))
def test_reasons__any_points__are_the_strongest_of_each_side(points: list[float], n: int) -> None:
    found = shown(*points, n=n)
    assert len(found) == min(n, sum(p != 0 for p in points))
    assert found == sorted(found, key=lambda p: -abs(p))
    for side in (lambda p: p > 0, lambda p: p < 0):
        chosen = [p for p in found if side(p)]
        assert chosen == sorted(filter(side, points), key=lambda p: -abs(p))[: len(chosen)]
