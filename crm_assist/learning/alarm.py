"""Whether the world has moved since a card was fitted: the newest rows against what the card remembers. Pure.

Two signs, each both material and beyond chance (see `shift`):

- a feature's rows fall into its bins in other shares than in training (stability index above 0.25);
- the outcome is had by more or fewer than the card foretells for these very rows: the odds differ by more than half,
  and the count by more than chance, with the variance that the card's own probabilities give (calibration in the large,
  Cox 1958; Spiegelhalter 1986).

The alarm may be asked again with every contact: `CHANCE` is so small, and shared between the features, that a world
that stands still hardly ever raises it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from math import log, sqrt
from statistics import NormalDist
from typing import Any, Literal

import numpy as np

from ..scorecards import CardError, Scorecard
from ..scorecards.batch import codes
from .shift import HALF, RATE_BOUND, shares_moved

LEAST_ROWS = 100
CHANCE = 1e-4
LEAST_EXPECTED = 5.0


@dataclass(frozen=True, kw_only=True, slots=True)
class Sign:
    """One sign that the world moved: `shares` of a feature with its index, or the `rate` with the ratio of odds.

    A ratio above 1 means that more had the outcome than was foretold.
    """

    kind: Literal["shares", "rate"]
    value: float
    feature: str = ""


@dataclass(frozen=True, kw_only=True, slots=True)
class Drift:
    """What the newest rows say: how many there were, and every sign; with fewer than 100 rows there is none."""

    rows: int
    signs: tuple[Sign, ...]

    @property
    def moved(self) -> bool:
        """Whether the world has moved: a reason to refit, and to trust the card less until then."""
        return bool(self.signs)


def card_drift(card: Scorecard, X: Mapping[str, Any], y: Any = None) -> Drift:
    """Return how far the newest rows are from what the card was fitted on.

    X maps each of the card's features to n values; y, when the outcomes are known already, is 0 or 1, shape (n,).
    CardError for a missing column, a value of the wrong kind, another length, or a card that does not say on how many
    rows it was fitted.
    """
    if card.trained.rows < 1:
        raise CardError("trained.rows is 0; only a card that says on how many rows it was fitted can be compared")
    probability = card.probability(X)
    rows = len(probability)
    outcomes = None if y is None else _outcomes(y, rows)
    if rows < LEAST_ROWS:
        return Drift(rows=rows, signs=())
    signs = []
    for part in card.parts:
        before = np.asarray(part.share) * card.trained.rows
        after = np.bincount(codes(part, X[part.name]), minlength=part.size)
        moved, index = shares_moved(before, after, chance=CHANCE / len(card.parts))
        # A card made by hand remembers no shares.
        if moved and before.sum():
            signs.append(Sign(kind="shares", feature=part.name, value=index))
    if outcomes is not None:
        signs += _rate(outcomes, probability)
    return Drift(rows=rows, signs=tuple(signs))


def _rate(y: Any, probability: Any) -> list[Sign]:
    seen, due, n = float(y.sum()), float(probability.sum()), len(y)
    if min(due, n - due) < LEAST_EXPECTED:
        return []
    error = sqrt(float((probability * (1.0 - probability)).sum()))
    gap = log((seen + HALF) / (n - seen + HALF)) - log((due + HALF) / (n - due + HALF))
    surprising = abs(seen - due) > NormalDist().inv_cdf(1.0 - CHANCE / 2.0) * error
    return [Sign(kind="rate", value=float(np.exp(gap)))] if surprising and abs(gap) > RATE_BOUND else []


def _outcomes(y: Any, rows: int) -> Any:
    listed = np.asarray(y, dtype=object)
    if listed.shape != (rows,):
        raise CardError(f"y has the shape {listed.shape} for {rows} rows; give one outcome per row")
    for place, value in enumerate(listed):
        if not isinstance(value, (bool, int, float, np.generic)) or value not in (0, 1):
            raise CardError(f"y[{place}] is {value!r}; every outcome must be 0 or 1")
    return listed.astype(np.float64)
