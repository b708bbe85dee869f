"""Many cards over shared features, scored for one customer together: each feature is read and binned once.

The bins of a feature are those of all cards at once: every edge and every level that any card knows. Each such bin is
a row of a table with the points of every card, so that a customer's scores are the sum of a few rows. The sums are
taken in each card's own order (where the cards agree on one), hence equal to `card.one` to the last digit, with NumPy
and without. Pairs of features are looked up by the same bins (`stack_pairs`) and added at the end, as `card.one` does.
"""

from __future__ import annotations

import math
from bisect import bisect_right
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from graphlib import CycleError, TopologicalSorter
from importlib.util import find_spec
from itertools import chain, pairwise
from operator import add
from typing import Any

from .binning import category_bin, coarser_bins, number_bin
from .parts import Feature, Kind
from .row import CLAMP, lacking, sigmoid
from .scorecard import Scorecard
from .stack_pairs import Meeting, Pairs, pairs_of

MANY = 32
"""From so many cards on NumPy pays, where it is installed; below, a process need not load it."""

MOST_CELLS = 2_000_000
"""Points in one table (16 MB); cards of so different edges that they need more are laid out in several tables."""

_EXACT = 2**53  # as one record is read: integers beyond it are rounded to a float before they are compared

Key = tuple[str, Kind]


@dataclass(frozen=True, kw_only=True, slots=True)
class Axis:
    """One feature over all cards: every edge or level that a card has, and where its rows begin in the table.

    Rows run as the bins of `Feature` do: with edges len(edges) + 1 ranges, then "missing"; with levels the unseen
    first, then each level, then "missing".
    """

    name: str
    kind: Kind
    edges: tuple[float, ...]
    levels: tuple[str, ...]
    start: int

    @property
    def size(self) -> int:
        """Return how many rows it has."""
        return len(self.edges) + len(self.levels) + 2

    def bins_of(self, part: Feature) -> tuple[int, ...]:
        """Return the bin of one card's feature that each row falls in, one entry per row."""
        return coarser_bins(self.edges, self.levels, part.edges, part.levels)


@dataclass(frozen=True, kw_only=True, slots=True)
class Block:
    """Cards in one table; its entries are points times -1, so that their sum is what `exp` takes."""

    cards: tuple[Scorecard, ...]
    numbers: tuple[tuple[str, tuple[float, ...], int], ...]
    categories: tuple[tuple[str, dict[str | None, int], dict[str, int], int], ...]
    rows: tuple[tuple[float, ...], ...]
    table: Any
    """The same as an array, shape (rows, cards), where NumPy is used; else None."""
    pairs: Pairs | None
    """What pairs of features add; None where no card has any."""
    is_bounded: bool
    """Whether no sum can leave +-CLAMP, so that none need be looked at."""

    def probabilities(self, row: Mapping[str, object]) -> list[float]:
        """Return the calibrated probability of each card; CardError when a feature cannot be read."""
        sums = self.sums(row)
        negated = sums if self.table is None else sums.tolist()
        if self.is_bounded:
            return [1.0 / (1.0 + power) for power in map(math.exp, negated)]
        return [sigmoid(-value) for value in negated]

    def best(self, row: Mapping[str, object], n: int) -> list[tuple[int, float]]:
        """Return the place and the logit of the `n` cards of the highest, best first; equals in their own order."""
        sums = self.sums(row)
        if self.table is None:
            order = sorted(range(len(sums)), key=sums.__getitem__)[:n]
        else:
            order = sums.argsort(kind="stable")[:n].tolist()
        return [(place, -float(sums[place])) for place in order]

    def sums(self, row: Mapping[str, object]) -> Any:
        """Return the logit of each card times -1, not clamped: an array, shape (cards,), with NumPy, else a tuple."""
        places = self.places(row)
        if self.table is not None:
            # Along the first axis NumPy adds row after row, so the order of the sum is that of `card.one`.
            summed = self.table.take(places, axis=0).sum(axis=0)
            return summed if self.pairs is None else summed + self.pairs.sums(places)
        total = self.rows[0]
        for place in places[1:]:
            total = tuple(map(add, total, self.rows[place]))
        return total if self.pairs is None else tuple(map(add, total, self.pairs.sums(places)))

    def places(self, row: Mapping[str, object]) -> list[int]:
        """Return the rows of the table that add up to this customer's scores: the intercepts, then each feature's."""
        found = [0]
        try:
            for name, edges, start in self.numbers:
                value: Any = row[name]
                kind = value.__class__
                if (kind is float and value == value) or (kind is int and -_EXACT <= value <= _EXACT):
                    found.append(start + bisect_right(edges, value))
                else:
                    found.append(start + number_bin(value, edges, name))
            for name, known, index, start in self.categories:
                value = row[name]
                place = known.get(value) if value.__class__ is str or value is None else None
                found.append(start + category_bin(value, index, name) if place is None else place)
        except KeyError as error:
            names = dict.fromkeys(chain.from_iterable(card.features for card in self.cards))
            raise lacking(row, tuple(names)) from error
        return found


@dataclass(frozen=True, kw_only=True, slots=True)
class Stack:
    """Cards that score one customer together; `blocks` say at which place of `size` each card stands."""

    size: int
    blocks: tuple[tuple[tuple[int, ...], Block], ...]

    def one(self, row: Mapping[str, object]) -> list[float]:
        """Return the calibrated probability of each card, in the order of the cards.

        CardError when a feature of any card is not given or cannot be read: then ask each card alone.
        """
        result = [0.0] * self.size
        for places, block in self.blocks:
            for place, value in zip(places, block.probabilities(row), strict=True):
                result[place] = value
        return result

    def best(self, row: Mapping[str, object], n: int) -> list[tuple[int, float]]:
        """Return the place and probability of the `n` cards of the highest, best first; equals in their own order.

        Faster than `one`, because only what is returned becomes a probability. CardError as there.
        """
        found = [(places[i], logit) for places, block in self.blocks for i, logit in block.best(row, n)]
        if len(self.blocks) != 1:
            found.sort(key=lambda one: (-one[1], one[0]))
        return [(place, sigmoid(logit)) for place, logit in found[:n]]


