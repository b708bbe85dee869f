"""A rate is never told without its interval and its n, and not at all where few stand behind it. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from math import sqrt
from statistics import NormalDist

LEAST = 10
"""So many suggestions must stand behind a rate that is shown: fewer tell of persons, not of a practice."""

SURE = NormalDist().inv_cdf(0.975)
"""Two-sided 95 %."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Rate:
    """`hits` of `n`; the share and its 95 % interval are shares of one."""

    hits: int
    n: int

    def __post_init__(self) -> None:
        if not 0 <= self.hits <= self.n:
            raise ValueError(f"hits is {self.hits} of n = {self.n}; give 0 <= hits <= n.")

    @property
    def is_shown(self) -> bool:
        """Whether enough stand behind it to be told."""
        return self.n >= LEAST

    @property
    def share(self) -> float:
        """Hits over n; 0 where there is nothing."""
        return self.hits / self.n if self.n else 0.0

    @property
    def interval(self) -> tuple[float, float]:
        """Wilson's score interval (Wilson 1927; Brown, Cai and DasGupta 2001, section 3.1.1), within 0 to 1.

        All of 0 to 1 where n is 0: nothing is known.
        """
        if not self.n:
            return 0.0, 1.0
        wide = SURE * SURE / self.n
        middle = (self.share + wide / 2.0) / (1.0 + wide)
        reach = SURE * sqrt(self.share * (1.0 - self.share) / self.n + wide / (4.0 * self.n)) / (1.0 + wide)
        # At the ends the formula gives the end itself, up to the last digit.
        low = 0.0 if not self.hits else max(0.0, middle - reach)
        high = 1.0 if self.hits == self.n else min(1.0, middle + reach)
        return low, high


def difference(before: Rate, after: Rate) -> tuple[float, float]:
    """The 95 % interval of `after` minus `before`, within -1 to 1 (Newcombe 1998, method 10)."""
    (low_0, high_0), (low_1, high_1) = before.interval, after.interval
    gap = after.share - before.share
    down = sqrt((after.share - low_1) ** 2 + (high_0 - before.share) ** 2)
    up = sqrt((high_1 - after.share) ** 2 + (before.share - low_0) ** 2)
    return max(-1.0, gap - down), min(1.0, gap + up)
