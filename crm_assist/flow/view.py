"""What the panel shows, as values: edges render these and nothing else."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import sha256
from uuid import UUID

from django.utils.translation import get_language

from crm_assist.conf import settings
from crm_assist.decisions.models import Suggestion
from crm_assist.recommending.models import Product
from crm_assist.types import Admission, Candidate, Phase, Reason, ShownScore, Verdict


@dataclass(frozen=True, kw_only=True, slots=True)
class ShownSuggestion:
    """One suggestion on the screen, in the words of the language in force."""

    id: UUID
    product: str
    name: str
    benefit: str
    details: str
    reasons: tuple[Reason, ...]
    rank: int
    state: str
    reason: str
    until: datetime | None
    answered_by_you: bool
    undo_seconds: int

    @property
    def is_open(self) -> bool:
        """Whether it waits for an answer."""
        return self.state == "open"


@dataclass(frozen=True, kw_only=True, slots=True)
class RecordView:
    """The panel of one customer for one agent at one moment."""

    admission: Admission
    decision_id: UUID | None = None
    score: ShownScore | None = None
    suggestions: tuple[ShownSuggestion, ...] = ()
    silence: Verdict | None = None
    away: bool = False
    products: tuple[tuple[str, str], ...] = ()

    @property
    def shows_score(self) -> bool:
        """Whether the phase lets this agent see a score."""
        return self.admission.phase.opens(Phase.SCORE)

    @property
    def shows_suggestions(self) -> bool:
        """Whether the phase lets this agent see suggestions."""
        return self.admission.phase.opens(Phase.RECOMMEND)

    @property
    def etag(self) -> str:
        """A mark that changes when something on the screen would; below `score` nothing on it ever does."""
        score = self.score
        parts = [
            get_language() or "",
            self.admission.phase.value if self.shows_score else "",  # off and shadow are the same nothing
            str(self.decision_id or "") if self.shows_score else "",  # a new id would tell of a new score
            f"{score.probability:.2f}/{score.card}/{score.stale}" if score else "",
            self.silence.code + self.silence.message if self.silence else "",
            *(f"{item.id}/{item.state}/{item.answered_by_you}/{item.undo_seconds > 0}" for item in self.suggestions),
            str(self.away),
        ]
        return sha256("|".join(parts).encode()).hexdigest()[:32]


@dataclass(frozen=True, kw_only=True, slots=True)
class Standing:
    """How one suggestion stands now, for the agent who asks."""

    id: UUID
    product: str
    state: str
    reason: str
    until: datetime | None
    answered_at: datetime | None
    answered_by_you: bool
    undo_seconds: int


def standing_of(suggestion: Suggestion, *, agent_key: str, now: datetime) -> Standing:
    """How a suggestion stands, and for how many seconds this agent may still take the answer back."""
    yours = bool(suggestion.answered_by) and suggestion.answered_by == agent_key
    left = 0
    if yours and suggestion.answered_at is not None:
        left = int((suggestion.answered_at + timedelta(seconds=settings.UNDO_SECONDS) - now).total_seconds())
    return Standing(
        id=suggestion.pk,
        product=suggestion.product,
        state=suggestion.state,
        reason=suggestion.reason,
        until=suggestion.until,
        answered_at=suggestion.answered_at,
        answered_by_you=yours,
        undo_seconds=max(left, 0),
    )


def shown_suggestions(
    slate: Iterable[Candidate],
    standing: Mapping[str, Suggestion],
    products: Mapping[str, Product],
    *,
    agent_key: str,
    now: datetime,
) -> tuple[ShownSuggestion, ...]:
    """The slate in words, each with how it stands now; what has no row or no product is not shown."""
    return tuple(
        _shown(
            candidate,
            place,
            standing_of(standing[candidate.product], agent_key=agent_key, now=now),
            products[candidate.product],
        )
        for place, candidate in enumerate(slate, start=1)
        if candidate.product in standing and candidate.product in products
    )


def _shown(candidate: Candidate, place: int, stand: Standing, product: Product) -> ShownSuggestion:
    return ShownSuggestion(
        id=stand.id,
        product=stand.product,
        name=product.text("name"),
        benefit=product.text("benefit"),
        details=product.text("details"),
        reasons=tuple(reason for reason in candidate.reasons if reason.is_for),
        rank=place,
        state=stand.state,
        reason=stand.reason,
        until=stand.until,
        answered_by_you=stand.answered_by_you,
        undo_seconds=stand.undo_seconds,
    )
