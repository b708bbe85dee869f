"""A moment that stands for any moment: what is done to it is noted, so that it can be done to another one later.

Shifts, changes of zone, replaced parts and the step to the day are noted. Whoever looks at it, to branch or to take a
number out of it, raises Looked: what was made of it then holds for this one moment alone.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, date, datetime, timedelta
from typing import Any, Self

Step = tuple[str, tuple[Any, ...], tuple[tuple[str, Any], ...]]


class Looked(Exception):
    """A moment was looked at, so what follows from it holds for that moment alone."""


class _Noted:
    """The steps from a named moment to a value; two values are equal when the same steps lead to them."""

    root: str
    steps: tuple[Step, ...]

    def fill(self, values: Mapping[str, Any]) -> Any:
        """The same steps from the moment that is given under the name."""
        made = values[self.root]
        for method, args, options in self.steps:
            made = getattr(made, method)(*args, **dict(options))
        return made

    def __eq__(self, other: object) -> bool:
        if isinstance(other, _Noted) and (self.root, self.steps) == (other.root, other.steps):
            return True
        raise Looked

    def __ne__(self, other: object) -> bool:
        return not self == other

    def __hash__(self) -> int:
        return hash((self.root, self.steps))

    def __copy__(self) -> Self:
        return self

    def __deepcopy__(self, memo: object) -> Self:
        return self

    def __reduce_ex__(self, protocol: object) -> Any:
        raise Looked

    def _then(
        self, made: Any, method: str, args: tuple[Any, ...] = (), options: Mapping[str, Any] | None = None
    ) -> Any:
        if any(isinstance(arg, date) for arg in args):
            raise Looked  # the time between two moments is a number
        return noted(made, self.root, (*self.steps, (method, args, tuple((options or {}).items()))))


def _looking(*_args: Any, **_options: Any) -> Any:
    raise Looked


class AnyMoment(_Noted, datetime):
    """A date and time that notes what is done to it."""

    def __add__(self, other: timedelta) -> Any:
        return self._then(datetime.__add__(self, other), "__add__", (other,))

    __radd__ = __add__

    def __sub__(self, other: Any) -> Any:
        return self._then(datetime.__sub__(self, other), "__sub__", (other,))

    def astimezone(self, tz: Any = None) -> Any:
        """The same moment elsewhere."""
        return self._then(_plain(self).astimezone(tz), "astimezone", (tz,))

    def replace(self, *args: Any, **options: Any) -> Any:
        """The moment with parts replaced."""
        return self._then(_plain(self).replace(*args, **options), "replace", args, options)

    def date(self) -> Any:
        """The day."""
        return self._then(_plain(self).date(), "date")

    def utcoffset(self) -> timedelta | None:
        """Nothing is learned from the offset of UTC, or of none; any other depends on the season."""
        zone = datetime.tzinfo.__get__(self)
        if zone is None or zone is UTC:
            return None if zone is None else timedelta(0)
        raise Looked


class AnyDay(_Noted, date):
    """A day that notes what is done to it."""

    def __add__(self, other: timedelta) -> Any:
        return self._then(date.__add__(self, other), "__add__", (other,))

    __radd__ = __add__

    def __sub__(self, other: Any) -> Any:
        return self._then(date.__sub__(self, other), "__sub__", (other,))

    def replace(self, *args: Any, **options: Any) -> Any:
        """The day with parts replaced."""
        return self._then(_plain_day(self).replace(*args, **options), "replace", args, options)


_COMPARED = ("__lt__", "__le__", "__gt__", "__ge__", "__rsub__", "__str__", "__format__")
_PARTS = ("year", "month", "day")
_OF_A_DAY = ("timetuple", "toordinal", "weekday", "isoweekday", "isocalendar", "isoformat", "ctime", "strftime")
_TIMES = ("hour", "minute", "second", "microsecond", "tzinfo", "fold")
_OF_A_MOMENT = ("time", "timetz", "timestamp", "utctimetuple", "dst", "tzname")
for _kind in (AnyMoment, AnyDay):
    _named = (*_COMPARED, *_OF_A_DAY, *(_OF_A_MOMENT if _kind is AnyMoment else ()))
    for _name in _named:
        setattr(_kind, _name, _looking)
    for _name in (*_PARTS, *(_TIMES if _kind is AnyMoment else ())):
        setattr(_kind, _name, property(_looking))


def any_moment(real: datetime, name: str) -> datetime:
    """A moment that stands for any, to be given later under the name; meanwhile it has the value of `real`."""
    return noted(real, name, ())  # type: ignore[no-any-return]


def noted(real: Any, root: str, steps: tuple[Step, ...]) -> Any:
    """The value with the steps that led to it."""
    made: Any
    if isinstance(real, datetime):
        real = _plain(real)
        parts = (real.year, real.month, real.day, real.hour, real.minute, real.second, real.microsecond, real.tzinfo)
        made = datetime.__new__(AnyMoment, *parts, fold=real.fold)
    else:
        real = _plain_day(real)
        made = date.__new__(AnyDay, real.year, real.month, real.day)
    made.root, made.steps = root, steps
    return made


def _plain(moment: datetime) -> datetime:
    part = {name: getattr(datetime, name).__get__(moment) for name in (*_PARTS, *_TIMES)}
    return datetime(**part)


def _plain_day(day: date) -> date:
    return date(*(getattr(date, name).__get__(day) for name in _PARTS))
