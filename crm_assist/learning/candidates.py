"""The ways to fit that validation chooses among, and how one of them is fitted on raw columns."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from .averaging import Average, averaged
from .bins import Bins, Code, choose_bins
from .boosting import Boosting
from .columns import Column, Floats
from .logistic import Logistic
from .model import Model, Rows

Single = Logistic | Boosting
Candidate = Logistic | Boosting | Average
Known = dict[Bins, Code]
"""The bin of every row for bins that were looked up before: settings often share them."""

DEFAULT = Logistic(bins=16, C=0.1)
"""What stands unless held-out rows speak clearly: it does well on real bank data in time order."""

ALONE = Boosting(bins=64, trees=100, leaves=4, rate=0.1, pairs=0)
"""Fine bins and small trees: the edges of amounts matter, and trees of one column need few leaves."""

TOGETHER = Boosting(bins=32, trees=100, leaves=8, rate=0.1, pairs=None)
"""A pair's table has a cell for every bin with every bin: coarser bins keep it short, larger trees fill it."""

SHORT_MEMORY = 0.1
"""The half-life that is tried beside none, as a part of the rows."""


@dataclass(frozen=True, kw_only=True)
class Data:
    """Raw columns with outcomes, weights, and how many rows came later than each, all of length n."""

    columns: Sequence[Column]
    y: Floats
    weight: Floats
    later: Floats
    known: Known

    def codes(self, bins: Bins, column: Column) -> Code:
        """Return the bin of every row, looked up once."""
        if bins not in self.known:
            self.known[bins] = bins.codes(column)
        return self.known[bins]

    def thinned(self, most: int, *, seed: int) -> tuple[Data, npt.NDArray[np.intp]]:
        """Return at most so many rows, drawn evenly by `seed` and in their order, and their places."""
        n = len(self.y)
        if n <= most:
            return self, np.arange(n, dtype=np.intp)
        places = np.sort(np.random.default_rng(seed).choice(n, size=most, replace=False))
        columns = [column.rows(places) for column in self.columns]
        some = Data(columns=columns, y=self.y[places], weight=self.weight[places], later=self.later[places], known={})
        return some, places

    def rows(self, most_bins: int) -> Rows:
        """Return all rows in bins. Where bins lie is seen from all rows and from no outcome."""
        bins = [choose_bins(column, bins=most_bins) for column in self.columns]
        codes = [self.codes(each, column) for each, column in zip(bins, self.columns, strict=True)]
        return Rows(bins=bins, codes=codes, y=self.y, weight=self.weight, later=self.later)


def rows_later(moments: npt.NDArray[np.intp]) -> Floats:
    """Return how many rows have a later moment than each, shape (n,); zeros where all moments are one."""
    ordered = np.sort(moments)
    return np.asarray(len(moments) - np.searchsorted(ordered, moments, side="right"), dtype=np.float64)


def candidates(n: int, *, in_time: bool, pairs: int | None, half_life: float | None) -> list[Candidate]:
    """Return what is tried on n rows, from the simplest to the richest.

    `pairs` as in `fit_scorecard`, None for "auto"; a `half_life` that is given is everybody's, otherwise rows in
    time are tried with none and with a tenth of the rows.
    """
    plain: list[Single] = [Logistic(bins=16, C=0.02), Logistic(bins=8, C=0.1), DEFAULT, Logistic(bins=32, C=0.1)]
    boosts: list[Single] = [ALONE]
    if pairs != 0:
        boosts.append(replace(TOGETHER, pairs=pairs))
    if half_life is not None:
        plain = [replace(each, half_life=half_life) for each in plain]
        boosts = [replace(each, half_life=half_life) for each in boosts]
    elif in_time:
        short = SHORT_MEMORY * n
        plain.append(replace(DEFAULT, half_life=short))
        boosts = [varied for each in boosts for varied in (each, replace(each, half_life=short))]  # singles first
    steady = replace(DEFAULT, half_life=half_life)
    averages = [Average(members=(steady, each)) for each in boosts]
    return [*plain, *(each for two in zip(boosts, averages, strict=True) for each in two)]


def fit_candidate(candidate: Candidate, data: Data, *, monotonic: Mapping[str, int]) -> Model:
    """Return the model that a candidate gives on all rows."""
    if isinstance(candidate, Average):
        members = [fit_candidate(each, data, monotonic=monotonic) for each in candidate.members]
        return averaged(members, data.columns, data.weight)
    return candidate.fit(data.rows(candidate.bins), monotonic=monotonic)
