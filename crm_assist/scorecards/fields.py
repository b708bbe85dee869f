"""Reading the members of a JSON object one by one, each fault named by its path, value and remedy."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from itertools import pairwise
from typing import Any, TypeVar

from .errors import CardError, shown

T = TypeVar("T")
U = TypeVar("U")
Scalar = float | str | bool | None


@dataclass(frozen=True, slots=True)
class Fields:
    """The members of one JSON object at `path`, each of the type it must have or refused with CardError."""

    content: dict[str, Any]
    path: str

    def fault(self, name: str, value: object, rule: str) -> CardError:
        """Return the error for member `name`: its path, the value found, and what it must be."""
        return CardError(f"{self.path}{name} is {shown(value)}; {rule}")

    def get(self, name: str) -> Any:
        """Return member `name` as it is; refused when it is not there."""
        try:
            return self.content[name]
        except KeyError:
            raise CardError(f"{self.path}{name} is missing; the card is incomplete: export it again") from None

    def maybe(self, name: str, read: Callable[[str], T]) -> T | None:
        """Return None when member `name` is null, else what `read` makes of it."""
        return None if self.get(name) is None else read(name)

    def later(self, name: str, read: Callable[[str], T], otherwise: U) -> T | U:
        """Return what `read` makes of member `name`, which older cards do not have: then `otherwise`."""
        return read(name) if name in self.content else otherwise

    def truth(self, name: str) -> bool:
        """Return true or false."""
        value = self.get(name)
        if not isinstance(value, bool):
            raise self.fault(name, value, "it must be true or false")
        return value

    def number(self, name: str, *, least: float = -math.inf) -> float:
        """Return a finite number of at least `least`."""
        return self._finite(name, self.get(name), least)

    def integer(self, name: str, *, least: int | None = 0) -> int:
        """Return an integer of at least `least`."""
        value = self.get(name)
        if type(value) is not int:
            raise self.fault(name, value, "it must be an integer")
        if least is not None and value < least:
            raise self.fault(name, value, f"it must be at least {least}")
        return value

    def text(self, name: str, *, empty: bool = True) -> str:
        """Return a text, which may be empty only where `empty` says so."""
        value = self.get(name)
        if not isinstance(value, str):
            raise self.fault(name, value, "it must be a text")
        if not (value or empty):
            raise self.fault(name, value, "it must not be empty")
        return value

    def numbers(self, name: str, *, length: int | None = None, least: float = -math.inf) -> tuple[float, ...]:
        """Return finite numbers, exactly `length` of them where it is given: one per bin."""
        values = self._list(name, length)
        return tuple(self._finite(f"{name}[{i}]", value, least) for i, value in enumerate(values))

    def rows(self, name: str, *, length: int, width: int) -> tuple[tuple[float, ...], ...]:
        """Return `length` tuples of `width` finite numbers."""
        self._list(name, length)
        return tuple(
            Fields({f"{name}[{i}]": row}, self.path).numbers(f"{name}[{i}]", length=width)
            for i, row in enumerate(self.content[name])
        )

    def increasing(self, name: str) -> tuple[float, ...]:
        """Return finite numbers, each above the one before."""
        values = self.numbers(name)
        for i, (before, after) in enumerate(pairwise(values)):
            if not before < after:
                raise self.fault(f"{name}[{i + 1}]", after, f"edges must increase, the one before is {before!r}")
        return values

    def texts(self, name: str) -> tuple[str, ...]:
        """Return texts that differ from each other."""
        values = self._list(name, None)
        for i, value in enumerate(values):
            if not isinstance(value, str):
                raise self.fault(f"{name}[{i}]", value, "it must be a text")
        if len(set(values)) < len(values):
            raise self.fault(name, values, "each text must stand once")
        return tuple(values)

    def inside(self, name: str) -> Fields:
        """Return the members of the object `name`."""
        value = self.get(name)
        if not isinstance(value, dict):
            raise self.fault(name, value, "it must be an object")
        return Fields(value, f"{self.path}{name}.")

    def objects(self, name: str) -> list[Fields]:
        """Return the members of each object in the list `name`."""
        values = self._list(name, None)
        return [Fields({f"{name}[{i}]": v}, self.path).inside(f"{name}[{i}]") for i, v in enumerate(values)]

    def scalars(self, name: str) -> dict[str, Scalar]:
        """Return an object whose members are numbers, texts, booleans or null."""
        inner = self.inside(name)
        for key, value in inner.content.items():
            if not (value is None or isinstance(value, (bool, int, float, str))):
                raise inner.fault(key, value, "it must be a number, a text, a boolean or null")
        return dict(inner.content)

    def _list(self, name: str, length: int | None) -> list[Any]:
        values = self.get(name)
        if not isinstance(values, list):
            raise self.fault(name, values, "it must be a list")
        if length is not None and len(values) != length:
            raise CardError(f"{self.path}{name} has {len(values)} entries; it must have {length}, one per bin")
        return values

    def _finite(self, name: str, value: object, least: float) -> float:
        if isinstance(value, bool) or not isinstance(value, (int, float)):
            raise self.fault(name, value, "it must be a number")
        try:
            number = float(value)
        except OverflowError:
            number = math.inf
        if not math.isfinite(number):
            raise self.fault(name, value, "it must be finite")
        if number < least:
            raise self.fault(name, value, f"it must be at least {least}")
        return number
