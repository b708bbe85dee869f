"""Which pairs of columns to let act together: those that explain most of what the columns alone leave over.

For each pair both columns are cut into a few groups; the gain is what a point per cell would explain of the residual
beyond a point per row and per column, in one Newton step. Source: the FAST screening of Lou et al. 2013, "Accurate
intelligible models with pairwise interactions", with the log-loss in place of squares.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import combinations

import numpy as np
import numpy.typing as npt

from .columns import Floats
from .model import Rows

Pairs = Sequence[tuple[int, int]]
GROUPS = 12
MOST = 12
"""Pairs at most, unless the caller says how many."""

ERRORS = 4.0
"""By how many standard deviations of chance the gain of a pair must stand out, unless the caller says how many."""

ALIKE = 0.98
"""A column whose groups another column tells for so large a share of the rows says nothing new in a pair."""

Groups = npt.NDArray[np.intp]


def screened(
    rows: Rows, weight: Floats, logits: Floats, *, most: int | None, barred: frozenset[int] = frozenset()
) -> Pairs:
    """Return the strongest pairs of columns by place, best first: `most` of them, or those that stand out of chance.

    `logits`, shape (n,), are those of the model of single columns. Columns in `barred` are in no pair.
    """
    probability = 1.0 / (1.0 + np.exp(-np.clip(logits, -700, 700)))
    slope, curve = weight * (rows.y - probability), weight * probability * (1.0 - probability)
    groups = [_grouped(code, weight, bins.size) for code, bins in zip(rows.codes, rows.bins, strict=True)]
    able = [place for place, group in enumerate(groups) if place not in barred and group.max() > 0]
    found = []
    for a, b in combinations(able, 2):
        gain, freedom = _gain(groups[a], groups[b], slope, curve)
        found.append(((gain - freedom) / np.sqrt(2.0 * max(freedom, 1.0)), a, b))
    found.sort(key=lambda entry: (-entry[0], entry[1], entry[2]))
    chosen: list[tuple[int, int]] = []
    for excess, a, b in found:
        if len(chosen) == (MOST if most is None else most) or (most is None and excess < ERRORS):
            break
        if not any(_copies(groups, (a, b), known) for known in chosen):
            chosen.append((a, b))
    return chosen


def _grouped(code: Groups, weight: Floats, size: int) -> Groups:
    """At most GROUPS groups of neighbouring bins with about equal weight, shape (n,); "missing" is one of its own."""
    share = np.bincount(code, weights=weight, minlength=size)
    below = np.cumsum(share[:-1]) - share[:-1] / 2.0
    places = np.minimum((below / max(below[-1] + share[-2] / 2.0, 1e-300) * GROUPS).astype(np.intp), GROUPS - 1)
    _names, dense = np.unique(places, return_inverse=True)
    table = np.append(dense, dense.max() + 1)
    _used, result = np.unique(table[code], return_inverse=True)
    return np.asarray(result, dtype=np.intp)


def _gain(first: Groups, second: Groups, slope: Floats, curve: Floats) -> tuple[float, float]:
    """Twice the gain in log-likelihood of a point per cell beyond both margins, and its degrees of freedom.

    By chance alone the gain is about chi-squared with these degrees of freedom.
    """
    rows, columns = int(first.max()) + 1, int(second.max()) + 1
    cell = first * columns + second
    slopes, curves = (
        np.asarray(np.bincount(cell, weights=each, minlength=rows * columns), dtype=np.float64).reshape(rows, columns)
        for each in (slope, curve)
    )
    whole = _explained(slopes, curves)
    margins = _explained(slopes.sum(axis=1), curves.sum(axis=1)) + _explained(slopes.sum(axis=0), curves.sum(axis=0))
    filled = int((curves > 0).sum())
    return whole - margins, float(max(filled - rows - columns + 1, 1))


def _explained(slopes: Floats, curves: Floats) -> float:
    return float((slopes**2 / (curves + 1.0)).sum())


def _copies(groups: Sequence[Groups], pair: tuple[int, int], known: tuple[int, int]) -> bool:
    """Whether both columns of `pair` are told by those of a chosen pair."""
    (a, b), (c, d) = pair, known
    straight = _told(groups, a, by=c) and _told(groups, b, by=d)
    return straight or (_told(groups, a, by=d) and _told(groups, b, by=c))


def _told(groups: Sequence[Groups], one: int, *, by: int) -> bool:
    """Whether the group of one column is that which another column's group tells, for nearly every row."""
    if one == by:
        return True
    rows, columns = int(groups[one].max()) + 1, int(groups[by].max()) + 1
    cells = np.bincount(groups[one] * columns + groups[by], minlength=rows * columns).reshape(rows, columns)
    return bool(cells.max(axis=0).sum() >= ALIKE * cells.sum())
