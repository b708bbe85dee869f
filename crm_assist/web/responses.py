"""What an agent answers: small JSON posts, each one flow call; a repeated request key answers as the first time."""

from __future__ import annotations

from uuid import UUID

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.utils import timezone

from crm_assist import flow
from crm_assist.conf import settings
from crm_assist.types import Principal
from crm_assist.web import bodies, edge, problems
from crm_assist.web.panel_view import state_words

KEY_LENGTH = 64


def _state(result: flow.ResponseResult) -> dict[str, object]:
    """Where a suggestion stands now, for the script."""
    until = result.until
    return {
        "id": str(result.id),
        "state": str(result.state),
        "words": state_words(str(result.state), by_you=result.answered_by_you, until=until),
        "by_you": result.answered_by_you,
        "until": until.isoformat() if until else None,
        "undo_seconds": result.undo_seconds or 0,
    }


@edge.for_script("POST")
def respond(request: HttpRequest, principal: Principal, suggestion_id: UUID) -> HttpResponse:
    """Accept, put off or reject one suggestion; 409 carries where it stands when somebody was faster."""
    fields = frozenset({"kind", "reason", "comment", "until", "request_key"})
    body = bodies.json_object(request, fields=fields)
    try:
        result = flow.respond(
            principal,
            suggestion_id,
            kind=bodies.text(body, "kind", longest=20),
            reason=bodies.text(body, "reason", longest=30),
            comment=bodies.text(body, "comment", longest=settings.COMMENT_LENGTH),
            until=bodies.day(body, "until"),
            request_key=bodies.text(body, "request_key", longest=KEY_LENGTH),
            now=timezone.now(),
        )
    except flow.AlreadyAnswered as error:
        return _conflict(error)
    return JsonResponse({"suggestion": _state(result)})


@edge.for_script("POST")
def undo(request: HttpRequest, principal: Principal, suggestion_id: UUID) -> HttpResponse:
    """Take the last answer back, while that is possible."""
    body = bodies.json_object(request, fields=frozenset({"request_key"}))
    key = bodies.text(body, "request_key", longest=KEY_LENGTH)
    try:
        result = flow.undo(principal, suggestion_id, request_key=key, now=timezone.now())
    except flow.AlreadyAnswered as error:
        return _conflict(error)
    return JsonResponse({"suggestion": _state(result)})


def _conflict(error: flow.AlreadyAnswered) -> HttpResponse:
    edge.roll_back()
    problem = problems.problem_of(error) or problems.unavailable()
    return problems.as_json(problem, suggestion=_state(error.current))


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
