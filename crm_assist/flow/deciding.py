"""One decision as a pure function: the same inputs and cards give the same result, now and at every replay."""

from __future__ import annotations

import logging
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import timedelta
from typing import Any

from crm_assist.eligibility.chain import customer_verdict, product_verdicts
from crm_assist.eligibility.rules.applying import LiveRule, Told, told
from crm_assist.flow.propensities import propensities
from crm_assist.recommending.ranking import rank, slate, smoothed
from crm_assist.scorecards.scorecard import Scorecard
from crm_assist.scoring.live import Heading, bare, shown_score, stale_score
from crm_assist.types import (
    Candidate,
    CustomerFacts,
    PastSuggestion,
    Phase,
    Policy,
    ProductFacts,
    ShownScore,
    Snapshot,
    Verdict,
)

logger = logging.getLogger("crm_assist.flow")


@dataclass(frozen=True, kw_only=True, slots=True)
class Serving:
    """A card that serves, with the digest and version under which it is logged."""

    card: Scorecard
    digest: str
    version: int
    id: int = 0
    """The id of its CardVersion, by which stored scores name it."""

    @property
    def base(self) -> float | None:
        """The rate of the outcome in the card's own training rows."""
        trained = self.card.trained
        return trained.positives / trained.rows if trained and trained.rows else None

    @property
    def positives(self) -> int | None:
        """How many of those rows had the outcome; None for a card that was written and not learned."""
        return self.card.trained.positives if self.card.trained.rows else None


@dataclass(frozen=True, kw_only=True, slots=True)
class Stored:
    """The last stored score, for the trend and for the ladder down."""

    probability: float
    scored_at: Any
    same_card: bool = True
    """Whether the card that serves gave it: against another card's score there is no trend to tell."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Inputs:
    """Everything that a decision depends on, as values that the log keeps."""

    snapshot: Snapshot
    facts: CustomerFacts
    history: tuple[PastSuggestion, ...] = ()
    products: tuple[ProductFacts, ...] = ()
    phase: Phase
    target: str = ""
    label: str = ""
    horizon_days: int | None = None
    stored: Stored | None = None
    policy: Policy
    seed: str
    cards: Mapping[str, str]
    """Digest of the serving card by target."""
    versions: Mapping[str, int]
    """Version of the serving card by target."""
    rules: Mapping[str, str] = field(default_factory=dict)
    """Id of the version of each business rule in force by code."""
    unread: frozenset[str] = frozenset()
    """Those rules that could not be read, so that they closed what they concern."""


ALTOGETHER = frozenset({"zone_traditional", "not_live"})
"""Verdicts on the customer that silence the score as well: the conversation is the agent's alone."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Result:
    """What came out: the score, every candidate, and why there is silence where there is."""

    score: ShownScore | None
    candidates: tuple[Candidate, ...]
    customer: Verdict | None
    silence: str
    fallback: str

    @property
    def is_silent_altogether(self) -> bool:
        """Whether nothing at all may be shown but the reason why."""
        return self.customer is not None and self.customer.code in ALTOGETHER

    @property
    def slate(self) -> tuple[Candidate, ...]:
        """The candidates to be offered, in order."""
        return slate(self.candidates)


