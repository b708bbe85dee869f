"""The score of one record: the probability, how sure it is, and exactly why."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple


class Contribution(NamedTuple):
    """What one feature adds: `points` are log-odds against the mean customer of the training population."""

    feature: str
    value: object
    points: float
    bin: int


@dataclass(frozen=True, kw_only=True, slots=True)
class Score:
    """A calibrated probability with its 90 % interval and its exact parts: base + sum of the points = logit.

    `missing` names the features whose value is unknown, or a category that the card never saw or pooled as
    rare.
    """

    probability: float
    interval: tuple[float, float]
    logit: float
    base: float
    missing: tuple[str, ...]
    names: tuple[str, ...]
    values: tuple[object, ...]
    points: tuple[float, ...]
    bins: tuple[int, ...]

    @property
    def contributions(self) -> tuple[Contribution, ...]:
        """Return what every feature adds, in the card's order."""
        return tuple(map(Contribution, self.names, self.values, self.points, self.bins))

    def reasons(self, n: int = 6) -> tuple[Contribution, ...]:
        """Return up to `n` contributions, strongest first: half of them for and half against where there are
        enough.

        A feature that adds nothing is no reason. Read for or against from the sign of `points`.
        """
        points = self.points
        order = sorted(range(len(points)), key=points.__getitem__)
        against = [i for i in order[:n] if points[i] < 0]
        favour = [i for i in order[: -n - 1 : -1] if points[i] > 0]
        of_favour = min(len(favour), max(n - n // 2, n - len(against)))
        chosen = favour[:of_favour] + against[: n - of_favour]
        chosen.sort(key=[abs(value) for value in points].__getitem__, reverse=True)
        return tuple([Contribution(self.names[i], self.values[i], points[i], self.bins[i]) for i in chosen])
