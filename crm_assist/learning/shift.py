"""Whether two populations differ, in material size and beyond chance: shares of bins, and the rate of the outcome.

A difference counts when it is both large enough to matter and too large for chance. The population stability index is
the sum over bins of (a - b) ln(a / b); above 0.25 a population has shifted (Siddiqi 2006, "Credit Risk Scorecards"). By
chance alone it is about chi-squared with bins - 1 degrees of freedom, times 1 / n + 1 / m (Yurdakul 2018, "Statistical
properties of population stability index"), which is large for few rows and many bins.
"""

from __future__ import annotations

from math import log, sqrt
from statistics import NormalDist
from typing import Any

import numpy as np
import numpy.typing as npt

Numbers = npt.NDArray[Any]

INDEX_BOUND = 0.25
RATE_BOUND = log(1.5)
"""By how much the log-odds of the outcome must differ to matter: odds one and a half times as high."""

HALF = 0.5
"""Added to every count, so that an empty bin gives a finite index."""


def stability_index(first: Numbers, second: Numbers) -> float:
    """Return the population stability index of two counts of rows per bin, shape (bins,): 0 for equal shares."""
    a, b = _shares(first), _shares(second)
    return float(((a - b) * np.log(a / b)).sum())


def index_by_chance(n: float, m: float, bins: int, *, chance: float) -> float:
    """Return the index that two samples of one population, n and m rows, exceed with probability `chance`.

    It is approximate and errs on the silent side: at most 15 % too high with two bins, 4 % from eight on.
    """
    if bins < 2:
        return 0.0
    freedom = bins - 1
    # The quantile of chi-squared by Wilson and Hilferty 1931.
    part = 2.0 / (9.0 * freedom)
    quantile = freedom * (1.0 - part + NormalDist().inv_cdf(1.0 - chance) * sqrt(part)) ** 3
    return quantile * (1.0 / n + 1.0 / m)


def shares_moved(first: Numbers, second: Numbers, *, chance: float) -> tuple[bool, float]:
    """Return whether the shares of bins differ by more than 0.25 and more than chance, and their index."""
    index = stability_index(first, second)
    filled = int(((first > 0) | (second > 0)).sum())
    noise = index_by_chance(float(first.sum()), float(second.sum()), filled, chance=chance)
    return index > max(INDEX_BOUND, noise), index


def rates_moved(first: tuple[float, float], second: tuple[float, float], *, chance: float) -> bool:
    """Return whether two rates differ by more than odds of 1.5 and more than chance; each is (positives, rows)."""
    (a, n), (b, m) = first, second
    gap = log((a + HALF) / (n - a + HALF)) - log((b + HALF) / (m - b + HALF))
    pooled = (a + b) / (n + m)
    error = sqrt(pooled * (1.0 - pooled) * (1.0 / n + 1.0 / m))
    surprising = abs(a / n - b / m) > NormalDist().inv_cdf(1.0 - chance / 2.0) * error
    return surprising and abs(gap) > RATE_BOUND


def _shares(counts: Numbers) -> Numbers:
    filled = np.asarray(counts, dtype=np.float64) + HALF
    result: Numbers = filled / filled.sum()
    return result
