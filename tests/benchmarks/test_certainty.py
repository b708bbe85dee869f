"""Standard errors agree with what repeated sampling shows."""

from __future__ import annotations

import numpy as np
import pytest

from benchmarks.certainty import auc_error, gap_error, share_error
from crm_assist.learning.evaluation import auc


def samples(count: int) -> list[tuple[np.ndarray, np.ndarray, np.ndarray]]:
    """Outcomes with two scores that share half of what they know."""
    draw = np.random.default_rng(3)
    found = []
    for _ in range(count):
        y = (draw.random(400) < 0.3).astype(int)
        known = y + draw.normal(0, 1.5, 400)
        found.append((y, known + draw.normal(0, 0.5, 400), known + draw.normal(0, 0.5, 400)))
    return found


def test_auc_error__is_the_spread_of_the_auc_between_samples() -> None:
    drawn = samples(400)
    spread = np.std([auc(y, one) for y, one, _ in drawn])
    assert np.mean([auc_error(y, one) for y, one, _ in drawn]) == pytest.approx(spread, rel=0.1)


def test_gap_error__of_the_same_rows__is_the_spread_of_the_gap() -> None:
    drawn = samples(400)
    spread = np.std([auc(y, one) - auc(y, other) for y, one, other in drawn])
    assert np.mean([gap_error(y, one, other) for y, one, other in drawn]) == pytest.approx(spread, rel=0.1)


def test_gap_error__of_a_score_with_itself__is_zero() -> None:
    y, one, _ = samples(1)[0]
    assert gap_error(y, one, one) == 0.0


def test_share_error__is_that_of_a_binomial_share() -> None:
    assert share_error(0.8, 1600) == pytest.approx(0.01)
