"""Suggestions as they stand: at most one open per customer and product, shared by every agent who opens the record."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from django.db.models import Q

from crm_assist.decisions.models import State, Suggestion
from crm_assist.journal.ids import uuid7
from crm_assist.types import PastSuggestion


@dataclass(frozen=True, kw_only=True, slots=True)
class Offer:
    """A product to be offered at a rank."""

    product: str
    version: int
    rank: int


def of_subject(subject_id: int) -> list[Suggestion]:
    """Every suggestion of one customer that can still matter, newest first, those from before a merge among them."""
    own = Q(subject_id=subject_id) | Q(subject__merged_into=subject_id)
    return list(Suggestion.objects.filter(own).order_by("-opened_at", "-id")[:500])


def as_history(suggestions: Iterable[Suggestion]) -> tuple[PastSuggestion, ...]:
    """The suggestions as values."""
    return tuple(
        PastSuggestion(
            product=suggestion.product,
            state=suggestion.state,
            opened_at=suggestion.opened_at,
            answered_at=suggestion.answered_at,
            until=suggestion.until,
            reason=suggestion.reason,
        )
        for suggestion in suggestions
    )


def offer(
    offers: Collection[Offer],
    *,
    subject_id: int,
    tenant: str,
    decision_id: UUID,
    known: Iterable[Suggestion],
    expire_days: int,
    now: datetime,
) -> Mapping[str, Suggestion]:
    """Make the offered products open suggestions, share those that are open already, withdraw the other open ones.

    Two agents at once are safe: the database keeps one open suggestion per product, and both are shown that one.
    """
    still = _kept(known, offers, expire_days=expire_days, now=now)
    fresh = [
        Suggestion(
            id=uuid7(now),
            tenant=tenant,
            decision_id=decision_id,
            subject_id=subject_id,
            product=item.product,
            product_version=item.version,
            rank=item.rank,
            opened_at=now,
        )
        for item in sorted(offers, key=lambda item: item.product)  # one order for all, or two agents deadlock
        if item.product not in still
    ]
    if not fresh:
        return still
    Suggestion.objects.bulk_create(fresh, ignore_conflicts=True)
    wanted = [item.product for item in fresh]
    now_open = Suggestion.objects.filter(subject_id=subject_id, state=State.OPEN, product__in=wanted)
    return still | {suggestion.product: suggestion for suggestion in now_open}


def _kept(
    known: Iterable[Suggestion], offers: Collection[Offer], *, expire_days: int, now: datetime
) -> dict[str, Suggestion]:
    """The open suggestions that stay, one per product; the others are closed, as expired or as withdrawn."""
    wanted, old = {item.product for item in offers}, now - timedelta(days=expire_days)
    kept: dict[str, Suggestion] = {}
    expired, withdrawn = [], []
    for suggestion in known:
        if suggestion.state != State.OPEN:
            continue
        if suggestion.opened_at < old:
            expired.append(suggestion.pk)
        elif suggestion.product in wanted and suggestion.product not in kept:
            kept[suggestion.product] = suggestion
        else:
            withdrawn.append(suggestion.pk)
    for state, keys in ((State.EXPIRED, expired), (State.WITHDRAWN, withdrawn)):
        if keys:
            Suggestion.objects.filter(pk__in=keys, state=State.OPEN).update(state=state, answered_at=now)
    return kept