def stacked(cards: Sequence[Scorecard], *, numpy: bool | None = None) -> Stack:
    """Return the cards laid out to score one customer together.

    `numpy` says whether NumPy adds up; by default it does for MANY cards where it is installed.
    """
    use = (len(cards) >= MANY and find_spec("numpy") is not None) if numpy is None else numpy
    return Stack(size=len(cards), blocks=tuple(_blocks(list(enumerate(cards)), numpy=use)))


def _blocks(cards: Sequence[tuple[int, Scorecard]], *, numpy: bool) -> list[tuple[tuple[int, ...], Block]]:
    """Lay the cards out in one table, or each half apart when that has too many cells."""
    if not cards:
        return []
    axes = _axes([card for _place, card in cards])
    if len(cards) > 1 and len(cards) * sum(axis.size for axis in axes) > MOST_CELLS:
        half = len(cards) // 2
        return _blocks(cards[:half], numpy=numpy) + _blocks(cards[half:], numpy=numpy)
    return [(tuple(place for place, _card in cards), _block([card for _place, card in cards], axes, numpy=numpy))]


def _axes(cards: Sequence[Scorecard]) -> list[Axis]:
    """Return the features of all cards, numbers first as one card adds them up, each with the bins of all."""
    parts: dict[Key, list[Feature]] = {}
    for card in cards:
        for part in card.parts:
            parts.setdefault((part.name, part.kind), []).append(part)
    axes, start = [], 1
    for name, kind in _ordered(cards):
        mine = parts[name, kind]
        edges = tuple(sorted({edge for part in mine for edge in part.edges}))
        levels = tuple(dict.fromkeys(level for part in mine for level in part.levels))
        axes.append(Axis(name=name, kind=kind, edges=edges, levels=levels, start=start))
        start += axes[-1].size
    return axes


def _ordered(cards: Sequence[Scorecard]) -> list[Key]:
    """Return the features in an order that every card's own order agrees with; by first appearance if there is none."""
    orders: list[list[Key]] = []
    for card in cards:
        keys: list[Key] = [(part.name, part.kind) for part in card.parts]
        orders.append(sorted(keys, key=lambda key: key[1] != "number"))
    everything = sorted(dict.fromkeys(chain.from_iterable(orders)), key=lambda key: key[1] != "number")
    before: dict[Key, list[Key]] = {key: [] for key in everything}
    for order in orders:
        for first, second in pairwise(order):
            before[second].append(first)
    try:
        return sorted(TopologicalSorter(before).static_order(), key=lambda key: key[1] != "number")
    except CycleError:
        return everything


def _block(cards: Sequence[Scorecard], axes: Sequence[Axis], *, numpy: bool) -> Block:
    rows = [tuple(-card.row_plan.base for card in cards)]
    for axis in axes:
        rows += zip(*(_column(axis, card) for card in cards), strict=True)
    categories = []
    for axis in axes:
        if axis.kind == "category":
            index = {level: code for code, level in enumerate(axis.levels, start=1)}
            known: dict[str | None, int] = {level: axis.start + code for level, code in index.items()}
            known[None] = axis.start + axis.size - 1
            categories.append((axis.name, known, index, axis.start))
    return Block(
        cards=tuple(cards),
        is_bounded=all(map(_is_bounded, cards)),
        numbers=tuple((axis.name, axis.edges, axis.start) for axis in axes if axis.kind == "number"),
        categories=tuple(categories),
        rows=() if numpy else tuple(rows),
        table=_array(rows) if numpy else None,
        pairs=pairs_of(_meetings(cards, axes), [axis.start for axis in axes], cards=len(cards), numpy=numpy),
    )


def _meetings(cards: Sequence[Scorecard], axes: Sequence[Axis]) -> list[Meeting]:
    """Return every pair of every card, by the turns of its features among the axes."""
    turn = {(axis.name, axis.kind): number for number, axis in enumerate(axes)}
    found = []
    for place, card in enumerate(cards):
        for pair in card.pairs:
            one, other = (card.part(name) for name in pair.names)
            first, second = turn[one.name, one.kind], turn[other.name, other.kind]
            ways = axes[first].bins_of(one), axes[second].bins_of(other)
            found.append(Meeting(place, pair, card.calibration.slope, first, second, *ways))
    return found


def _column(axis: Axis, card: Scorecard) -> list[float]:
    """Return one card's points for each row of an axis; zeros when the card has no such feature."""
    part = next((part for part in card.parts if (part.name, part.kind) == (axis.name, axis.kind)), None)
    if part is None:
        return [0.0] * axis.size
    slope = card.calibration.slope
    points = [-(slope * value) for value in part.points]
    return [points[code] for code in axis.bins_of(part)]


def _array(rows: Sequence[tuple[float, ...]]) -> Any:
    # NumPy is optional: processes that serve few products never load it.
    import numpy as np

    return np.array(rows, dtype=np.float64)


def _is_bounded(card: Scorecard) -> bool:
    tables = chain((part.points for part in card.parts), (pair.points for pair in card.pairs))
    most = sum(max(map(abs, points)) for points in tables)
    return abs(card.row_plan.base) + card.calibration.slope * most <= CLAMP
