"""What a stranger may send: small JSON objects with known fields of known kinds; anything else is refused by name."""

from __future__ import annotations

import json
from datetime import date, datetime, time
from typing import Any

from django.http import HttpRequest
from django.utils.dateparse import parse_date
from django.utils.timezone import get_current_timezone, make_aware
from django.utils.translation import gettext as _

from crm_assist.web.problems import Problem, Refused, bad

LARGEST = 8 * 1024
"""The most bytes an answer may have."""


def json_object(request: HttpRequest, *, fields: frozenset[str]) -> dict[str, Any]:
    """The request's JSON object, at most 8 KiB, with `fields` and no other; else refused with 400, 413 or 415."""
    if request.content_type != "application/json":
        raise Refused(Problem(status=415, code="not_json", title=_("Send the answer as JSON (application/json).")))
    if _announced(request) > LARGEST or len(body := request.read(LARGEST + 1)) > LARGEST:
        raise Refused(Problem(status=413, code="too_large", title=_("The answer is too long.")))
    try:
        value = json.loads(body or b"{}")
    except (ValueError, RecursionError):
        raise bad("", _("The answer is not readable JSON.")) from None
    if not isinstance(value, dict):
        raise bad("", _("The answer must be a JSON object."))
    for name in value:
        if name not in fields:
            known = ", ".join(sorted(fields))
            raise bad(str(name)[:40], _("This field is not known; use %(known)s.") % {"known": known})
    return value


def _announced(request: HttpRequest) -> int:
    try:
        return int(request.META.get("CONTENT_LENGTH") or 0)
    except ValueError:
        return 0


def text(value: dict[str, Any], field: str, *, longest: int) -> str:
    """A text of at most `longest` characters without control characters; empty when it is not given."""
    found = value.get(field, "")
    if found is None:
        return ""
    if not isinstance(found, str):
        raise bad(field, _("This must be a text."))
    if not keepable(found):
        raise bad(field, _("This text holds a character that cannot be kept."))
    if len(found) > longest:
        raise bad(field, _("This text is too long: use at most %(longest)d characters.") % {"longest": longest})
    return found.strip()


def keepable(found: str) -> bool:
    """Whether every database can store the text: no zero character, and no half of a pair."""
    return "\x00" not in found and not any("\ud800" <= character <= "\udfff" for character in found)


def day(value: dict[str, Any], field: str) -> datetime | None:
    """The start of a day (`2026-11-30`) in the reader's time zone; None when it is not given."""
    found = text(value, field, longest=10)
    if not found:
        return None
    try:
        parsed: date | None = parse_date(found)
    except ValueError:
        parsed = None
    if parsed is None:
        raise bad(field, _("“%(value)s” is not a day; write it as 2026-11-30.") % {"value": found})
    return make_aware(datetime.combine(parsed, time.min), get_current_timezone())
