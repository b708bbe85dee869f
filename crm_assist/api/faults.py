"""What went wrong, as problem details (RFC 9457): the same codes as on the pages, one answer for every failure.

What does not follow the schema is 400; what follows it and cannot be done all the same is 422.
"""

from __future__ import annotations

import logging
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from django.core.exceptions import PermissionDenied, RequestDataTooBig, SuspiciousOperation, ValidationError
from django.http import Http404
from django.http.multipartparser import MultiPartParserError
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as _l
from rest_framework import exceptions

from crm_assist import flow
from crm_assist.events import emit
from crm_assist.web import problems
from crm_assist.web.problems import Problem

logger = logging.getLogger("crm_assist.api")
Errors = list[dict[str, str]]


class Refusal(Exception):
    """The API refuses before the flow is asked, or with more to say than the flow."""

    def __init__(self, problem: Problem, **more: Any) -> None:
        super().__init__(problem.title)
        self.problem, self.more = problem, more


@dataclass(frozen=True, kw_only=True, slots=True)
class Told:
    """A problem, what stands beside it in the body, and headers."""

    problem: Problem
    more: Mapping[str, Any] = field(default_factory=dict)
    headers: Mapping[str, str] = field(default_factory=dict)


def misread(detail: str, name: str = "") -> Refusal:
    """A 400: the request does not follow the schema."""
    return Refusal(problems.bad(name, detail).problem)


def told(error: Exception) -> Told:
    """The answer to any error; what is ours and unknown is logged and told as help being away."""
    if isinstance(error, Refusal):
        return Told(problem=error.problem, more=error.more)
    if isinstance(error, exceptions.APIException):
        return _framework(error)
    if isinstance(error, ValidationError):
        return _of_fields(_flat(error.message_dict if hasattr(error, "error_dict") else error.messages), status=422)
    known = _django(error) or _keys(error) or problems.problem_of(error)
    if known is None:
        logger.exception("crm_assist.api could not answer", exc_info=error)
        emit("help.away", surface="api", fault=type(error).__name__)
        return Told(problem=problems.unavailable(), headers={"Retry-After": "30"})
    if isinstance(error, (flow.BadAnswer, flow.BadMove)):
        known = replace(known, status=422)
    return Told(problem=known, headers={"Retry-After": "1"} if isinstance(error, flow.UnderWay) else {})


def _keys(error: Exception) -> Problem | None:
    if isinstance(error, flow.CardNotFound):
        return problems.not_found()
    if isinstance(error, flow.KeyReused):
        title = _("This Idempotency-Key came with another request before.")
        detail = _("Choose a new key for each request that differs.")
        return Problem(status=422, code="key_reused", title=title, detail=detail, field="Idempotency-Key")
    if isinstance(error, flow.UnderWay):
        title = _("The first request with this Idempotency-Key is still at work.")
        return Problem(status=409, code="under_way", title=title, detail=_("Ask again in a moment."))
    return None


def _django(error: Exception) -> Problem | None:
    if isinstance(error, Http404):
        return problems.not_found()
    if isinstance(error, PermissionDenied):
        return problems.not_allowed()
    if isinstance(error, RequestDataTooBig):
        return Problem(status=413, code="too_large", title=_("The body is too large."))
    if isinstance(error, (SuspiciousOperation, MultiPartParserError)):
        return problems.bad("", _("The request cannot be read.")).problem
    return None


REFUSED = {
    401: ("signed_out", _l("You are signed out.")),
    403: ("not_allowed", _l("You may not do this.")),
    404: ("not_found", _l("There is nothing here.")),
    405: ("no_such_method", _l("This address knows no such method.")),
    406: ("not_acceptable", _l("This cannot be given in the form that was asked for.")),
    415: ("not_json", _l("Send the body as JSON (application/json).")),
    429: ("throttled", _l("These are too many requests; wait a little.")),
}
"""Code and title of what the framework refuses; whatever else it refuses is a bad value."""


def _framework(error: exceptions.APIException) -> Told:
    if isinstance(error, exceptions.ValidationError):
        return _of_fields(_flat(error.detail), status=400)
    status, headers = error.status_code, {}
    if status >= 500:
        return Told(problem=problems.unavailable(), headers={"Retry-After": "30"})
    for name, header in (("auth_header", "WWW-Authenticate"), ("wait", "Retry-After")):
        if value := getattr(error, name, None):
            headers[header] = str(int(value) if name == "wait" else value)
    code, title = REFUSED.get(status, ("bad_value", _l("This cannot be used.")))
    problem = Problem(status=status, code=code, title=str(title), detail=str(error.detail))
    return Told(problem=problem, headers=headers)


def _of_fields(errors: Errors, *, status: int) -> Told:
    """One problem for all faults: the first in its own words, every one in `errors`."""
    first = errors[0] if errors else {"field": "", "detail": ""}
    problem = replace(problems.bad(first["field"], first["detail"]).problem, status=status)
    return Told(problem=problem, more={"errors": errors[:50]})


def _flat(detail: Any, path: str = "") -> Errors:
    """Faults as the framework nests them, each by the path of its field, such as `outcomes[3].kind`."""
    if isinstance(detail, Mapping):
        own = ("non_field_errors", "__all__")
        return [
            one for name, inner in detail.items() for one in _flat(inner, path if name in own else _step(path, name))
        ]
    if isinstance(detail, list | tuple) and any(isinstance(inner, Mapping | list) for inner in detail):
        return [one for place, inner in enumerate(detail) for one in _flat(inner, f"{path}[{place}]")]
    if isinstance(detail, list | tuple):
        return [{"field": path, "detail": str(inner)} for inner in detail]
    return [{"field": path, "detail": str(detail)}]


def _step(path: str, name: object) -> str:
    return f"{path}[{name}]" if isinstance(name, int) else f"{path}.{name}".lstrip(".")
