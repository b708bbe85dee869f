"""What a figure is, and the register of all of them."""

from __future__ import annotations

import importlib
import pkgutil
import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Literal

from benchmarks.needs import NEEDS

Better = Literal["higher", "lower"]
ID = re.compile(r"[A-Za-z0-9]+(?:[._-][A-Za-z0-9]+)*")


@dataclass(frozen=True, kw_only=True, slots=True)
class Run:
    """How thoroughly to measure: `--quick` takes fewer rows and repeats, against the same bars."""

    quick: bool = False

    def size(self, *, full: int, quick: int) -> int:
        """Rows or repeats to take."""
        return quick if self.quick else full


@dataclass(frozen=True, kw_only=True, slots=True)
class Measured:
    """One measured value, in words what it was compared with, and numbers worth keeping beside it."""

    value: float
    reference: str
    detail: Mapping[str, float] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True, slots=True)
class Figure:
    """A named measurement with its bar; `needs` names what a machine may lack."""

    id: str
    measure: Callable[[Run], Measured]
    bar: float | None
    better: Better
    unit: str
    needs: tuple[str, ...]
    whole: bool = False
    """Whether it is measured in the whole run alone: a protocol cut short answers another question."""

    def holds(self, value: float) -> bool:
        """Whether the value reaches the bar; NaN never does, and without a bar every number does."""
        if self.bar is None:
            return value == value
        return value >= self.bar if self.better == "higher" else value <= self.bar

    def bar_text(self) -> str:
        """The bar as printed: `>= 1,000x`."""
        if self.bar is None:
            return "no bar"
        return f"{'>=' if self.better == 'higher' else '<='} {number(self.bar)}{self.unit}"


FIGURES: dict[str, Figure] = {}


def figure(
    id: str,
    *,
    bar: float | None = None,
    better: Better = "lower",
    unit: str = "x",
    needs: Iterable[str] = (),
    whole: bool = False,
) -> Callable[[Callable[[Run], Measured]], Callable[[Run], Measured]]:
    """Register the decorated function as figure `id`; needs are names from `benchmarks.needs`.

    A figure of the `whole` run is left out of a quick one, and says so.
    """
    needs = tuple(needs)
    unknown = sorted(set(needs) - set(NEEDS))
    if not ID.fullmatch(id) or id in FIGURES or unknown:
        raise ValueError(f"figure {id!r}: the id is malformed or taken, or a need is unknown: {unknown}")

    def keep(measure: Callable[[Run], Measured]) -> Callable[[Run], Measured]:
        FIGURES[id] = Figure(id=id, measure=measure, bar=bar, better=better, unit=unit, needs=needs, whole=whole)
        return measure

    return keep


def load_figures() -> None:
    """Import every module of `benchmarks/figures/`."""
    package = importlib.import_module("benchmarks.figures")
    for found in pkgutil.iter_modules(package.__path__, prefix="benchmarks.figures."):
        importlib.import_module(found.name)


def select(wanted: Iterable[str]) -> list[Figure]:
    """The figures of those ids, all when none is named; `row` takes `row.full` too; else KeyError."""
    chosen: dict[str, Figure] = {}
    wanted = list(wanted)
    for name in wanted or FIGURES:
        found = {id: f for id, f in FIGURES.items() if id == name or id.startswith(f"{name}.")}
        if not found:
            raise KeyError(f"no figure {name!r}; there are: {', '.join(FIGURES)}")
        chosen |= found
    return list(chosen.values())


def number(value: float) -> str:
    """A figure as people read it: about four digits, thousands apart, tiny ones with an exponent."""
    if value != value or value in (float("inf"), float("-inf")):
        return str(value)
    if value and abs(value) < 1e-3:
        return f"{value:.2g}"
    return f"{value:,.0f}" if abs(value) >= 1000 or value == int(value) else f"{value:,.4g}"
