"""Reasons: the strongest for and against."""

from __future__ import annotations

import math
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crm_assist.scorecards import Score
from crm_assist.scorecards.parts import QUANTILE
from crm_assist.scorecards.row import sigmoid
from tests.scorecards.examples import LEVELS, paired_card


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


def test_reasons__strong_pair__stands_among_them_with_both_features() -> None:
    card = paired_card()
    row = {**dict.fromkeys(card.features), "real": 0.2, "few": "NULL", "whole": 3, "flag": True}
    found = card.score(row)
    told = [reason for reason in found.contributions if reason.beside]
    assert [(reason.feature, reason.beside) for reason in told] == [pair.names for pair in card.pairs]
    assert (told[0].value, told[0].beside_value) == (0.2, "NULL")
    first = card.pairs[0]
    assert told[0].points == card.calibration.slope * first.points[told[0].bin * first.width + told[0].beside_bin]
    strongest = max(told, key=lambda reason: abs(reason.points))
    assert strongest in found.strongest(len(found.contributions))


@given(real=st.none() | st.floats(), few=st.none() | st.sampled_from(LEVELS), whole=st.none() | st.integers())
def test_contributions__with_pairs__add_up_to_the_logit(real: float | None, few: str | None, whole: int | None) -> None:
    card = paired_card()
    row = {**dict.fromkeys(card.features), "real": real, "few": few, "whole": whole}
    found = card.score(row)
    total = found.base + sum(reason.points for reason in found.contributions)
    assert total == pytest.approx(found.logit, abs=1e-9)
    assert card.one(row) == pytest.approx(found.probability, abs=1e-12)
    assert found.interval[0] < found.probability < found.interval[1]


@pytest.mark.parametrize(("n", "p"), [(20, 0.5), (400, 0.1), (5_000, 0.01)])
def test_evidence__interval_of_a_counted_rate__is_how_many_were_counted(n: int, p: float) -> None:
    reach = QUANTILE / math.sqrt(n * p * (1 - p))
    logit = math.log(p / (1 - p))
    told = score()._replace(probability=p, logit=logit, interval=(sigmoid(logit - reach), sigmoid(logit + reach)))
    assert told.evidence == pytest.approx(n)


def test_evidence__no_uncertainty_claimed__is_without_end() -> None:
    assert score()._replace(interval=(0.5, 0.5)).evidence == math.inf
    assert score()._replace(interval=(0.0, 1.0)).evidence == math.inf


def test_score__pair_less_sure__has_a_wider_interval() -> None:
    card = paired_card()
    row = dict.fromkeys(card.features)
    doubtful = replace(card, pairs=tuple(replace(p, diagonal=(4.0,) * len(p.points)) for p in card.pairs))
    (low, high), (lower, higher) = card.score(row).interval, doubtful.score(row).interval
    assert lower < low < high < higher


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
