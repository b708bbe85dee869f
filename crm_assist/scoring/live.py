"""The live score as the agent sees it: band, trend and reasons from the card's own arithmetic. Pure, and wordless."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any, Protocol

from crm_assist.types import Policy, Reason, ShownScore, Trend

STEADY = 0.02
REASONS = 6


class ScoreLike(Protocol):
    """What this step needs of a card's answer for one record."""

    @property
    def probability(self) -> float:
        """Calibrated probability, 0 to 1, raw."""
        ...

    @property
    def interval(self) -> tuple[float, float]:
        """The 90 % interval around it."""
        ...

    @property
    def evidence(self) -> float:
        """How many customers like this one it rests on."""
        ...

    def strongest(self, n: int) -> Any:
        """The strongest contributions, each with feature, value and points."""
        ...


@dataclass(frozen=True, kw_only=True, slots=True)
class Heading:
    """What the score is about: target, words, horizon, the card and its base rate."""

    target: str
    label: str
    horizon_days: int | None
    card: str
    version: int
    base: float | None
    positives: int | None = None
    """Customers with the outcome among those the card learned from; None for a card that was written, not learned."""


def is_thin(evidence: float, positives: int | None, policy: Policy) -> bool:
    """Whether too little is known for a number on a screen: few outcomes in all, or few customers like this one."""
    return (positives is not None and positives < policy.least_positives) or evidence < policy.least_evidence


BANDS = {"low": 0.0, "usual": 0.75, "raised": 1.25, "high": 2.0}
"""Each band and where it begins, in times of the usual rate of the card's population."""


def band(probability: float, base: float | None) -> str:
    """In words, against the usual rate of the card's population: low, usual, raised or high.

    Low is below three quarters of the base rate, raised from a quarter above it, high from twice.
    Without a base rate the thresholds stand against one half.
    """
    ratio = probability / (base or 0.5)
    return [name for name, start in BANDS.items() if ratio >= start][-1]


def band_range(name: str, base: float | None) -> tuple[float, float]:
    """The probabilities of a band, from the first to below the second; infinity above the last. ValueError if unknown.

    Multiplied where `band` divides: at the very edge the last bit may differ.
    """
    starts = [*BANDS.values(), float("inf")]
    place = list(BANDS).index(name)
    return starts[place] * (base or 0.5), starts[place + 1] * (base or 0.5)


def trend(probability: float, stored: float | None) -> Trend:
    """Against the last stored score; less than two points of a hundred is steady."""
    if stored is None:
        return Trend.NEW
    if abs(probability - stored) < STEADY:
        return Trend.STEADY
    return Trend.RISING if probability > stored else Trend.FALLING


def bare(contributions: Any) -> tuple[Reason, ...]:
    """The contributions as reasons that have no words yet: `wording.worded` gives them."""
    return tuple(Reason(feature=item.feature, points=item.points, beside=item.beside) for item in contributions)


def shown_score(
    score: ScoreLike,
    *,
    heading: Heading,
    stored: float | None,
    now: datetime,
    policy: Policy,
) -> ShownScore:
    """The whole score of one record, computed now."""
    low, high = score.interval
    return ShownScore(
        target=heading.target,
        label=heading.label,
        horizon_days=heading.horizon_days,
        probability=score.probability,
        low=low,
        high=high,
        band=band(score.probability, heading.base),
        trend=trend(score.probability, stored),
        reasons=bare(score.strongest(REASONS)),
        as_of=now,
        card=heading.card,
        version=heading.version,
        base=heading.base,
        thin=is_thin(score.evidence, heading.positives, policy),
    )


def stale_score(*, heading: Heading, probability: float, scored_at: datetime) -> ShownScore:
    """The last stored score, when the live one cannot be had: no interval is claimed, no reasons are made up."""
    return ShownScore(
        target=heading.target,
        label=heading.label,
        horizon_days=heading.horizon_days,
        probability=probability,
        low=probability,
        high=probability,
        band=band(probability, heading.base),
        trend=Trend.STEADY,
        reasons=(),
        as_of=scored_at,
        card=heading.card,
        version=heading.version,
        stale=True,
        base=heading.base,
    )
