"""Intervals from counts: against published and simulated values."""

from __future__ import annotations

from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crm_assist.scorecards.certainty import auc_interval, rate_interval
from crm_assist.scorecards.parts import QUANTILE


def test_auc_interval__of_hanley_and_mcneil__has_their_standard_error() -> None:
    interval = auc_interval(0.893, 51, 58)
    assert interval is not None
    assert (interval[1] - interval[0]) / (2 * QUANTILE) == pytest.approx(0.032, abs=1e-3)


def test_auc_interval__scores_drawn_again__covers_the_truth_nine_times_in_ten() -> None:
    chance, covered = Random(3), 0
    for _again in range(300):
        positives = [chance.expovariate(1.0) for _ in range(60)]
        negatives = [chance.expovariate(2.0) for _ in range(140)]
        found = sum(p > n for p in positives for n in negatives) / (60 * 140)
        low, high = auc_interval(found, 60, 140) or (0.0, 0.0)
        covered += low <= 2 / 3 <= high  # two exponentials of rates 1 and 2: the first is larger in two of three
    assert 0.86 <= covered / 300 <= 0.94


@given(auc=st.floats(0, 1), positives=st.integers(1, 10**6), negatives=st.integers(1, 10**6))
def test_auc_interval__any_counts__holds_the_area_and_stays_within_0_and_1(
    auc: float, positives: int, negatives: int
) -> None:
    low, high = auc_interval(auc, positives, negatives) or (2.0, -1.0)
    assert 0.0 <= low <= auc <= high <= 1.0


@pytest.mark.parametrize(
    ("auc", "positives", "negatives"), [(0.7, 0, 5), (0.7, 5, 0), (1.2, 5, 5), (float("nan"), 5, 5)]
)
def test_auc_interval__nothing_to_go_by__is_none(auc: float, positives: int, negatives: int) -> None:
    assert auc_interval(auc, positives, negatives) is None


def test_rate_interval__nothing_found__still_allows_for_some() -> None:
    low, high = rate_interval(0, 30) or (1.0, 0.0)
    assert low == pytest.approx(0.0, abs=1e-12)
    assert high == pytest.approx(QUANTILE**2 / (30 + QUANTILE**2))
    assert rate_interval(0, 0) is None
