"""Measures against scikit-learn's, their laws, and the rolling protocol."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from sklearn.metrics import brier_score_loss, roc_auc_score
from sklearn.metrics import log_loss as sklearn_log_loss

from crm_assist.learning.evaluation import alift, auc, brier, ece, lift_at, log_loss, rolling_scores

pairs = st.lists(st.tuples(st.integers(0, 1), st.integers(0, 20)), min_size=2, max_size=60)


@given(pairs=pairs)
def test_measures__any_rows__equal_scikit_learn(pairs: list[tuple[int, int]]) -> None:
    y, score = np.array([p[0] for p in pairs]), np.array([p[1] / 20 for p in pairs])
    assume(0 < y.sum() < len(y))
    assert auc(y, score) == pytest.approx(roc_auc_score(y, score), abs=1e-12)
    assert brier(y, score) == pytest.approx(brier_score_loss(y, score), abs=1e-12)
    held = np.clip(score, 1e-15, 1 - 1e-15)
    assert log_loss(y, score) == pytest.approx(sklearn_log_loss(y, held), rel=1e-9)


@given(pairs=pairs)
def test_auc__scores_turned_around__is_the_complement(pairs: list[tuple[int, int]]) -> None:
    y, score = np.array([p[0] for p in pairs]), np.array([p[1] for p in pairs])
    assume(0 < y.sum() < len(y))
    assert auc(y, score) + auc(y, -score) == pytest.approx(1.0)


def test_auc__one_class__is_not_a_number() -> None:
    assert np.isnan(auc([1, 1], [0.1, 0.2]))


def test_alift__is_the_area_under_cumulative_gains() -> None:
    assert alift([0, 0, 1, 1], [0.1, 0.2, 0.3, 0.4]) == pytest.approx(0.75)


def test_ece__known_bins__is_the_weighted_gap() -> None:
    assert ece([0, 1, 1, 1], [0.25, 0.25, 0.95, 1.0]) == pytest.approx((0.5 + 0.05) / 4)


def test_lift_at__ties__count_by_share() -> None:
    assert lift_at([1, 0, 0, 0], [0.9, 0.1, 0.1, 0.1], share=0.25) == pytest.approx(4.0)
    assert lift_at([1, 0, 0, 0], [0.5] * 4, share=0.25) == pytest.approx(1.0)


def test_measures__other_lengths__are_refused() -> None:
    with pytest.raises(ValueError, match="two equal, non-empty columns"):
        auc([1, 0], [0.5])


def test_rolling_scores__each_block__sees_only_the_window_before_it() -> None:
    seen: list[tuple[int, int]] = []

    def fit(columns, outcomes):  # type: ignore[no-untyped-def]
        seen.append((int(columns["x"][0]), int(columns["x"][-1])))
        return lambda block: block["x"] * 1.0

    found = rolling_scores({"x": list(range(20))}, [0, 1] * 10, start=10, window=8, step=4, fit=fit)
    assert found.tolist() == list(range(10, 20))
    assert seen == [(2, 9), (6, 13), (10, 17)]