def decide(inputs: Inputs, servings: Mapping[str, Serving], rules: Iterable[LiveRule] = ()) -> Result:
    """Score the customer, close what must be closed, rank what is left; nothing is read, written or put into words."""
    score, fallback = _score(inputs, servings)
    verdict = customer_verdict(inputs.facts, inputs.history)
    if not _considers_products(inputs.phase):
        silence = verdict.code if verdict.code in ALTOGETHER else "" if score else "no_card"
        return Result(score=score, candidates=(), customer=verdict, silence=silence, fallback=fallback)
    if not verdict.open:
        closed = tuple(
            Candidate(product=item.code, product_version=item.version, verdicts=(verdict,), value=item.value)
            for item in inputs.products
        )
        return Result(score=score, candidates=closed, customer=verdict, silence=verdict.code, fallback=fallback)
    wanted = {product.target for product in inputs.products} & set(servings)
    likely = propensities({target: servings[target].card for target in wanted}, inputs.snapshot.values)
    ruled = told(rules, inputs.snapshot.values, inputs.snapshot.at)
    candidates = [_candidate(product, inputs, servings, likely, ruled) for product in inputs.products]
    standing = _on_screens(inputs)
    ranked = rank(candidates, places=inputs.policy.max_suggestions, seed=inputs.seed, standing=standing)
    ranked = tuple(explained(c, inputs, servings) if c.rank is not None else c for c in ranked)
    silence = "" if slate(ranked) else "nothing_left"
    return Result(score=score, candidates=ranked, customer=verdict, silence=silence, fallback=fallback)


def _considers_products(phase: Phase) -> bool:
    return phase in (Phase.SHADOW, Phase.RECOMMEND)


def _on_screens(inputs: Inputs) -> frozenset[str]:
    """What an agent has been shown a moment ago and not answered: nobody's screen may lose it for a closer race."""
    since = inputs.snapshot.at - timedelta(seconds=inputs.policy.reuse_seconds)
    return frozenset(past.product for past in inputs.history if past.state == "open" and past.opened_at >= since)


def _score(inputs: Inputs, servings: Mapping[str, Serving]) -> tuple[ShownScore | None, str]:
    serving = servings.get(inputs.target)
    heading = Heading(
        target=inputs.target,
        label=inputs.label,
        horizon_days=inputs.horizon_days,
        card=serving.digest if serving else inputs.cards.get(inputs.target, ""),
        version=serving.version if serving else 0,
        base=serving.base if serving else None,
        positives=serving.positives if serving else None,
    )
    try:
        if serving is not None:
            answer = serving.card.score(inputs.snapshot.values)
            stored = inputs.stored
            before = stored.probability if stored and stored.same_card else None
            now = inputs.snapshot.at
            shown = shown_score(answer, heading=heading, stored=before, now=now, policy=inputs.policy)
            return shown, "live"
    except Exception:
        logger.exception("crm_assist.score_failed", extra={"target": inputs.target})
    if inputs.stored is None:
        return None, "none"
    stored = inputs.stored
    return stale_score(heading=heading, probability=stored.probability, scored_at=stored.scored_at), "stored"


def _candidate(
    product: ProductFacts, inputs: Inputs, servings: Mapping[str, Serving], likely: Mapping[str, float], ruled: Told
) -> Candidate:
    verdicts = product_verdicts(
        product,
        adapter=inputs.snapshot.model_label,
        facts=inputs.facts,
        history=inputs.history,
        policy=inputs.policy,
        now=inputs.snapshot.at,
        rules=ruled.verdicts(product),
    )
    serving = servings.get(product.target)
    candidate = Candidate(product=product.code, product_version=product.version, verdicts=verdicts, value=product.value)
    if serving is None:
        return replace(candidate, verdicts=(*verdicts, Verdict(open=False, code="no_card")))
    if product.target not in likely:
        return replace(candidate, verdicts=(*verdicts, Verdict(open=False, code="card_failed")))
    propensity = smoothed(likely[product.target], base=serving.base, evidence=serving.positives, policy=inputs.policy)
    return replace(candidate, propensity=propensity, card=serving.digest)


def explained(candidate: Candidate, inputs: Inputs, servings: Mapping[str, Serving]) -> Candidate:
    """The candidate with the strongest facts of its own card; one without a card, or whose card fails, stays."""
    target = next((item.target for item in inputs.products if item.code == candidate.product), "")
    if target not in servings:
        return candidate
    try:
        contributions = servings[target].card.score(inputs.snapshot.values).strongest(3)
    except Exception:
        logger.exception("crm_assist.card_failed", extra={"target": target})
        return candidate
    return replace(candidate, reasons=bare(contributions))
