"""How good scores are, as pure functions of outcomes and scores: arrays of shape (n,), outcomes 0 or 1."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]
Fit = Callable[[Mapping[str, Any], Any], Callable[[Mapping[str, Any]], Floats]]


def auc(y: Any, score: Any) -> float:
    """Return the area under the ROC curve: the chance that a positive outranks a negative, ties counting
    half.

    NaN when one class is absent. Source: Hanley and McNeil 1982.
    """
    outcomes, scores = _pair(y, score)
    positives = int(outcomes.sum())
    negatives = len(outcomes) - positives
    if not positives or not negatives:
        return float("nan")
    _values, place, counts = np.unique(scores, return_inverse=True, return_counts=True)
    last = np.cumsum(counts)
    ranks = (last - (counts - 1) / 2.0)[place]
    return float((ranks[outcomes == 1].sum() - positives * (positives + 1) / 2.0) / (positives * negatives))


def alift(y: Any, score: Any) -> float:
    """Return the area under the cumulative gains curve, `pi / 2 + (1 - pi) * AUC` with pi the rate of
    positives.

    Source: Moro, Cortez and Rita 2014; Vuk and Curk 2006.
    """
    rate = float(np.mean(np.asarray(y, dtype=np.float64)))
    return rate / 2.0 + (1.0 - rate) * auc(y, score)


def brier(y: Any, probability: Any) -> float:
    """Return the mean squared distance of probability and outcome, 0 to 1, less is better (Brier 1950)."""
    outcomes, probabilities = _pair(y, probability)
    return float(np.mean((probabilities - outcomes) ** 2))


def log_loss(y: Any, probability: Any) -> float:
    """Return the mean negative log-likelihood, in nats; probabilities are held off 0 and 1 by 1e-15."""
    outcomes, probabilities = _pair(y, probability)
    held = np.clip(probabilities, 1e-15, 1.0 - 1e-15)
    return float(-np.mean(outcomes * np.log(held) + (1.0 - outcomes) * np.log(1.0 - held)))


def ece(y: Any, probability: Any, bins: int = 10) -> float:
    """Return the expected calibration error over equal-width bins: mean |rate - probability|, weighted by
    rows.

    Source: Naeini, Cooper and Hauskrecht 2015.
    """
    outcomes, probabilities = _pair(y, probability)
    place = np.clip((probabilities * bins).astype(np.intp), 0, bins - 1)
    gap = np.bincount(place, weights=probabilities - outcomes, minlength=bins)
    return float(np.abs(gap).sum() / len(outcomes))


def lift_at(y: Any, score: Any, share: float = 0.1) -> float:
    """Return the rate of positives among the best `share` of rows, over the rate among all; ties count by
    share.
    """
    outcomes, scores = _pair(y, score)
    wanted = max(1, round(share * len(outcomes)))
    border = np.sort(scores)[::-1][wanted - 1]
    above, level = scores > border, scores == border
    found = outcomes[above].sum() + outcomes[level].mean() * (wanted - above.sum())
    return float(found / wanted / outcomes.mean())


def rolling_scores(
    X: Mapping[str, Any], y: Any, *, start: int, window: int, step: int, fit: Fit
) -> npt.NDArray[np.float64]:
    """Return the scores of rows `start` onwards, shape (n - start,), each by a model of the rows before its
    block; what `fit` gives may say several numbers of a row, which are then further axes.

    Rows are in time order. Every `step` rows, `fit(columns, outcomes)` learns from the `window` rows before
    and returns the function that scores the next block: what a product that refits on a schedule would have
    shown.
    """
    columns = {name: np.asarray(X[name]) for name in X}
    outcomes = np.asarray(y)
    blocks = []
    for begin in range(start, len(outcomes), step):
        seen = slice(max(0, begin - window), begin)
        score = fit({name: values[seen] for name, values in columns.items()}, outcomes[seen])
        blocks.append(score({name: values[begin : begin + step] for name, values in columns.items()}))
    return np.concatenate(blocks) if blocks else np.empty(0)


def _pair(y: Any, score: Any) -> tuple[Floats, Floats]:
    outcomes, scores = np.asarray(y, dtype=np.float64), np.asarray(score, dtype=np.float64)
    if outcomes.shape != scores.shape or outcomes.ndim != 1 or not len(outcomes):
        raise ValueError(
            f"y has the shape {outcomes.shape}, the scores {scores.shape}; give two equal, non-empty columns"
        )
    return outcomes, scores
