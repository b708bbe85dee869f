"""Why a rate changed between two periods: how much each part of it contributed, by being more or less of the whole and
by doing better or worse itself. Pure.

The rate of the whole is the sum of share times rate over its parts. Its change is split with both periods' means as
weights, so that neither period is the measure of the other and the parts add up to the change exactly (Kitagawa 1955,
"Components of a difference between two rates").
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from math import fsum

from .rates import LEAST, Rate, difference

NONE = Rate(hits=0, n=0)


@dataclass(frozen=True, kw_only=True, slots=True)
class Part:
    """One part of the whole in both periods, and what it contributed to the change, in shares of one.

    `mix`: it became more or less of the whole, and is better or worse than the whole. `own`: its own rate changed.
    """

    name: str
    before: Rate
    after: Rate
    mix: float
    own: float

    @property
    def total(self) -> float:
        """All that it contributed."""
        return self.mix + self.own

    @property
    def is_shown(self) -> bool:
        """Whether both its rates may be told; a part that is new or gone has one alone."""
        return all(rate.n == 0 or rate.n >= LEAST for rate in (self.before, self.after))


@dataclass(frozen=True, kw_only=True, slots=True)
class Change:
    """How the rate of the whole changed, within which interval, and its parts, the strongest first."""

    before: Rate
    after: Rate
    parts: tuple[Part, ...]

    @property
    def gap(self) -> float:
        """The rate after minus the rate before."""
        return self.after.share - self.before.share

    @property
    def interval(self) -> tuple[float, float]:
        """The 95 % interval of the gap."""
        return difference(self.before, self.after)

    @property
    def verdict(self) -> str:
        """`rose` or `fell` where chance alone hardly does that, else `steady`; `unknown` where either is too small."""
        if not (self.before.is_shown and self.after.is_shown):
            return "unknown"
        low, high = self.interval
        return "rose" if low > 0.0 else "fell" if high < 0.0 else "steady"


def change(before: Mapping[str, Rate], after: Mapping[str, Rate]) -> Change:
    """What the change of the whole from `before` to `after` is made of; both hold each part's rate by its name.

    A part that is in one period alone counts with the rate that it has there: it contributed by its share, not by a
    rate that nobody saw. Contributions sum up to the gap to 1e-12 where both periods have rows; else they are 0.
    """
    whole = _whole(before), _whole(after)
    names = sorted({*before, *after})
    parts = [_part(name, before.get(name, NONE), after.get(name, NONE), *whole) for name in names]
    parts.sort(key=lambda part: (-abs(part.total), part.name))
    return Change(before=whole[0], after=whole[1], parts=tuple(parts))


def _whole(rates: Mapping[str, Rate]) -> Rate:
    return Rate(hits=sum(rate.hits for rate in rates.values()), n=sum(rate.n for rate in rates.values()))


def _part(name: str, before: Rate, after: Rate, all_before: Rate, all_after: Rate) -> Part:
    if not (all_before.n and all_after.n):
        return Part(name=name, before=before, after=after, mix=0.0, own=0.0)
    rate_0 = before.share if before.n else after.share
    rate_1 = after.share if after.n else before.share
    share_0, share_1 = before.n / all_before.n, after.n / all_after.n
    # Against the rate of the whole: a part that only grew explains nothing if it does as the whole does.
    usual = (all_before.share + all_after.share) / 2.0
    return Part(
        name=name,
        before=before,
        after=after,
        mix=(share_1 - share_0) * ((rate_0 + rate_1) / 2.0 - usual),
        own=(share_0 + share_1) / 2.0 * (rate_1 - rate_0),
    )


def explained(change: Change) -> float:
    """The sum of all contributions: the gap, where both periods have rows."""
    return fsum(part.total for part in change.parts)
