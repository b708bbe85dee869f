"""The score of one record: the probability, how sure it is, and exactly why."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable
from functools import partial
from itertools import compress, repeat
from operator import itemgetter
from typing import Any, NamedTuple

from .parts import QUANTILE


class Contribution(NamedTuple):
    """What one feature adds: `points` are log-odds against the mean customer of the training population.

    Of a pair it is what both add together beyond each alone: `beside` names the second feature, with its value and
    its bin.
    """

    feature: str
    value: object
    points: float
    bin: int
    beside: str = ""
    beside_value: object = None
    beside_bin: int | None = None


_points = itemgetter(2)
_ALONE = (repeat(""), repeat(None), repeat(None))
# Without the name's own call, which costs as much as the rest of a reason.
_contribution: Callable[[Iterable[object]], Contribution] = partial(tuple.__new__, Contribution)


class Score(NamedTuple):
    """A calibrated probability, its 90 % interval and its exact parts: base + all points, pairs included, = logit.

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
    pairs: tuple[tuple[int, int], ...] = ()
    pair_points: tuple[float, ...] = ()

    @property
    def missing(self) -> tuple[str, ...]:
        """Return the names of the features whose value is unknown."""
        return tuple(compress(self.names, self.unknown))

    @property
    def evidence(self) -> float:
        """Return how many customers like this one the score rests on: as many as would leave a rate so uncertain.

        From the delta method: a rate p of n customers has the variance 1 / (n p (1 - p)) on the scale of log-odds.
        Infinite where the card claims no uncertainty.
        """
        p, (low, high) = self.probability, self.interval
        if not 0.0 < low <= high < 1.0 or low == high:
            return math.inf
        reach = (math.log(high / (1.0 - high)) - math.log(low / (1.0 - low))) / 2.0
        return (QUANTILE / reach) ** 2 / (p * (1.0 - p))

    @property
    def contributions(self) -> tuple[Contribution, ...]:
        """Return what every feature adds, in the card's order, then every pair."""
        return (*map(Contribution, self.names, self.values, self.points, self.bins), *map(_contribution, self._pairs()))

    def _pairs(self) -> list[tuple[object, ...]]:
        names, values, bins = self.names, self.values, self.bins
        return [
            (names[a], values[a], points, bins[a], names[b], values[b], bins[b])
            for (a, b), points in zip(self.pairs, self.pair_points, strict=True)
        ]

    @property
    def reasons(self) -> tuple[Contribution, ...]:
        """Return the six strongest contributions, for and against."""
        return self.strongest(6)

    def strongest(self, n: int) -> tuple[Contribution, ...]:
        """Return up to `n` contributions, strongest first: half of them for and half against where there are
        enough.

        A feature that adds nothing is no reason. Read for or against from the sign of `points`.
        """
        found: list[Any] = list(zip(self.names, self.values, self.points, self.bins, *_ALONE, strict=False))
        if self.pairs:
            found += self._pairs()
        order = sorted(found, key=_points)
        against = [one for one in order[:n] if one[2] < 0]
        favour = [one for one in order[: -n - 1 : -1] if one[2] > 0]
        of_favour = min(len(favour), max(n - n // 2, n - len(against)))
        chosen = favour[:of_favour] + against[: n - of_favour]
        chosen.sort(key=lambda one: -abs(one[2]))
        return tuple(map(_contribution, chosen))
