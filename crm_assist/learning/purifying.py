"""What a pair adds beyond each of its columns: the means of its table moved into the columns' own points.

The same sum can be written in many ways; in this one, every row and column of a pair's table has the mean zero over
the training rows, so that points can be read one by one. Source: Lengerich et al. 2020, "Purifying interaction
effects with the functional ANOVA".
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from .columns import Floats
from .model import PairTable, Tables

SWEEPS = 200
STILL = 1e-13


def pure_tables(tables: Tables, shares: Sequence[Floats]) -> Tables:
    """Return the same sum with every mean moved to where it belongs: from pairs to columns, from columns to the
    intercept.
    """
    points, pairs = [values.copy() for values in tables.points], []
    for pair in tables.pairs:
        pure, along, down = purified(pair.points, pair.share)
        points[pair.first] += along
        points[pair.second] += down
        pairs.append(PairTable(first=pair.first, second=pair.second, points=pure, share=pair.share))
    means = [float(share @ values) for values, share in zip(points, shares, strict=True)]
    points = [values - mean for values, mean in zip(points, means, strict=True)]
    return Tables(intercept=tables.intercept + sum(means), points=points, pairs=pairs)


def purified(table: Floats, weight: Floats) -> tuple[Floats, Floats, Floats]:
    """Return (table, rows, columns): `table` of shape (a, b) without its weighted means, and what they come to.

    `table == result + rows[:, None] + columns[None, :]` exactly but for rounding. A row or column without weight is
    levelled by the plain mean.
    """
    pure, along, down = table.copy(), np.zeros(table.shape[0]), np.zeros(table.shape[1])
    by_row, by_column = _filled(weight), _filled(weight.T).T
    for _sweep in range(SWEEPS):
        means = (by_row * pure).sum(axis=1)
        pure -= means[:, None]
        along += means
        others = (by_column * pure).sum(axis=0)
        pure -= others[None, :]
        down += others
        if max(np.abs(means).max(), np.abs(others).max()) < STILL:
            break
    return pure, along, down


def _filled(weight: Floats) -> Floats:
    """The weights of each row, shape (a, b), summing to one; equal ones where a row has none."""
    total = weight.sum(axis=1, keepdims=True)
    equal = np.full_like(weight, 1.0 / weight.shape[1])
    return np.where(total > 0, weight / np.where(total > 0, total, 1.0), equal)
