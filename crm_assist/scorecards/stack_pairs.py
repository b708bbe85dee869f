"""The pairs of many cards for one customer, looked up by the bins that the stack has found already.

Two cards seldom have the same pairs, and a table of every bin of all cards with every other would be nearly empty. So
each pair keeps the table of its own card, one after the other in a single column of points, and knows for each row of
the stack's two features where in that column it leads.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import accumulate
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


@dataclass(frozen=True, kw_only=True, slots=True)
class PlainPairs:
    """The pairs in plain Python; each entry is card, both turns with where their rows begin, both ways, and points."""

    size: int
    entries: tuple[tuple[int, int, int, tuple[int, ...], int, int, tuple[int, ...], tuple[float, ...]], ...]

    def sums(self, places: Sequence[int]) -> list[float]:
        """Return what `Pairs.sums` promises."""
        total = [0.0] * self.size
        for card, first, start, along, second, other, down, points in self.entries:
            total[card] += points[along[places[first] - start] + down[places[second] - other]]
        return total


@dataclass(frozen=True, kw_only=True, slots=True)
class ArrayPairs:
    """The pairs as arrays: those of all cards are looked up in a few calls, however many there are."""

    size: int
    card: Any
    """The place of the card of each pair, shape (pairs,)."""
    turns: Any
    """The place of both features among `places`, first of all pairs, then second, shape (2 * pairs,)."""
    shifts: Any
    """What to add to the feature's row to find its way, shape (2 * pairs,)."""
    ways: Any
    """Where each row leads: for first features the beginning of a row of the points, for second the step within it."""
    points: Any

    def sums(self, places: Sequence[int]) -> Any:
        """Return what `Pairs.sums` promises, as an array of shape (cards,)."""
        # NumPy is optional, and loaded by now: there are arrays.
        from numpy import array, bincount

        ways = self.ways.take(array(places).take(self.turns) + self.shifts)
        half = len(self.card)
        # Counted in the order of the pairs, as a card alone adds them up.
        return bincount(self.card, weights=self.points.take(ways[:half] + ways[half:]), minlength=self.size)


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
            (m.card, m.first + 1, starts[m.first], _rows(m), m.second + 1, starts[m.second], m.down, m.points)
            for m in meetings
        ),
    )


def _rows(meeting: Meeting) -> tuple[int, ...]:
    return tuple(row * meeting.pair.width for row in meeting.along)


def _arrays(meetings: Sequence[Meeting], starts: Sequence[int], cards: int) -> ArrayPairs:
    import numpy as np

    begins = list(accumulate((len(m.pair.points) for m in meetings), initial=0))
    ways = [tuple(begin + row for row in _rows(m)) for m, begin in zip(meetings, begins, strict=False)]
    ways += [m.down for m in meetings]
    turns = [m.first for m in meetings] + [m.second for m in meetings]
    offsets = accumulate(map(len, ways), initial=0)
    return ArrayPairs(
        size=cards,
        card=np.array([m.card for m in meetings], dtype=np.intp),
        turns=np.array(turns, dtype=np.intp) + 1,
        shifts=np.array([offset - starts[turn] for offset, turn in zip(offsets, turns, strict=False)], dtype=np.intp),
        ways=np.array([step for way in ways for step in way], dtype=np.intp),
        points=np.array([value for m in meetings for value in m.points], dtype=np.float64),
    )
