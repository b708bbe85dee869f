"""One record in plain Python: the fast bare probability, and the full score with its reasons.

The loops are written out because a record is scored while an agent waits: values of the plain types are
binned in place, everything else goes through `binning`, and both give the same bin. What can be known when the
card is read (the entry of each level, what counts as unknown) is looked up, and the sums run column by column in C.
"""

from __future__ import annotations

import math
from bisect import bisect_right
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from operator import getitem, itemgetter
from typing import Any

from .binning import POOLED, category_bin, number_bin
from .errors import CardError
from .parts import QUANTILE, Calibration, Feature, Pair, Spread
from .score import Score

CLAMP = 700.0
"""The logit is held within +-CLAMP in every execution: PostgreSQL's `exp` raises beyond about 709."""

_EXACT = 2**53  # integers beyond it must be rounded to a float before they are compared, as SQL does

Cell = tuple[float, float, float, float, float, int, bool]
"""One bin: points, diagonal, three factors, its number, and whether it stands for something unknown."""

Reader = tuple[tuple[float, ...] | None, dict[str, Cell], tuple[Cell, ...], Callable[[object], int]]
"""One feature: edges (None: a category), entry of each level, entry of each bin, and the bin of any value."""


Paired = tuple[str, tuple[float, ...] | None, dict[str, int], Callable[[object], int]]
"""A feature that is in pairs: edges (None: a category), the bin of each level, and the bin of any value."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Together:
    """The pairs of a card: the features that are in any, each once, and for each pair where it is looked up.

    `places` says which features of the card a pair is of, `turns` which of the paired ones; both with the width of a
    row of its table. `points` and `diagonals` are the tables, `names` the places without the width.
    """

    paired: tuple[Paired, ...] = ()
    names: tuple[tuple[int, int], ...] = ()
    places: tuple[tuple[int, int, int], ...] = ()
    turns: tuple[tuple[int, int, int], ...] = ()
    points: tuple[tuple[float, ...], ...] = ()
    diagonals: tuple[tuple[float, ...], ...] = ()

    def one(self, row: Mapping[str, object]) -> float:
        """Return what the pairs add: each feature binned once, as in `RowPlan.logit`, then a look into each table."""
        bins = []
        for name, edges, index, bin_of in self.paired:
            value: Any = row[name]
            kind = value.__class__
            if kind is str and value in index:
                bins.append(index[value])
            elif edges is not None and (
                (kind is float and value == value) or (kind is int and -_EXACT <= value <= _EXACT)
            ):
                bins.append(bisect_right(edges, value))
            else:
                bins.append(bin_of(value))
        return sum(map(getitem, self.points, [bins[a] * width + bins[b] for a, b, width in self.turns]))

    def met(self, bins: Sequence[int]) -> tuple[tuple[float, ...], float]:
        """Return the points of each pair and the sum of their variances, given the bins of all features."""
        cells = [bins[a] * width + bins[b] for a, b, width in self.places]
        return tuple(map(getitem, self.points, cells)), sum(map(getitem, self.diagonals, cells))


# Without the name's own call, which costs as much as reading three features.
_score: Callable[[tuple[object, ...]], Score] = partial(tuple.__new__, Score)


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
    pick: Callable[[Mapping[str, object]], tuple[Any, ...]]
    readers: tuple[Reader, ...]
    spread: tuple[float, ...]
    together: Together

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
        return total + self.together.one(row) if self.together.names else total

    def score(self, row: Mapping[str, object]) -> Score:
        """Return the full score of `row`: probability, interval, every contribution."""
        try:
            values = self.pick(row)
        except KeyError as error:
            raise lacking(row, self.names) from error
        cells = []
        for value, (edges, levels, entries, bin_of) in zip(values, self.readers, strict=False):
            kind = value.__class__
            if kind is str and value in levels:
                cells.append(levels[value])
            elif edges is not None and (
                (kind is float and value == value) or (kind is int and -_EXACT <= value <= _EXACT)
            ):
                cells.append(entries[bisect_right(edges, value)])
            else:
                cells.append(entries[bin_of(value)])
        points, own, ones, twos, threes, bins, unknown = zip(*cells, strict=False) if cells else ((),) * 7
        diagonal, one, two, three = self.spread
        pair_points: tuple[float, ...] = ()
        if self.together.names:
            pair_points, doubt = self.together.met(bins)
            diagonal += doubt
        one, two, three = one + sum(ones), two + sum(twos), three + sum(threes)
        logit = self.base + sum(points) + sum(pair_points)
        reach = QUANTILE * math.sqrt(diagonal + sum(own) + one * one + two * two + three * three)
        interval = (sigmoid(logit - reach), sigmoid(logit + reach))
        found = (values, points, bins, unknown, self.together.names, pair_points)
        return _score((sigmoid(logit), interval, logit, self.base, self.names, *found))


def row_plan(
    features: Sequence[Feature],
    pairs: Sequence[Pair] = (),
    *,
    intercept: float,
    calibration: Calibration,
    spread: Spread,
) -> RowPlan:
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
        readers.append(_reader(feature, index, points, slope))
    names = tuple(feature.name for feature in features)
    return RowPlan(
        base=base,
        names=names,
        numbers=tuple(numbers),
        categories=tuple(categories),
        pick=_picker(names),
        readers=tuple(readers),
        spread=(slope * slope * spread.diagonal, *(slope * factor for factor in spread.factors)),
        together=_together(pairs, features, readers, slope),
    )


def _together(pairs: Sequence[Pair], features: Sequence[Feature], readers: Sequence[Reader], slope: float) -> Together:
    """Return the pairs laid out over the features of the card."""
    place = {feature.name: number for number, feature in enumerate(features)}
    used = sorted({place[name] for pair in pairs for name in pair.names})
    paired: list[Paired] = []
    for number in used:
        levels = {level: code for code, level in enumerate(features[number].levels, start=1)}
        paired.append((features[number].name, readers[number][0], levels, readers[number][3]))
    turn = {features[number].name: number_used for number_used, number in enumerate(used)}
    return Together(
        paired=tuple(paired),
        names=tuple((place[pair.first], place[pair.second]) for pair in pairs),
        places=tuple((place[pair.first], place[pair.second], pair.width) for pair in pairs),
        turns=tuple((turn[pair.first], turn[pair.second], pair.width) for pair in pairs),
        points=tuple(tuple(slope * value for value in pair.points) for pair in pairs),
        diagonals=tuple(tuple(slope * slope * value for value in pair.diagonal) for pair in pairs),
    )


def _reader(feature: Feature, index: dict[str, int], points: Sequence[float], slope: float) -> Reader:
    """Return how one feature is read; the edges only of a number."""
    entries = _entries(feature, points, slope)
    if feature.kind == "number":
        return feature.edges, {}, entries, partial(number_bin, edges=feature.edges, feature=feature.name)
    levels = {level: entries[code] for level, code in index.items()}
    return None, levels, entries, partial(category_bin, index=index, feature=feature.name)


def _entries(feature: Feature, points: Sequence[float], slope: float) -> tuple[Cell, ...]:
    """Return the entry of each bin: the calibrated points and their uncertainty on the calibrated scale."""
    last, pooled = len(points) - 1, POOLED if feature.kind == "category" else -1
    return tuple(
        (value, slope * slope * own, slope * one, slope * two, slope * three, code, code in (last, pooled))
        for code, (value, own, (one, two, three)) in enumerate(
            zip(points, feature.diagonal, feature.factors, strict=True)
        )
    )


def _picker(names: tuple[str, ...]) -> Callable[[Mapping[str, object]], tuple[Any, ...]]:
    """Return what takes the values of `names` out of a row, in that order."""
    if len(names) > 1:
        return itemgetter(*names)
    return lambda row: tuple([row[name] for name in names])


def lacking(given: Mapping[str, object], names: Sequence[str]) -> CardError:
    """Return the error for a row or a set of columns in which features of the card do not appear at all."""
    absent = [name for name in names if name not in given]
    return CardError(
        f"features not given: {', '.join(absent)}; a card needs every one of its features by name, "
        "with None where a value is unknown"
    )
