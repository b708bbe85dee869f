"""Gradient boosting held to single columns and chosen pairs, fitted by scikit-learn, read back as points.

scikit-learn sees bin numbers, NaN where a value is missing. Two of its habits are silent and would break the sum:
it moves categorical columns to the front without moving `interaction_cst` along, so the columns are given in that
order already; and columns that no allowed set names form one more set among themselves, so each is named alone too.
A bin that no training row fell in goes where the larger part of the rows goes at each split.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import numpy.typing as npt
from sklearn.ensemble import HistGradientBoostingClassifier

from .bins import Bins
from .columns import Floats
from .model import Codes, Model, PairTable, Rows, Tables, bin_shares
from .purifying import pure_tables
from .screening import Pairs, screened

UNUSED = 1e-13
"""A pair whose points are all this small was never split on: what is left is rounding."""

PRIOR = 0.25
"""The variance of the points of a bin before any row is seen: half a unit of log-odds either way."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Boosting:
    """Boosting of small trees: `pairs` is how many pairs of columns may act together, None for as many as speak up."""

    bins: int = 64
    trees: int = 100
    leaves: int = 4
    rate: float = 0.1
    pairs: int | None = 0
    half_life: float | None = None

    @property
    def alone(self) -> Boosting:
        """The same without pairs: the first stage, whose leavings show which pairs speak up."""
        return replace(self, pairs=0)

    def fit(self, rows: Rows, *, monotonic: Mapping[str, int], alone: Model | None = None) -> Model:
        """Return the model fitted on these rows; `alone` is the first stage where it is known already."""
        weight = rows.aged(self.half_life)
        alone = alone or self._fitted(rows, weight, pairs=(), monotonic=monotonic)
        if self.pairs == 0:
            return alone
        pairs = screened(rows, weight, alone.logits(rows.codes), most=self.pairs, barred=_barred(rows.bins, monotonic))
        return self._fitted(rows, weight, pairs=pairs, monotonic=monotonic) if pairs else alone

    def _fitted(self, rows: Rows, weight: Floats, *, pairs: Pairs, monotonic: Mapping[str, int]) -> Boosted:
        order = sorted(range(len(rows.bins)), key=lambda place: rows.bins[place].kind != "category")
        turn = {place: number for number, place in enumerate(order)}
        estimator = HistGradientBoostingClassifier(
            max_iter=self.trees,
            max_leaf_nodes=self.leaves,
            learning_rate=self.rate,
            l2_regularization=1.0,
            early_stopping=False,
            categorical_features=[rows.bins[place].kind == "category" for place in order],
            monotonic_cst=[monotonic.get(rows.bins[place].name, 0) for place in order],
            interaction_cst=[{turn[a], turn[b]} for a, b in pairs] + [{number} for number in turn.values()],
            random_state=0,
        )
        matrix = _known(_matrix(rows.codes, rows.bins, order), weight)
        estimator.fit(matrix, rows.y, sample_weight=weight)
        sizes = [bins.size for bins in rows.bins]
        return Boosted(
            bins=list(rows.bins),
            shares=bin_shares(rows.codes, sizes, weight),
            joint=[_joint(rows.codes, sizes, weight, a, b) for a, b in pairs],
            pairs=tuple(pairs),
            order=tuple(order),
            estimator=estimator,
            weight=weight,
        )


@dataclass(frozen=True, kw_only=True)
class Boosted:
    """A fitted booster, the bins it reads, and where the training weight lies, alone and in pairs."""

    bins: list[Bins]
    shares: list[Floats]
    joint: list[Floats]
    pairs: Pairs
    order: tuple[int, ...]
    estimator: Any
    weight: Floats
    prior: float = PRIOR

    def logits(self, codes: Codes) -> Floats:
        """Return what the estimator's own `decision_function` says of rows given as bins, shape (n,)."""
        logits: Floats = self.estimator.decision_function(_matrix(codes, self.bins, self.order))
        return logits

    def tables(self) -> Tables:
        """Return the model as sums: probed by `decision_function` alone, in one call.

        From one row of first bins each column is moved through its bins alone, each pair through all of its bins
        together: what is left of the pair beyond both columns is the pair's own.
        """
        probes = _probes([bins.size for bins in self.bins], self.pairs)
        found = self.logits(list(probes.rows.T))
        base = float(found[0])
        raw = [found[span] - base for span in probes.alone]
        pairs = []
        for (a, b), span, share in zip(self.pairs, probes.together, self.joint, strict=True):
            table = found[span].reshape(len(raw[a]), len(raw[b])) - base - raw[a][:, None] - raw[b][None, :]
            if np.abs(table).max() > UNUSED:  # what trees were allowed and never did is no part of the card
                pairs.append(PairTable(first=a, second=b, points=table, share=share))
        return pure_tables(Tables(intercept=base, points=raw, pairs=pairs), self.shares)


@dataclass(frozen=True, kw_only=True, slots=True)
class _Probes:
    rows: npt.NDArray[np.intp]
    alone: list[slice]
    together: list[slice]


def _probes(sizes: Sequence[int], pairs: Pairs) -> _Probes:
    """Rows of bins, shape (m, columns): the first bins, each column moved, each pair moved; and where they lie."""
    blocks: list[npt.NDArray[np.intp]] = [np.zeros((1, len(sizes)), dtype=np.intp)]
    alone, together, start = [], [], 1
    for place, size in enumerate(sizes):
        block = np.zeros((size, len(sizes)), dtype=np.intp)
        block[:, place] = np.arange(size)
        blocks.append(block)
        alone.append(slice(start, start + size))
        start += size
    for a, b in pairs:
        cells = sizes[a] * sizes[b]
        block = np.zeros((cells, len(sizes)), dtype=np.intp)
        block[:, a], block[:, b] = np.divmod(np.arange(cells), sizes[b])
        blocks.append(block)
        together.append(slice(start, start + cells))
        start += cells
    return _Probes(rows=np.concatenate(blocks), alone=alone, together=together)


def _matrix(codes: Codes, bins: Sequence[Bins], order: Sequence[int]) -> Floats:
    """The bins as scikit-learn reads them, shape (n, columns): floats in `order`, NaN where missing."""
    matrix = np.empty((len(codes[0]), len(order)))
    for turn, place in enumerate(order):
        code = codes[place]
        matrix[:, turn] = np.where(code == bins[place].size - 1, np.nan, code)
    return matrix


def _known(matrix: Floats, weight: Floats) -> Floats:
    """The matrix to fit on: a column of which no row that counts knows a value is made constant.

    scikit-learn 1.9 finds no thresholds in it and raises; a constant column is never split, so that it adds nothing.
    """
    counts = weight > 0.0
    for place in range(matrix.shape[1]):
        if np.isnan(matrix[counts, place]).all():
            matrix[:, place] = 0.0
    return matrix


def _joint(codes: Codes, sizes: Sequence[int], weight: Floats, a: int, b: int) -> Floats:
    cells = np.bincount(codes[a] * sizes[b] + codes[b], weights=weight, minlength=sizes[a] * sizes[b])
    return np.asarray(cells.reshape(sizes[a], sizes[b]) / weight.sum(), dtype=np.float64)


def _barred(bins: Sequence[Bins], monotonic: Mapping[str, int]) -> frozenset[int]:
    """Columns that may be in no pair: a wanted direction must show in the column's own points."""
    return frozenset(place for place, each in enumerate(bins) if each.name in monotonic)
