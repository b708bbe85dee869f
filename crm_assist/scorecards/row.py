"""One record in plain Python: the fast bare probability, and the full score with its reasons.

The loops are written out because a record is scored while an agent waits: values of the plain types are
binned in place, everything else goes through `binning`, and both give the same bin.
"""

from __future__ import annotations

import math
from bisect import bisect_right
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from .binning import category_bin, number_bin
from .errors import CardError
from .parts import QUANTILE, Calibration, Feature, Spread
from .score import Score

CLAMP = 700.0
"""The logit is held within +-CLAMP in every execution: PostgreSQL's `exp` raises beyond about 709."""

_EXACT = 2**53  # integers beyond it must be rounded to a float before they are compared, as SQL does

Cell = tuple[float, float, float, float, float]  # points, diagonal, three factors

# Name, edges (None: a category), index of levels, a cell per bin, the bin "missing", the bin "pooled" (-1: none).
Reader = tuple[str, tuple[float, ...] | None, dict[str, int], tuple[Cell, ...], int, int]


def sigmoid(logit: float) -> float:
    """Return the probability of a logit, which is first held within +-CLAMP."""
    if not -CLAMP <= logit <= CLAMP:
        logit = CLAMP if logit > 0 else -CLAMP
    return 1.0 / (1.0 + math.exp(-logit))


@dataclass(frozen=True, kw_only=True, slots=True)
class RowPlan:
    """A card with its calibration folded in, laid out for one record at a time."""

    base: float
    names: tuple[str, ...]
    numbers: tuple[tuple[str, tuple[float, ...], tuple[float, ...]], ...]
    categories: tuple[tuple[str, dict[str | None, float], dict[str, int], tuple[float, ...]], ...]
    readers: tuple[Reader, ...]
    spread: Cell

    def logit(self, row: Mapping[str, object]) -> float:
        """Return the calibrated logit of `row`, unclamped; a feature that the row lacks raises CardError."""
        total = self.base
        try:
            for name, edges, points in self.numbers:
                value: Any = row[name]
                kind = value.__class__
                if (kind is float and value == value) or (kind is int and -_EXACT <= value <= _EXACT):
                    total += points[bisect_right(edges, value)]
                else:
                    total += points[number_bin(value, edges, name)]
            for name, table, index, points in self.categories:
                value = row[name]
                found = table.get(value) if value.__class__ is str or value is None else None
                total += points[category_bin(value, index, name)] if found is None else found
        except KeyError as error:
            raise lacking(row, self.names) from error
        return total

    def score(self, row: Mapping[str, object]) -> Score:
        """Return the full score of `row`: probability, interval, every contribution."""
        bins = []
        chosen = []
        missing = []
        try:
            for name, edges, index, cells, last, pooled in self.readers:
                value: Any = row[name]
                kind = value.__class__
                if edges is None:
                    code = index.get(value, 0) if kind is str else category_bin(value, index, name)
                elif kind is float and value == value:
                    code = bisect_right(edges, value)
                else:
                    code = number_bin(value, edges, name)
                bins.append(code)
                chosen.append(cells[code])
                if code in (last, pooled):
                    missing.append(name)
        except KeyError as error:
            raise lacking(row, self.names) from error
        points, *spread = zip(*chosen, strict=True) if chosen else ((),) * len(self.spread)
        base = self.spread[0]
        diagonal, one, two, three = [start + sum(own) for start, own in zip(self.spread[1:], spread, strict=True)]
        logit = base + sum(points)
        reach = QUANTILE * math.sqrt(diagonal + one * one + two * two + three * three)
        return Score(
            probability=sigmoid(logit),
            interval=(sigmoid(logit - reach), sigmoid(logit + reach)),
            logit=logit,
            base=base,
            missing=tuple(missing),
            names=self.names,
            values=tuple([row[name] for name in self.names]),
            points=points,
            bins=tuple(bins),
        )


def row_plan(features: Sequence[Feature], *, intercept: float, calibration: Calibration, spread: Spread) -> RowPlan:
    """Return the plan of a card: points times slope, the intercept calibrated, the spread likewise."""
    slope = calibration.slope
    base = slope * intercept + calibration.offset
    numbers, categories, readers = [], [], []
    for feature in features:
        points = tuple(slope * value for value in feature.points)
        index = {level: code for code, level in enumerate(feature.levels, start=1)}
        edges = feature.edges if feature.kind == "number" else None
        if edges is not None:
            numbers.append((feature.name, edges, points))
        else:
            table: dict[str | None, float] = {level: points[code] for level, code in index.items()}
            table[None] = points[-1]
            categories.append((feature.name, table, index, points))
        cells = tuple(
            cell(value, own, factors, slope)
            for value, own, factors in zip(points, feature.diagonal, feature.factors, strict=True)
        )
        readers.append((feature.name, edges, index, cells, len(cells) - 1, -1 if edges is not None else 0))
    return RowPlan(
        base=base,
        names=tuple(feature.name for feature in features),
        numbers=tuple(numbers),
        categories=tuple(categories),
        readers=tuple(readers),
        spread=cell(base, spread.diagonal, spread.factors, slope),
    )


def cell(points: float, diagonal: float, factors: Sequence[float], slope: float) -> Cell:
    """Return one table entry: the calibrated points and their uncertainty on the calibrated scale."""
    one, two, three = factors
    return points, slope * slope * diagonal, slope * one, slope * two, slope * three


def lacking(given: Mapping[str, object], names: Sequence[str]) -> CardError:
    """Return the error for a row or a set of columns in which features of the card do not appear at all."""
    absent = [name for name in names if name not in given]
    return CardError(
        f"features not given: {', '.join(absent)}; a card needs every one of its features by name, "
        "with None where a value is unknown"
    )
