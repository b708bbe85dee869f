"""In which order are the open products offered? Priority is probability times value; pure, and free of chance."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import replace
from hashlib import sha256

from crm_assist.types import Candidate, Policy, Verdict


def smoothed(propensity: float, *, base: float | None, evidence: int | None, policy: Policy) -> float:
    """The propensity that ranks: of a card that learned from too few outcomes, drawn to its base rate.

    `evidence` is how many outcomes the card learned from, `base` their rate; both None for a card that was written and
    not learned, which counts as it is. With S for the policy's starting evidence, E for the card's: S / (S + E) of the
    base rate and E / (S + E) of the card. From `least_positives` on, or without starting evidence, the card alone.
    """
    start = policy.starting_evidence
    if base is None or evidence is None or evidence >= policy.least_positives or start <= 0:
        return propensity
    return (start * base + evidence * propensity) / (start + evidence)


def tie_break(seed: str, product: str) -> str:
    """A fixed order among equals that favours no product for every customer."""
    return sha256(f"{seed}|{product}".encode()).hexdigest()


def rank(
    candidates: Iterable[Candidate], *, places: int, seed: str, standing: Collection[str] = ()
) -> tuple[Candidate, ...]:
    """All candidates: the open ones first by priority, those beyond the places closed as `below_rank`, then the rest.

    The products `standing` are on a screen at this moment: as long as they are open they stay before all others.
    Nothing is left to chance, so a product on the slate was offered with probability 1 and any other with 0.
    """
    everyone = [_prioritised(candidate) for candidate in candidates]
    ready = [candidate for candidate in everyone if candidate.is_open]
    ready.sort(key=lambda c: (c.product not in standing, -(c.priority or 0.0), tie_break(seed, c.product)))
    ranked = [
        replace(candidate, rank=place, offer_probability=1.0)
        if place <= places
        else replace(candidate, verdicts=(*candidate.verdicts, Verdict(open=False, code="below_rank")))
        for place, candidate in enumerate(ready, start=1)
    ]
    closed = sorted((c for c in everyone if not c.is_open), key=lambda c: c.product)
    return (*ranked, *closed)


def _prioritised(candidate: Candidate) -> Candidate:
    if candidate.propensity is None:
        return candidate
    return replace(candidate, priority=candidate.propensity * candidate.value)


def slate(ranked: Iterable[Candidate]) -> tuple[Candidate, ...]:
    """The candidates that are offered, in order."""
    return tuple(candidate for candidate in ranked if candidate.rank is not None)
