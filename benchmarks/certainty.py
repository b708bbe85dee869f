"""How sure a measured value is: standard errors of an AUC, of the gap between two, and of a share.

Rows count as independent; where they share the fate of a period, the true error is larger.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]


def auc_error(y: Any, score: Any) -> float:
    """The standard error of the AUC of scores, shape (n,), outcomes 0 or 1. Source: DeLong and others 1988."""
    return _error(*_placements(y, score))


def gap_error(y: Any, one: Any, other: Any) -> float:
    """The standard error of the difference between the AUCs of two scores of the same rows. Source: the same."""
    (up, down), (other_up, other_down) = _placements(y, one), _placements(y, other)
    return _error(up - other_up, down - other_down)


def share_error(share: float, n: int) -> float:
    """The standard error of a share of n independent cases."""
    return float(np.sqrt(share * (1.0 - share) / n))


def _placements(y: Any, score: Any) -> tuple[Floats, Floats]:
    """The share of negatives below each positive, and of positives above each negative; ties count half."""
    outcomes, scores = np.asarray(y) == 1, np.asarray(score, dtype=np.float64)
    positives, negatives = np.sort(scores[outcomes]), np.sort(scores[~outcomes])
    up = _below(negatives, scores[outcomes])
    return up, 1.0 - _below(positives, scores[~outcomes])


def _below(ordered: Floats, values: Floats) -> Floats:
    left, right = np.searchsorted(ordered, values, side="left"), np.searchsorted(ordered, values, side="right")
    share: Floats = (left + right) / (2.0 * len(ordered))
    return share


def _error(up: Floats, down: Floats) -> float:
    return float(np.sqrt(up.var(ddof=1) / len(up) + down.var(ddof=1) / len(down)))
