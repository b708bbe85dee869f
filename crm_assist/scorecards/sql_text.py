"""Pieces of SQL that carry their parameters with them, in textual order."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from enum import Enum, auto
from typing import Any


class Reading(Enum):
    """How a database's value becomes the value that a card bins."""

    PLAIN = auto()
    CHEAP = auto()
    """A column of floats or whole numbers: it costs next to nothing to name it more than once."""
    BOOLEAN = auto()
    DURATION = auto()


class Fragment:
    """A piece of SQL and the parameters of its placeholders; adding two keeps both in order."""

    __slots__ = ("params", "sql")

    def __init__(self, sql: str, params: Sequence[Any] = ()) -> None:
        self.sql = sql
        self.params = tuple(params)

    def __add__(self, other: Fragment) -> Fragment:
        return Fragment(self.sql + other.sql, self.params + other.params)

    def join(self, pieces: Iterable[Fragment]) -> Fragment:
        """Return the pieces with this one between them."""
        listed = list(pieces)
        params = [value for piece in listed for value in piece.params]
        return Fragment(self.sql.join(piece.sql for piece in listed), params)


def balanced_sum(terms: Sequence[Fragment]) -> Fragment:
    """Return the sum of `terms`, bracketed as a balanced tree: SQLite allows a depth of 1,000."""
    if len(terms) <= 8:
        return Fragment("(") + Fragment(" + ").join(terms) + Fragment(")")
    middle = len(terms) // 2
    left, right = balanced_sum(terms[:middle]), balanced_sum(terms[middle:])
    return Fragment("(") + left + Fragment(" + ") + right + Fragment(")")
