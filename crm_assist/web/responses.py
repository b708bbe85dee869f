"""What an agent answers: small JSON posts, each one flow call; a repeated request key answers as the first time."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.utils import timezone

from crm_assist import flow
from crm_assist.conf import settings
from crm_assist.types import Principal
from crm_assist.web import bodies, edge, problems
from crm_assist.web.panel_view import state_words

KEY_LENGTH = 64


def _state(stand: flow.Standing) -> dict[str, object]:
    """Where a suggestion stands now, for the script: whose answer it is, never the colleague's name."""
    return {
        "id": str(stand.id),
        "state": stand.state,
        "words": state_words(stand.state, by_you=stand.answered_by_you, until=stand.until),
        "by_you": stand.answered_by_you,
        "until": stand.until.isoformat() if stand.until else None,
        "undo_seconds": stand.undo_seconds,
    }


@edge.for_script("POST")
def respond(request: HttpRequest, principal: Principal, suggestion_id: UUID) -> HttpResponse:
    """Accept, put off or reject one suggestion; 409 carries where it stands when somebody was faster."""
    fields = frozenset({"kind", "reason", "comment", "until", "request_key"})
    body, now = bodies.json_object(request, fields=fields), timezone.now()
    try:
        answered = flow.respond(
            principal,
            suggestion_id,
            kind=bodies.text(body, "kind", longest=20),
            reason=bodies.text(body, "reason", longest=30),
            comment=bodies.text(body, "comment", longest=settings.COMMENT_LENGTH),
            until=bodies.day(body, "until"),
            request_key=bodies.text(body, "request_key", longest=KEY_LENGTH),
            now=now,
        )
    except flow.AlreadyAnswered as error:
        return _conflict(error, principal, now)
    return JsonResponse({"suggestion": _state(answered)})


@edge.for_script("POST")
def undo(request: HttpRequest, principal: Principal, suggestion_id: UUID) -> HttpResponse:
    """Take the last answer back, while that is possible."""
    body, now = bodies.json_object(request, fields=frozenset({"request_key"})), timezone.now()
    key = bodies.text(body, "request_key", longest=KEY_LENGTH)
    try:
        stand = flow.undo(principal, suggestion_id, request_key=key, now=now)
    except flow.AlreadyAnswered as error:
        return _conflict(error, principal, now)
    return JsonResponse({"suggestion": _state(stand)})


def _conflict(error: flow.AlreadyAnswered, principal: Principal, now: datetime) -> HttpResponse:
    edge.roll_back()
    stand = flow.standing_of(error.suggestion, agent_key=principal.key, now=now)
    return problems.as_json(problems.answered_meanwhile(stand.state), suggestion=_state(stand))


@edge.for_script("POST")
def answer_score(request: HttpRequest, principal: Principal, decision_id: UUID) -> HttpResponse:
    """Say that a score is useful, wrong, or made from wrong data."""
    body = bodies.json_object(request, fields=frozenset({"kind", "comment", "request_key"}))
    flow.answer_score(
        principal,
        decision_id,
        kind=bodies.text(body, "kind", longest=20),
        comment=bodies.text(body, "comment", longest=settings.COMMENT_LENGTH),
        request_key=bodies.text(body, "request_key", longest=KEY_LENGTH),
        now=timezone.now(),
    )
    return JsonResponse({"noted": True})


@edge.for_script("POST")
def own_offer(request: HttpRequest, principal: Principal, decision_id: UUID) -> HttpResponse:
    """Note what the agent offered by own judgement."""
    body = bodies.json_object(request, fields=frozenset({"product", "comment", "request_key"}))
    flow.own_offer(
        principal,
        decision_id,
        product=bodies.text(body, "product", longest=60),
        comment=bodies.text(body, "comment", longest=settings.COMMENT_LENGTH),
        request_key=bodies.text(body, "request_key", longest=KEY_LENGTH),
        now=timezone.now(),
    )
    return JsonResponse({"noted": True})


@edge.for_script("POST")
def displayed(request: HttpRequest, principal: Principal, decision_id: UUID) -> HttpResponse:
    """The browser's word that the decision was really on the screen."""
    bodies.json_object(request, fields=frozenset())
    flow.displayed(principal, decision_id, now=timezone.now())
    return JsonResponse({"noted": True})
