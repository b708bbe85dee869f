"""Sigmoid calibration (Platt 1999): the line through held-out logits that makes them honest probabilities."""

from __future__ import annotations

import numpy as np

from ..scorecards import Calibration
from .columns import Floats

PRIOR = 1.0
"""The pull towards slope 1 and offset 0, in units of the penalised log-likelihood: it matters for tiny data
only.
"""

LEAST_SLOPE, MOST_SLOPE = 0.05, 20.0


def fit_calibration(logits: Floats, y: Floats, weight: Floats) -> Calibration:
    """Return the slope and offset that minimise the penalised log loss of held-out logits, shape (n,).

    The slope stays within 0.05 and 20, so that calibration never turns the order around.
    """
    slope, offset = 1.0, 0.0
    for _step in range(100):
        change = _newton_step(slope, offset, logits, y, weight)
        longest = float(np.abs(change).max())
        change = change / max(1.0, longest)
        slope, offset = slope - float(change[0]), offset - float(change[1])
        slope = min(MOST_SLOPE, max(LEAST_SLOPE, slope))
        if longest < 1e-10:
            break
    return Calibration(slope=slope, offset=offset)


def _newton_step(slope: float, offset: float, logits: Floats, y: Floats, weight: Floats) -> Floats:
    probability = 1.0 / (1.0 + np.exp(-np.clip(slope * logits + offset, -700, 700)))
    error = weight * (probability - y)
    gradient = np.array([error @ logits + PRIOR * (slope - 1.0), error.sum() + PRIOR * offset])
    curve = weight * probability * (1.0 - probability)
    cross = curve @ logits
    hessian = np.array([[curve @ logits**2 + PRIOR, cross], [cross, curve.sum() + PRIOR]])
    step: Floats = np.linalg.solve(hessian, gradient)
    return step
