"""Made-up training data whose truth is known: honest columns, and columns written after the outcome."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from tests.learning.examples import customers

Floats = npt.NDArray[np.float64]


@dataclass(frozen=True, kw_only=True)
class World:
    """Columns known before, outcomes, and the random source that drew them."""

    X: dict[str, Any]
    y: Floats
    draw: np.random.Generator

    def call(self) -> Floats:
        """Seconds of talk, which end early with those who do not buy: known only afterwards."""
        long, short = self.draw.lognormal(6.2, 0.5, len(self.y)), self.draw.lognormal(5.1, 0.9, len(self.y))
        return np.where(self.y == 1, long, short)

    def contract(self) -> list[float | None]:
        """Days since the contract was signed, unknown for whoever has none: the outcome itself."""
        return [float(self.draw.integers(1, 90)) if bought else None for bought in self.y]

    def welcomed(self) -> list[bool]:
        """A letter sent to four in ten of those who bought."""
        return ((self.y == 1) & (self.draw.random(len(self.y)) < 0.4)).tolist()

    def copied(self) -> Floats:
        """The outcome with one row in fifty mistaken."""
        return np.where(self.draw.random(len(self.y)) < 0.02, 1.0 - self.y, self.y)


def world(rows: int = 8000, *, strong: float = 0.0, level: float = -2.6, seed: int = 3) -> World:
    """Six honest columns of middling use; `strong` is the slope of a seventh, in log-odds per standard deviation."""
    draw = np.random.default_rng(seed)
    numbers = {f"number{place}": draw.normal(size=rows) for place in range(4)}
    job = draw.choice(["clerk", "nurse", "pilot", "baker"], rows)
    likes = draw.normal(size=rows)
    logit = level + strong * likes + 0.6 * (job == "nurse")
    logit += sum(slope * column for slope, column in zip((0.6, 0.5, 0.4, 0.3), numbers.values(), strict=True))
    y = (draw.random(rows) < 1 / (1 + np.exp(-logit))).astype(float)
    X: dict[str, Any] = {**numbers, "job": job.tolist(), "noise": draw.normal(size=rows)}
    return World(X=X | ({"likes": likes} if strong else {}), y=y, draw=draw)


def owners(rows: int = 8000) -> World:
    """Half of the customers have the product already and never buy it: an honest column without any outcome."""
    made = world(rows, level=-1.6)
    owns = made.draw.random(rows) < 0.5
    return World(X={**made.X, "owns": owns.tolist()}, y=np.where(owns, 0.0, made.y), draw=made.draw)


def plain() -> tuple[dict[str, Any], list[int]]:
    """The customers of the other tests, gaps and rare levels included."""
    return customers()
