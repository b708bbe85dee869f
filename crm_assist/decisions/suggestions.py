"""Suggestions as they stand: at most one open per customer and product, shared by every agent who opens the record."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from django.db.models import QuerySet

from crm_assist.customers.models import Subject
from crm_assist.decisions.models import State, Suggestion
from crm_assist.journal.ids import uuid7
from crm_assist.types import PastSuggestion

MOST = 500
"""The most suggestions of one customer that are read, newest first."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Offer:
    """A product to be offered at a rank."""

    product: str
    version: int
    rank: int


def of_subject(subject_id: int) -> list[Suggestion]:
    """Every suggestion of one customer that can still matter, newest first, those from before a merge among them."""
    return list(_of(subject_id).order_by("-opened_at", "-id")[:MOST])


def _of(subject_id: int) -> QuerySet[Suggestion, Suggestion]:
    return Suggestion.objects.filter(subject__in=Subject.objects.united(subject_id))


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


class Overtaken(Exception):
    """This customer's suggestions are others than those that were read; read them again and decide anew."""


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

    Two agents at once are safe: the database keeps one open suggestion per product, and both are shown that one. What
    was answered since `known` was read raises Overtaken and must be rolled back; later answers wait for the commit.
    """
    read = {suggestion.pk: suggestion for suggestion in known}
    overdue = now - timedelta(days=expire_days)
    _close([one.pk for one in read.values() if _is_open(one) and one.opened_at < overdue], State.EXPIRED, now)
    still = {one.product for one in read.values() if _is_open(one) and one.opened_at >= overdue}
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
    if fresh:
        Suggestion.objects.bulk_create(fresh, ignore_conflicts=True)
    standing = _locked(subject_id)
    wanted = {item.product for item in offers}
    if any(_is_news(one, read.get(one.pk), wanted, overdue) for one in standing):
        raise Overtaken
    return _kept(standing, wanted, now)


def withdraw(suggestion: Suggestion, *, now: datetime) -> Suggestion:
    """Take an open suggestion away: its customer is closed. `suggestion` must be locked."""
    suggestion.state, suggestion.answered_at = State.WITHDRAWN, now
    suggestion.save(update_fields=["state", "answered_at"])
    return suggestion


def _is_open(suggestion: Suggestion) -> bool:
    return suggestion.state == State.OPEN


def _locked(subject_id: int) -> list[Suggestion]:
    """As `of_subject`, and until the transaction ends nobody answers them."""
    return list(_of(subject_id).select_for_update(of=("self",)).order_by("-opened_at", "-id")[:MOST])


def _is_news(suggestion: Suggestion, read: Suggestion | None, wanted: Collection[str], overdue: datetime) -> bool:
    """Whether the decision might be another, had it known of this: an answer, or what a colleague has just opened."""
    if read is None:
        return not _is_open(suggestion) or suggestion.product not in wanted
    ours = _is_open(read) and read.opened_at < overdue
    return suggestion.state != read.state and not ours


def _kept(standing: Iterable[Suggestion], wanted: Collection[str], now: datetime) -> dict[str, Suggestion]:
    """The open suggestions that are wanted, the newest of each product; the other open ones are withdrawn."""
    kept: dict[str, Suggestion] = {}
    withdrawn = []
    for suggestion in filter(_is_open, standing):
        if suggestion.product in wanted and suggestion.product not in kept:
            kept[suggestion.product] = suggestion
        else:
            withdrawn.append(suggestion.pk)
    _close(withdrawn, State.WITHDRAWN, now)
    return kept


def _close(keys: Collection[UUID], state: State, now: datetime) -> None:
    if keys:
        Suggestion.objects.filter(pk__in=keys, state=State.OPEN).update(state=state, answered_at=now)
