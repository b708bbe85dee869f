"""What an agent answers to a suggestion: once, safely under double clicks and retries, and undone for a while."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from crm_assist.decisions.models import Response, State, Suggestion
from crm_assist.events import emit_on_commit
from crm_assist.journal.ids import uuid7
from crm_assist.journal.writer import record
from crm_assist.types import ResponseKind

REASONS = (
    "already_has",
    "not_suitable",
    "bad_moment",
    "customer_refused",
    "customer_objects",
    "wrong_data",
    "not_convinced",
    "other",
)
"""The coded reasons of a rejection, in the order in which they are offered."""

ANSWERS = {
    ResponseKind.ACCEPTED: State.ACCEPTED,
    ResponseKind.LATER: State.LATER,
    ResponseKind.REJECTED: State.REJECTED,
    ResponseKind.DISMISSED: State.DISMISSED,
    ResponseKind.ESCALATED: State.ESCALATED,
}
"""Where each answer takes an open suggestion; only an undo leads back."""

LATEST = timedelta(days=730)


class BadAnswer(ValueError):
    """An answer that cannot be taken; `field` names what is wrong with it."""

    def __init__(self, field: str, message: str) -> None:
        super().__init__(message)
        self.field = field
        self.message = message


class AlreadyAnswered(Exception):
    """Somebody answered before; `suggestion` is how it stands now."""

    def __init__(self, suggestion: Suggestion) -> None:
        super().__init__(f"Suggestion {suggestion.pk} is {suggestion.state} already.")
        self.suggestion = suggestion


@dataclass(frozen=True, kw_only=True, slots=True)
class Answer:
    """A checked answer."""

    kind: ResponseKind
    reason: str = ""
    comment: str = ""
    until: datetime | None = None


def checked(
    *, kind: str, reason: str, comment: str, until: datetime | None, now: datetime, later_days: int, longest: int
) -> Answer:
    """The answer as a value, or BadAnswer with the field, the value and what to do."""
    try:
        known = ResponseKind(kind)
    except ValueError:
        known = ResponseKind.UNDONE
    if known not in ANSWERS:
        message = _("“%(value)s” is not an answer; use one of %(known)s.")
        raise BadAnswer("kind", message % {"value": kind[:40], "known": ", ".join(ANSWERS)})
    if reason and reason not in REASONS:
        message = _("“%(value)s” is not a reason; use one of %(known)s.")
        raise BadAnswer("reason", message % {"value": reason[:40], "known": ", ".join(REASONS)})
    if len(comment) > longest:
        raise BadAnswer(
            "comment", _("The comment is too long: use at most %(length)d characters.") % {"length": longest}
        )
    if known is ResponseKind.LATER:
        until = until or now + timedelta(days=later_days)
        if not now < until < now + LATEST:
            raise BadAnswer("until", _("Choose a day between tomorrow and two years from now."))
    return Answer(kind=known, reason=reason, comment=comment, until=until if known is ResponseKind.LATER else None)


def answer(
    suggestion: Suggestion,
    given: Answer,
    *,
    agent_key: str,
    team: str,
    request_key: str,
    now: datetime,
    decision_id: UUID | None = None,
) -> Suggestion:
    """Record the answer and close the suggestion; the same request twice is recorded once, a second answer is refused.

    `suggestion` must be locked by the caller's transaction; `decision_id` is the decision that this agent saw.
    """
    if _is_repeated(suggestion, agent_key=agent_key, request_key=request_key):
        return suggestion
    if suggestion.state != State.OPEN:
        if _is_same(suggestion, given, agent_key):
            return suggestion
        raise AlreadyAnswered(suggestion)
    seen = decision_id or suggestion.decision_id
    _log(suggestion, given, seen, agent_key=agent_key, team=team, request_key=request_key, now=now)
    suggestion.state = ANSWERS[given.kind]
    suggestion.answered_at, suggestion.answered_by = now, agent_key
    suggestion.reason, suggestion.until = given.reason, given.until
    suggestion.save(update_fields=["state", "answered_at", "answered_by", "reason", "until"])
    return suggestion


def _is_same(suggestion: Suggestion, given: Answer, agent_key: str) -> bool:
    """Whether this agent gave this very answer before; put off until another day it is another one."""
    until = [moment and timezone.localdate(moment) for moment in (suggestion.until, given.until)]
    same = (suggestion.state, suggestion.answered_by, suggestion.reason)
    return same == (ANSWERS[given.kind], agent_key, given.reason) and until[0] == until[1]


def undo(
    suggestion: Suggestion,
    *,
    agent_key: str,
    team: str,
    request_key: str,
    within_seconds: int,
    now: datetime,
    decision_id: UUID | None = None,
) -> Suggestion:
    """Take one's own answer back while it is fresh; the log keeps both. `suggestion` must be locked."""
    if _is_repeated(suggestion, agent_key=agent_key, request_key=request_key, undone=True):
        return suggestion
    answered = suggestion.answered_at
    if suggestion.state not in set(ANSWERS.values()) or suggestion.answered_by != agent_key or answered is None:
        raise AlreadyAnswered(suggestion)
    if now > answered + timedelta(seconds=within_seconds):
        raise BadAnswer("suggestion", _("It is too late to take this answer back; record a new one instead."))
    suggestion.state, suggestion.answered_at, suggestion.answered_by = State.OPEN, None, ""
    suggestion.reason, suggestion.until = "", None
    try:
        with transaction.atomic():
            suggestion.save(update_fields=["state", "answered_at", "answered_by", "reason", "until"])
    except IntegrityError:
        suggestion.refresh_from_db()
        raise AlreadyAnswered(suggestion) from None
    undone = Answer(kind=ResponseKind.UNDONE)
    seen = decision_id or suggestion.decision_id
    _log(suggestion, undone, seen, agent_key=agent_key, team=team, request_key=request_key, now=now)
    return suggestion


def _is_repeated(suggestion: Suggestion, *, agent_key: str, request_key: str, undone: bool = False) -> bool:
    if not request_key:
        return False
    mine = Response.objects.filter(suggestion_id=suggestion.pk, agent_key=agent_key, request_key=request_key)
    kind = ResponseKind.UNDONE.value
    return (mine.filter(kind=kind) if undone else mine.exclude(kind=kind)).exists()


def _log(
    suggestion: Suggestion,
    given: Answer,
    decision_id: UUID,
    *,
    agent_key: str,
    team: str,
    request_key: str,
    now: datetime,
) -> None:
    row = Response(
        id=uuid7(now),
        tenant=suggestion.tenant,
        at=now,
        subject_id=suggestion.subject_id,
        decision_id=decision_id,
        suggestion_id=suggestion.pk,
        product=suggestion.product,
        agent_key=agent_key,
        team=team,
        kind=given.kind.value,
        reason=given.reason,
        until=given.until,
        request_key=request_key,
    )
    record(row, {"comment": given.comment} if given.comment else None)
    which = {"tenant": row.tenant, "suggestion_id": row.suggestion_id, "decision_id": row.decision_id}
    if given.kind is ResponseKind.UNDONE:
        emit_on_commit("suggestion.undone", **which, product=row.product)
    else:
        emit_on_commit("suggestion.answered", **which, product=row.product, kind=row.kind, reason=row.reason)
