"""The pairs of many cards for one customer, looked up by the bins that the stack has found already.

Two cards seldom have the same pairs, and a table of every bin of all cards with every other would be nearly empty. So
each pair keeps the table of its own card, one after the other in a single column of points, and knows for each row of
the stack's two features where in that column it leads.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import accumulate, chain, islice
from typing import Any, NamedTuple, Protocol

from .parts import Pair


class Meeting(NamedTuple):
    """One pair of one card: `card` is its place, `first` and `second` the turn of each feature in the stack.

    `along` says for each row of the first feature which row of the card's own table is meant, `down` for each row of
    the second which of its columns.
    """

    card: int
    pair: Pair
    slope: float
    first: int
    second: int
    along: tuple[int, ...]
    down: tuple[int, ...]

    @property
    def points(self) -> tuple[float, ...]:
        """Return the calibrated points of the card's own table times -1, as the stack adds them up."""
        return tuple(-(self.slope * value) for value in self.pair.points)


class Pairs(Protocol):
    """What the pairs of several cards add up to."""

    def sums(self, places: Sequence[int]) -> Any:
        """Return what the pairs of each card add to its logit, times -1: one entry per card, 0 where it has none.

        `places` are the rows of the stack's table that the customer falls in: the intercepts, then each feature's.
        """
        ...


class Entry(NamedTuple):
    """A meeting as plain Python reads it: where both features stand among `places`, and where their rows begin."""

    card: int
    first: int
    first_start: int
    along: tuple[int, ...]
    second: int
    second_start: int
    down: tuple[int, ...]
    points: tuple[float, ...]


@dataclass(frozen=True, kw_only=True, slots=True)
class PlainPairs:
    """The pairs in plain Python, one after the other."""

    size: int
    entries: tuple[Entry, ...]

    def sums(self, places: Sequence[int]) -> list[float]:
        """Return what `Pairs.sums` promises."""
        total = [0.0] * self.size
        for card, first, start, along, second, second_start, down, points in self.entries:
            total[card] += points[along[places[first] - start] + down[places[second] - second_start]]
        return total


@dataclass(frozen=True, kw_only=True, slots=True)
class ArrayPairs:
    """The pairs as arrays: those of all cards are looked up in a few calls, however many there are.

    Cards that cut a feature alike share one way through it, so that there are few ways and many pairs.
    """

    size: int
    turns: Any
    """The place among `places` of the feature of each way, shape (ways,)."""
    shifts: Any
    """What to add to the feature's row to find where its way leads, shape (ways,)."""
    steps: Any
    """The ways, one after the other: for each row the beginning of a row of points, or the step within it."""
    card: Any
    """The place of the card of each pair, shape (pairs,); so are the next three."""
    along: Any
    down: Any
    begin: Any
    points: Any

    def sums(self, places: Sequence[int]) -> Any:
        """Return what `Pairs.sums` promises, as an array of shape (cards,)."""
        # NumPy is optional, and loaded by now: there are arrays.
        from numpy import array, bincount

        found = self.steps.take(array(places).take(self.turns) + self.shifts)
        cells = found.take(self.along)
        cells += found.take(self.down)
        cells += self.begin
        # Counted in the order of the pairs, as a card alone adds them up.
        return bincount(self.card, weights=self.points.take(cells), minlength=self.size)


def pairs_of(meetings: Sequence[Meeting], starts: Sequence[int], *, cards: int, numpy: bool) -> Pairs | None:
    """Return the pairs of so many cards laid out, None where there are none.

    `starts` says where the rows of each feature begin, in the order of their turns.
    """
    if not meetings:
        return None
    if numpy:
        return _arrays(meetings, starts, cards)
    return PlainPairs(
        size=cards,
        entries=tuple(
            Entry(m.card, m.first + 1, starts[m.first], _rows(m), m.second + 1, starts[m.second], m.down, m.points)
            for m in meetings
        ),
    )


def _rows(meeting: Meeting) -> tuple[int, ...]:
    return tuple(row * meeting.pair.width for row in meeting.along)


def _arrays(meetings: Sequence[Meeting], starts: Sequence[int], cards: int) -> ArrayPairs:
    # NumPy is optional: processes that serve few products never load it.
    import numpy as np

    ways: dict[tuple[int, tuple[int, ...]], int] = {}
    along = [ways.setdefault((m.first, _rows(m)), len(ways)) for m in meetings]
    down = [ways.setdefault((m.second, m.down), len(ways)) for m in meetings]
    offsets = accumulate((len(steps) for _turn, steps in ways), initial=0)
    shifts = [offset - starts[turn] for offset, (turn, _steps) in zip(offsets, ways, strict=False)]
    begins = accumulate((len(m.pair.points) for m in meetings), initial=0)

    def whole(numbers: Iterable[int]) -> Any:
        return np.array(list(numbers), dtype=np.intp)

    return ArrayPairs(
        size=cards,
        turns=whole(turn + 1 for turn, _steps in ways),
        shifts=whole(shifts),
        steps=whole(chain.from_iterable(steps for _turn, steps in ways)),
        card=whole(m.card for m in meetings),
        along=whole(along),
        down=whole(down),
        begin=whole(islice(begins, len(meetings))),
        points=np.array([value for m in meetings for value in m.points], dtype=np.float64),
    )
