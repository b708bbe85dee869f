"""What a card can say of its own making: on how many rows it was judged, how near it is to what was fitted."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from ..scorecards import Scorecard
from .columns import Floats
from .oracle import Oracle


def with_evidence(card: Scorecard, held: Floats, *, in_time: bool, agreement: float, compared: int) -> Scorecard:
    """Return the card with what its model card tells; no number that scores changes.

    `held` are the outcomes (0 or 1, shape (n,)) of the rows that settings and figures were judged on; `agreement` is
    the largest difference from what was fitted, on `compared` rows.
    """
    trained = replace(
        card.trained,
        judged=len(held),
        judged_positives=int(held.sum()),
        in_time=in_time,
        agreement=agreement,
        compared=compared,
    )
    return replace(card, trained=trained)


def with_window(fitted: tuple[Scorecard, Oracle], time: Any) -> tuple[Scorecard, Oracle]:
    """Return the card with the first moment of what it learned from, `time` being None or moments that were read."""
    card, oracle = fitted
    if time is None or card.trained.until is None:
        return fitted
    first = min(time)
    since = first.isoformat() if hasattr(first, "isoformat") else str(first)
    return replace(card, trained=replace(card.trained, since=since)), oracle
