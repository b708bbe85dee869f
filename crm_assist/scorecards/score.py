"""The score of one record: the probability, how sure it is, and exactly why."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable
from functools import partial
from itertools import compress
from typing import NamedTuple

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
        return self._contributions(range(len(self.names) + len(self.pairs)))

    def _contributions(self, places: Iterable[int]) -> tuple[Contribution, ...]:
        """Return the contributions at these places: those of features come first, then those of pairs."""
        _, _, _, _, names, values, points, bins, _, pairs, pair_points = self
        alone, found = len(names), []
        for place in places:
            if place < alone:
                one: tuple[object, ...] = (names[place], values[place], points[place], bins[place], "", None, None)
            else:
                a, b = pairs[place - alone]
                one = (names[a], values[a], pair_points[place - alone], bins[a], names[b], values[b], bins[b])
            found.append(_contribution(one))
        return tuple(found)

    @property
    def reasons(self) -> tuple[Contribution, ...]:
        """Return the six strongest contributions, for and against."""
        return self.strongest(6)

    def strongest(self, n: int) -> tuple[Contribution, ...]:
        """Return up to `n` contributions, strongest first: half of them for and half against where there are
        enough.

        A feature that adds nothing is no reason. Read for or against from the sign of `points`.
        """
        points = self.points + self.pair_points
        order = sorted(range(len(points)), key=points.__getitem__)
        against = [place for place in order[:n] if points[place] < 0]
        favour = [place for place in order[: -n - 1 : -1] if points[place] > 0]
        of_favour = min(len(favour), max(n - n // 2, n - len(against)))
        chosen = favour[:of_favour] + against[: n - of_favour]
        chosen.sort(key=lambda place: -abs(points[place]))
        return self._contributions(chosen)
