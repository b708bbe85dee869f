"""The score of one record: the probability, how sure it is, and exactly why."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from functools import partial
from itertools import compress
from operator import itemgetter
from typing import NamedTuple


class Contribution(NamedTuple):
    """What one feature adds: `points` are log-odds against the mean customer of the training population."""

    feature: str
    value: object
    points: float
    bin: int


_points = itemgetter(2)
# Without the name's own call, which costs as much as the rest of a reason.
_contribution: Callable[[Iterable[object]], Contribution] = partial(tuple.__new__, Contribution)


class Score(NamedTuple):
    """A calibrated probability with its 90 % interval and its exact parts: base + sum of the points = logit.

    A tuple because it is made while an agent waits. `unknown` says of each feature whether its value is missing,
    or a category that the card never saw or pooled as rare.
    """

    probability: float
    interval: tuple[float, float]
    logit: float
    base: float
    names: tuple[str, ...]
    values: tuple[object, ...]
    points: tuple[float, ...]
    bins: tuple[int, ...]
    unknown: tuple[bool, ...]

    @property
    def missing(self) -> tuple[str, ...]:
        """Return the names of the features whose value is unknown."""
        return tuple(compress(self.names, self.unknown))

    @property
    def contributions(self) -> tuple[Contribution, ...]:
        """Return what every feature adds, in the card's order."""
        return tuple(map(Contribution, self.names, self.values, self.points, self.bins))

    @property
    def reasons(self) -> tuple[Contribution, ...]:
        """Return the six strongest contributions, for and against."""
        return self.strongest(6)

    def strongest(self, n: int) -> tuple[Contribution, ...]:
        """Return up to `n` contributions, strongest first: half of them for and half against where there are
        enough.

        A feature that adds nothing is no reason. Read for or against from the sign of `points`.
        """
        order = sorted(zip(self.names, self.values, self.points, self.bins, strict=True), key=_points)
        against = [one for one in order[:n] if one[2] < 0]
        favour = [one for one in order[: -n - 1 : -1] if one[2] > 0]
        of_favour = min(len(favour), max(n - n // 2, n - len(against)))
        chosen = favour[:of_favour] + against[: n - of_favour]
        chosen.sort(key=lambda one: -abs(one[2]))
        return tuple(map(_contribution, chosen))
