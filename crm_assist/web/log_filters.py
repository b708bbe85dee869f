"""What an analyst asks of the log, read from the address: bounded, and named when it cannot be read."""

from __future__ import annotations

from datetime import datetime, time, timedelta
from uuid import UUID

from django.http import QueryDict
from django.utils.dateparse import parse_date, parse_datetime
from django.utils.timezone import get_current_timezone, is_naive, make_aware
from django.utils.translation import gettext as _

from crm_assist import flow
from crm_assist.types import Principal
from crm_assist.web.bodies import keepable
from crm_assist.web.problems import bad

TEXTS = {
    "team": 100,
    "product": 100,
    "response": 12,
    "reason": 30,
    "phase": 12,
    "silence": 40,
    "agent": 150,
    "key": 255,
}
"""The filters that are texts, and how long each may be."""

MOST_BEARERS = 5
"""How many of those who bear a name are told."""

Cursor = tuple[datetime, UUID]


def filters_of(query: QueryDict) -> flow.Filters:
    """The filters in force; a day counts from its start, the last day to its end; raises a 400 that names the field."""
    texts = {name: _text(query, name, longest) for name, longest in TEXTS.items()}
    until = _day(query, "until")
    return flow.Filters(**texts, since=_day(query, "since"), until=_after(until))


def by_name(principal: Principal, query: QueryDict, known: flow.Names) -> flow.Filters:
    """The filters in force, where products, teams and agents may be called by their names; 400 for a shared name."""
    try:
        return flow.by_name(principal, filters_of(query), known)
    except flow.Ambiguous as error:
        shown = "; ".join(error.bearers[:MOST_BEARERS]) + ("; …" if len(error.bearers) > MOST_BEARERS else "")
        told = _("Several are meant by “%(name)s”: %(bearers)s. Write what stands in brackets.")
        raise bad(error.field, told % {"name": query.get(error.field, "").strip(), "bearers": shown}) from error


def _text(query: QueryDict, name: str, longest: int) -> str:
    found = query.get(name, "").strip()
    if not keepable(found):
        raise bad(name, _("This text holds a character that cannot be kept."))
    if len(found) > longest:
        raise bad(name, _("This text is too long: use at most %(longest)d characters.") % {"longest": longest})
    return found


def _day(query: QueryDict, name: str) -> datetime | None:
    found = query.get(name, "").strip()
    if not found:
        return None
    try:
        day = parse_date(found)
    except ValueError:
        day = None
    # A day at the edge of the calendar has no neighbour to count to.
    if day is None or not 1900 < day.year < 9000:
        raise bad(name, _("“%(value)s” is not a day; write it as 2026-11-30.") % {"value": found[:20]})
    return make_aware(datetime.combine(day, time.min), get_current_timezone())


def _after(day: datetime | None) -> datetime | None:
    if day is None:
        return None
    return make_aware(datetime.combine(day.date() + timedelta(days=1), time.min), get_current_timezone())


def cursor_of(query: QueryDict) -> Cursor | None:
    """Where the page begins: after the row with this moment and id; None for the first page."""
    found = query.get("after", "")
    if not found:
        return None
    moment, _bar, key = found[:100].partition("_")
    try:
        at, identity = parse_datetime(moment), UUID(key)
    except ValueError:
        at, identity = None, UUID(int=0)
    # At the edge of the calendar a moment cannot be told in every time zone.
    if at is None or is_naive(at) or not 1900 < at.year < 9000:
        raise bad("after", _("This page cannot be found again; go back to the first one."))
    return at, identity


def written(at: datetime, identity: UUID) -> str:
    """A place in the log, for the address of the next page."""
    return f"{at.isoformat()}_{identity}"


def address_of(query: QueryDict, **changes: str) -> str:
    """The same filters as a query string, with some values changed or (empty) left out."""
    copy = QueryDict(mutable=True)
    for name in (*TEXTS, "since", "until"):
        if value := query.get(name, "").strip():
            copy[name] = value
    for name, value in changes.items():
        if value:
            copy[name] = value
        else:
            copy.pop(name, None)
    return copy.urlencode()
