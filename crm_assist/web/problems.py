"""What went wrong, told alike on every surface: status, code, a sentence and what to do, in the reader's language."""

from __future__ import annotations

from dataclasses import dataclass

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.utils.translation import gettext as _

from crm_assist import customers, flow
from crm_assist.web import words


@dataclass(frozen=True, kw_only=True, slots=True)
class Problem:
    """One refusal: what the reader is told, and the field it is about when there is one."""

    status: int
    code: str
    title: str
    detail: str = ""
    field: str = ""


NOWHERE = (
    customers.CustomerNotFound,
    flow.SuggestionNotFound,
    flow.DecisionNotFound,
    flow.CardNotFound,
    flow.TargetNotFound,
    flow.RunNotFound,
    flow.RuleNotFound,
)


class Refused(Exception):
    """An edge refuses a request before the flow is asked."""

    def __init__(self, problem: Problem) -> None:
        super().__init__(problem.title)
        self.problem = problem


def bad(field: str, detail: str) -> Refused:
    """A 400 that names the field, what is wrong with it and the remedy."""
    return Refused(Problem(status=400, code="bad_value", title=_("This cannot be used."), detail=detail, field=field))


def signed_out() -> Problem:
    """Nobody is signed in."""
    return Problem(
        status=401,
        code="signed_out",
        title=_("You are signed out."),
        detail=_("Sign in again, then come back to this page."),
    )


def page_outdated() -> Problem:
    """The page was drawn before the last log-in in this browser, so that its token is no longer good."""
    return Problem(
        status=403,
        code="page_outdated",
        title=_("This page is out of date."),
        detail=_("This page is older than your log-in, so nothing was saved. Reload it and answer once more."),
    )


def not_found() -> Problem:
    """Unknown, unreadable, invisible and another tenant's: all alike."""
    return Problem(
        status=404,
        code="not_found",
        title=_("There is nothing here."),
        detail=_("It does not exist, or it is not yours to see."),
    )


def not_allowed() -> Problem:
    """The person lacks a right."""
    return Problem(
        status=403,
        code="not_allowed",
        title=_("You may not do this."),
        detail=_("Ask an administrator for the right that it needs."),
    )


def answered_meanwhile(state: str = "") -> Problem:
    """Somebody was faster; or nobody answered, and it is no longer offered (`withdrawn`)."""
    if state == "withdrawn":
        return Problem(
            status=409,
            code="withdrawn",
            title=_("This is no longer offered to the customer."),
            detail=_("Your answer was not saved."),
        )
    return Problem(status=409, code="already_answered", title=_("This was answered meanwhile."))


def unavailable() -> Problem:
    """Something of ours broke; the work goes on without it."""
    return Problem(
        status=503,
        code="away",
        title=_("Help is away for the moment."),
        detail=_("Carry on as usual; nothing was lost. Please try again in a while."),
    )


def problem_of(error: Exception) -> Problem | None:
    """The problem behind an error that we know, else None."""
    if isinstance(error, Refused):
        return error.problem
    if isinstance(error, flow.NotAllowed):
        return not_allowed()
    if isinstance(error, NOWHERE):
        return not_found()
    if isinstance(error, flow.AlreadyAnswered):
        return answered_meanwhile(error.suggestion.state)
    if isinstance(error, (flow.BadAnswer, flow.BadMove)):
        return bad(error.field, error.message).problem
    return None


def as_json(problem: Problem, **extra: object) -> HttpResponse:
    """The problem for scripts (RFC 9457)."""
    body = {"status": problem.status, "code": problem.code, "title": problem.title, "detail": problem.detail}
    if problem.field:
        body["field"] = problem.field
    return JsonResponse(
        {**body, **extra}, status=problem.status, content_type="application/problem+json; charset=utf-8"
    )


def as_page(request: HttpRequest, problem: Problem) -> HttpResponse:
    """The problem for people, as a page of ours, the field by the name that it has on the screen."""
    context = {"problem": problem, "label": words.word(words.FIELDS, problem.field)}
    return render(request, "crm_assist/problem.html", context, status=problem.status)
