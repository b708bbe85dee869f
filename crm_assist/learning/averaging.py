"""The mean of several models' log-odds: a model again, whose bins are all the bins of its members together."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from ..scorecards.binning import coarser_bins
from .bins import Bins
from .boosting import Boosting
from .columns import Column, Floats
from .logistic import Logistic
from .model import Codes, Model, PairTable, Tables, bin_shares
from .purifying import pure_tables

Map = npt.NDArray[np.intp]
"""For every bin of the whole the bin of the member that holds it."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Average:
    """The mean of what these settings give, each with bins of its own."""

    members: tuple[Logistic | Boosting, ...]


@dataclass(frozen=True, kw_only=True)
class Averaged:
    """Fitted members, the common bins, and how those lie in each member's."""

    members: tuple[Model, ...]
    maps: tuple[tuple[Map, ...], ...]
    bins: list[Bins]
    shares: list[Floats]
    joint: dict[tuple[int, int], Floats]

    @property
    def weight(self) -> Floats:
        """The mean of the members' weights."""
        return np.asarray(np.mean([member.weight for member in self.members], axis=0), dtype=np.float64)

    @property
    def prior(self) -> float:
        """The mean variance of the members."""
        return float(np.mean([member.prior for member in self.members]))

    def logits(self, codes: Codes) -> Floats:
        """Return the mean of the members' own log-odds of rows in the common bins, shape (n,)."""
        told = [
            member.logits([table[code] for table, code in zip(maps, codes, strict=True)])
            for member, maps in zip(self.members, self.maps, strict=True)
        ]
        return np.asarray(np.mean(told, axis=0), dtype=np.float64)

    def tables(self) -> Tables:
        """Return the mean of the members' tables, spread over the common bins."""
        part = 1.0 / len(self.members)
        points = [np.zeros(bins.size) for bins in self.bins]
        pairs = {names: np.zeros_like(share) for names, share in self.joint.items()}
        intercept = 0.0
        for member, maps in zip(self.members, self.maps, strict=True):
            tables = member.tables()
            intercept += part * tables.intercept
            for place, values in enumerate(tables.points):
                points[place] += part * values[maps[place]]
            for pair in tables.pairs:
                spread = pair.points[np.ix_(maps[pair.first], maps[pair.second])]
                pairs[pair.first, pair.second] += part * spread
        listed = [PairTable(first=a, second=b, points=table, share=self.joint[a, b]) for (a, b), table in pairs.items()]
        # Members that forget at different speeds were centred on different means.
        return pure_tables(Tables(intercept=intercept, points=points, pairs=listed), self.shares)


def averaged(members: Sequence[Model], columns: Sequence[Column], weight: Floats) -> Averaged:
    """Return the mean of fitted models of the same columns; `weight`, shape (n,), gives the shares of common bins."""
    together = [_union([member.bins[place] for member in members]) for place in range(len(columns))]
    codes = [bins.codes(column) for bins, column in zip(together, columns, strict=True)]
    pairs = {(pair.first, pair.second) for member in members for pair in member.tables().pairs}
    joint = {}
    for a, b in sorted(pairs):
        size = together[a].size, together[b].size
        cells = np.bincount(codes[a] * size[1] + codes[b], weights=weight, minlength=size[0] * size[1])
        joint[a, b] = np.asarray(cells.reshape(size) / weight.sum(), dtype=np.float64)
    return Averaged(
        members=tuple(members),
        maps=tuple(
            tuple(_map(whole, own) for whole, own in zip(together, member.bins, strict=True)) for member in members
        ),
        bins=together,
        shares=bin_shares(codes, [bins.size for bins in together], weight),
        joint=joint,
    )


def _union(parts: Sequence[Bins]) -> Bins:
    edges = sorted({edge for part in parts for edge in part.edges})
    levels = sorted({level for part in parts for level in part.levels})
    return Bins(name=parts[0].name, kind=parts[0].kind, edges=tuple(edges), levels=tuple(levels))


def _map(whole: Bins, own: Bins) -> Map:
    """The bin of `own` for each bin of `whole`, which has all its edges or levels and perhaps more."""
    return np.array(coarser_bins(whole.edges, whole.levels, own.edges, own.levels), dtype=np.intp)
