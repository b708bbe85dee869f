"""Bodies as a stranger may send them: JSON within bounds, nothing in it that a database could not keep."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import replace
from math import isfinite
from typing import IO, Any

from django.utils.translation import gettext as _
from rest_framework.parsers import BaseParser

from crm_assist.api.faults import Refusal, misread
from crm_assist.web.bodies import keepable
from crm_assist.web.problems import Problem

DEEPEST = 32
"""How many objects and lists may stand inside each other; a card needs eight."""


class StrictJSONParser(BaseParser):
    """JSON of at most `view.largest_body` bytes: no NaN, no member twice, no text that cannot be kept."""

    media_type = "application/json"

    def parse(
        self, stream: IO[Any], media_type: str | None = None, parser_context: Mapping[str, Any] | None = None
    ) -> Any:
        """The value, or a refusal: 413 when it is too large, 400 when it cannot be read."""
        context = parser_context or {}
        largest: int = context["view"].largest_body
        body: bytes = stream.read(largest + 1)
        if len(body) > largest:
            raise too_large(largest)
        try:
            value = json.loads(body or b"{}", parse_constant=_no_constant, object_pairs_hook=_unique)
        except (ValueError, RecursionError):
            raise misread(_("The body is not readable JSON.")) from None
        _check(value, DEEPEST)
        return value


def too_large(largest: int) -> Refusal:
    """A 413 that names the bound."""
    title = _("The body is too large.")
    detail = _("Send at most %(largest)d bytes.") % {"largest": largest}
    return Refusal(Problem(status=413, code="too_large", title=title, detail=detail))


def _no_constant(name: str) -> float:
    raise misread(_("%(value)s is not a number that JSON knows.") % {"value": name})


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) < len(pairs):
        raise misread(_("A member of an object is given twice; name each once."))
    return found


def _unfit(detail: str) -> Refusal:
    """A 422: well-formed, but nothing that could be kept."""
    return Refusal(replace(misread(detail).problem, status=422))


def _check(value: Any, deep: int) -> None:
    if deep == 0:
        raise _unfit(_("The body is nested too deeply: at most %(deepest)d levels.") % {"deepest": DEEPEST})
    if isinstance(value, str) and not keepable(value):
        raise _unfit(_("A text holds a character that cannot be kept."))
    if isinstance(value, float) and not isfinite(value):
        raise _unfit(_("A number is too large."))
    if isinstance(value, dict):
        _check(list(value), deep)
    for part in value.values() if isinstance(value, dict) else value if isinstance(value, list) else ():
        _check(part, deep - 1)
