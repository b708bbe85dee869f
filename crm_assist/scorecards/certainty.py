"""How certain the figures of a card are, from counts alone. Standard library only; every interval covers 90 %."""

from __future__ import annotations

import math

from .parts import QUANTILE

Interval = tuple[float, float]


def auc_interval(auc: float, positives: int, negatives: int) -> Interval | None:
    """Return the interval of an area under the ROC curve, within 0 and 1; None where a class is absent.

    The standard error is that of Hanley and McNeil 1982, which needs the area (0 to 1) and how many rows of each class
    it was measured on. Rows of one customer or one period share their fate, so that the truth is wider.
    """
    if positives < 1 or negatives < 1 or not 0.0 <= auc <= 1.0:
        return None
    two_positives, two_negatives = auc / (2.0 - auc), 2.0 * auc * auc / (1.0 + auc)
    variance = (
        auc * (1.0 - auc)
        + (positives - 1) * (two_positives - auc * auc)
        + (negatives - 1) * (two_negatives - auc * auc)
    ) / (positives * negatives)
    reach = QUANTILE * math.sqrt(max(0.0, variance))
    return max(0.0, auc - reach), min(1.0, auc + reach)


def rate_interval(positives: int, rows: int) -> Interval | None:
    """Return the interval of a rate of `positives` among `rows`, within 0 and 1; None without rows (Wilson 1927)."""
    if rows < 1:
        return None
    rate, square = positives / rows, QUANTILE * QUANTILE / rows
    middle = (rate + square / 2.0) / (1.0 + square)
    reach = QUANTILE * math.sqrt(rate * (1.0 - rate) / rows + square / (4.0 * rows)) / (1.0 + square)
    return max(0.0, middle - reach), min(1.0, middle + reach)
