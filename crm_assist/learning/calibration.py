"""Sigmoid calibration (Platt 1999): the line through held-out logits that makes them honest probabilities.

A line is used only where it has proved itself on rows that it was not fitted on. A world that drifts moves
the base rate between one period and the next: a line fitted over such periods bends the slope to follow the
past.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from ..scorecards import Calibration
from .columns import Floats

PRIOR = 1.0
"""The pull towards slope 1 and offset 0, in units of the penalised log-likelihood: it matters for tiny data
only.
"""

Parts = npt.NDArray[np.intp]

LEAST_SLOPE, MOST_SLOPE = 0.05, 20.0


def calibrate(logits: Floats, y: Floats, weight: Floats, part: Parts, *, in_time: bool) -> Calibration:
    """Return the fitted line if it beats the plain logits on parts it was not fitted on, else slope 1, offset
    0.

    All of shape (n,); `part` numbers the folds. In time each part is judged by the line of the parts before
    it, otherwise by that of all others. The gain in log loss must exceed one standard error between the
    parts.
    """
    gains = []
    for number in range(1 if in_time else 0, int(part.max()) + 1):
        judged = part == number
        learned = part < number if in_time else ~judged
        line = fit_calibration(logits[learned], y[learned], weight[learned])
        plain = _loss(logits[judged], y[judged], weight[judged])
        gains.append(plain - _loss(line.slope * logits[judged] + line.offset, y[judged], weight[judged]))
    if len(gains) < 2 or np.mean(gains) <= np.std(gains, ddof=1) / np.sqrt(len(gains)):
        return Calibration()
    return fit_calibration(logits, y, weight)


def _loss(logits: Floats, y: Floats, weight: Floats) -> float:
    return float(weight @ (np.logaddexp(0.0, logits) - y * logits) / weight.sum())


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
