"""A query that was put into SQL once, with places for what changes from one use to the next.

Django takes milliseconds to make the SQL of a large query and microseconds to run it. Stand-ins are given to the query
instead of values: a `Slot` for a text, an `any_moment` for a moment. They come out among its parameters untouched.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol, runtime_checkable


@runtime_checkable
class StandIn(Protocol):
    """A parameter that is made of the values of each use."""

    def fill(self, values: Mapping[str, Any]) -> Any:
        """The value of this use."""


class Slot(str):
    """A text that is given later under this name."""

    __slots__ = ()

    def fill(self, values: Mapping[str, Any]) -> Any:
        """The text of this use."""
        return values[str(self)]


@dataclass(frozen=True, kw_only=True, slots=True)
class Statement:
    """SQL and its parameters, some of them stand-ins: each different one is made once, then put in its places."""

    sql: str
    params: tuple[Any, ...]
    stand_ins: tuple[StandIn, ...]
    places: tuple[tuple[int, int], ...]

    def filled(self, values: Mapping[str, Any]) -> list[Any]:
        """The parameters of one use; KeyError for a stand-in that is given no value."""
        made = [stand_in.fill(values) for stand_in in self.stand_ins]
        params = list(self.params)
        for place, number in self.places:
            params[place] = made[number]
        return params


def statement(sql: str, params: Sequence[Any]) -> Statement:
    """The statement of a query that was compiled with stand-ins."""
    numbers: dict[tuple[type, StandIn], int] = {}
    places = []
    for place, param in enumerate(params):
        if isinstance(param, StandIn):
            places.append((place, numbers.setdefault((type(param), param), len(numbers))))
    known = tuple(stand_in for _, stand_in in numbers)
    return Statement(sql=sql, params=tuple(params), stand_ins=known, places=tuple(places))
