"""What every fitted model can do here: give logits of binned rows, and its points as tables."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np

from .bins import Bins, Code
from .columns import Column, Floats

Codes = list[Code]
"""The bin of every row, an array of shape (n,) per column."""


@dataclass(frozen=True, kw_only=True, slots=True)
class PairTable:
    """What columns `first` and `second` (their places) add together: points and shares of shape (a, b)."""

    first: int
    second: int
    points: Floats
    share: Floats


@dataclass(frozen=True, kw_only=True, slots=True)
class Tables:
    """A model as sums: log-odds = intercept + a point per column + a point per pair.

    All means over the training weight are zero: of every column, and of every pair along both of its columns.
    """

    intercept: float
    points: list[Floats]
    pairs: list[PairTable]

    def logits(self, codes: Codes) -> Floats:
        """Return the sums of rows given as bins, shape (n,): what the estimators say of them, but for rounding."""
        total = np.full(len(codes[0]), self.intercept)
        for points, code in zip(self.points, codes, strict=True):
            total += points[code]
        for pair in self.pairs:
            total += pair.points[codes[pair.first], codes[pair.second]]
        return total


@dataclass(frozen=True, kw_only=True, slots=True)
class Rows:
    """What a model learns from: n rows in bins, outcomes 0 or 1, weights, and how many rows came later than each."""

    bins: list[Bins]
    codes: Codes
    y: Floats
    weight: Floats
    later: Floats

    def aged(self, half_life: float | None) -> Floats:
        """Return the weights, shape (n,), mean 1, halved with every `half_life` later rows."""
        weight = self.weight if half_life is None else self.weight * np.exp2(-self.later / half_life)
        return np.asarray(weight * (len(weight) / weight.sum()), dtype=np.float64)


class Model(Protocol):
    """A fitted model of binned rows, whatever its kind."""

    @property
    def bins(self) -> list[Bins]:
        """The bins that it reads, one per column: those it was given, or fewer where bins were merged."""
        ...

    @property
    def shares(self) -> list[Floats]:
        """The share of the training weight in each bin of each column."""
        ...

    @property
    def weight(self) -> Floats:
        """The weights that it learned with, shape (n,)."""
        ...

    @property
    def prior(self) -> float:
        """The variance that the points of a bin have before any row is seen."""
        ...

    def logits(self, codes: Codes) -> Floats:
        """Return what the fitted estimators' own `decision_function` says of rows in these bins, shape (n,)."""
        ...

    def tables(self) -> Tables:
        """Return the same as sums of points."""
        ...


def model_codes(model: Model, columns: Sequence[Column]) -> Codes:
    """Return the bins of raw columns as `model` reads them."""
    return [bins.codes(column) for bins, column in zip(model.bins, columns, strict=True)]


def bin_shares(codes: Codes, sizes: Sequence[int], weight: Floats) -> list[Floats]:
    """Return the share of the weight in each bin of each column."""
    return [
        np.bincount(code, weights=weight, minlength=size) / weight.sum()
        for code, size in zip(codes, sizes, strict=True)
    ]
