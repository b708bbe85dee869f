"""Where the bins lie: quantile edges of numbers, frequent levels of categories."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import numpy.typing as npt

from ..scorecards import Kind
from ..scorecards.batch import category_codes, number_codes
from .columns import Column, Floats

Code = npt.NDArray[np.signedinteger[Any]]
"""The bin of every row; kept in half a word, of which a million rows have many."""

MAX_LEVELS = 100
LEAST_SHARE = 0.0005
LEAST_ROWS = 10


@dataclass(frozen=True, kw_only=True, slots=True)
class Bins:
    """The bins of one column: `edges` of a number, `levels` of a category."""

    name: str
    kind: Kind
    edges: tuple[float, ...] = ()
    levels: tuple[str, ...] = ()

    @property
    def size(self) -> int:
        """Return how many bins there are, the pooled or missing one included."""
        return len(self.edges) + len(self.levels) + 2

    def codes(self, column: Column) -> Code:
        """Return the bin of every value, shape (n,), by the public rule of `scorecards.binning`."""
        if self.kind == "number":
            return number_codes(column.values, self.edges).astype(np.int32)
        return category_codes(column.values, self.levels, self.name).astype(np.int32)

    def without(self, edges: set[float]) -> Bins:
        """Return the same bins with some edges removed: the bins beside each become one."""
        return replace(self, edges=tuple(edge for edge in self.edges if edge not in edges))


def choose_bins(column: Column, *, bins: int) -> Bins:
    """Return at most `bins` bins of about equal share for a number, or the frequent levels of a category.

    Levels in fewer than max(10, 0.05 % of the rows) are pooled, and so is what PostgreSQL cannot hold as
    text.
    """
    if column.kind == "number":
        return Bins(name=column.name, kind="number", edges=_edges(column.values, bins))
    counts = Counter(column.values.tolist())
    del counts[None]
    least = max(LEAST_ROWS, LEAST_SHARE * len(column.values))
    frequent = sorted((-count, level) for level, count in counts.items() if count >= least)
    levels = sorted(level for _count, level in frequent[:MAX_LEVELS] if _storable(level))
    return Bins(name=column.name, kind="category", levels=tuple(levels))


def _edges(values: Floats, bins: int) -> tuple[float, ...]:
    """Return inner edges: quantiles, each moved half-way down to the value before it, so that no bin is
    empty.

    Half-way, because tomorrow's values fall between those of today (an index, a rate) and belong to the
    nearer.
    """
    known = np.sort(values[~np.isnan(values)])
    distinct = np.unique(known)
    if len(distinct) < 2:
        return ()
    if len(distinct) <= bins:
        candidates = distinct[1:]
    else:
        places = np.arange(1, bins) * len(known) // bins
        candidates = np.unique(known[places])
    above = candidates[candidates > distinct[0]]
    below = distinct[np.searchsorted(distinct, above) - 1]
    halfway = below / 2.0 + above / 2.0
    # Neighbouring floats have no middle, nor has an infinity: then the upper value is the edge.
    edges = np.where((halfway > below) & (halfway < above), halfway, above)
    return tuple(float(edge) for edge in np.unique(edges) if np.isfinite(edge))


def _storable(level: str) -> bool:
    try:
        return "\0" not in level and bool(level.encode("utf-8")) | (level == "")
    except UnicodeEncodeError:
        return False
