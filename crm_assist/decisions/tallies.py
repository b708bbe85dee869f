"""Suggestions and their answers as counts of a day, and the days that the newest rows of the log have to do with."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date, datetime, time, timedelta, tzinfo
from itertools import islice
from typing import Any
from uuid import UUID

from django.db.models import Case, CharField, Count, Exists, F, OuterRef, Q, QuerySet, Subquery, Value, When
from django.db.models.functions import Coalesce, TruncDate

from crm_assist.decisions.models import Decision, Display, Response, State, Suggestion

ANSWERED = (State.ACCEPTED, State.LATER, State.REJECTED, State.DISMISSED, State.ESCALATED)
"""The states that an agent's answer leads to; any other is none."""

Rows = QuerySet[Any, Any]
AT_ONCE = 5_000


def days_touched(tenant: str, new: Mapping[str, Rows], zone: tzinfo) -> set[date]:
    """The days of these new decisions, and of the suggestions that new rows showed or answered; none is left out.

    `new` holds rows by the label of their table, such as `crm_assist.response`; tables that it lacks have none.
    """
    suggestions = Suggestion.objects.filter(tenant=tenant).order_by()
    opening = new.get(Decision._meta.label_lower)
    # A suggestion is opened at the moment of its decision; a silent one is counted on its day too.
    found = _days(opening, "at", zone) if opening is not None else set()
    for model, column, named in ((Display, "decision_id", "decision_id"), (Response, "id", "suggestion_id")):
        rows = new.get(model._meta.label_lower)
        for some in _batches(rows.values_list(named, flat=True)) if rows is not None else ():
            found |= _days(suggestions.filter(**{f"{column}__in": some}), "opened_at", zone)
    return found


def _days(rows: Rows, column: str, zone: tzinfo) -> set[date]:
    return set(rows.order_by().values_list(TruncDate(column, tzinfo=zone), flat=True).distinct())


def _batches(keys: Rows) -> Iterator[list[UUID]]:
    stream = keys.iterator(AT_ONCE)
    while some := list(islice(stream, AT_ONCE)):
        yield some


def silences(tenant: str, day: date, zone: tzinfo) -> list[dict[str, Any]]:
    """How many of the day's decisions have which team, phase and cause of silence in common; none where one spoke."""
    begin, end = _ends(day, zone)
    made = Decision.objects.filter(tenant=tenant).dated(begin, end).order_by()
    return list(made.values("team", "phase", "silence").annotate(count=Count("pk")))


def _ends(day: date, zone: tzinfo) -> tuple[datetime, datetime]:
    """Where a day begins, and the next one."""
    return datetime.combine(day, time.min, tzinfo=zone), datetime.combine(
        day + timedelta(days=1), time.min, tzinfo=zone
    )


def tally(tenant: str, day: date, zone: tzinfo) -> list[dict[str, Any]]:
    """How many of the day's suggestions have which team, product, version, card, phase, answer and reason in common.

    Team, phase and card are those of the decision that offered first; seen is what a browser confirmed for it, and
    whatever was answered.
    """
    begin, end = _ends(day, zone)
    opened = Suggestion.objects.filter(tenant=tenant, opened_at__gte=begin, opened_at__lt=end)
    decision = Decision.objects.filter(pk=OuterRef("decision_id"))
    shown = Exists(Display.objects.filter(decision_id=OuterRef("decision_id")))
    beside: dict[str, Any] = {
        name: Coalesce(Subquery(decision.values(name)), Value(""), output_field=CharField())
        for name in ("team", "card", "phase")
    }
    answered = Q(state__in=ANSWERED)
    beside |= {
        "answer": Case(When(answered, then=F("state")), default=Value(""), output_field=CharField()),
        "why": Case(When(answered, then=F("reason")), default=Value(""), output_field=CharField()),
        "is_seen": Case(When(answered, then=Value(True)), default=shown),
    }
    names = ("team", "product", "product_version", "card", "phase", "is_seen", "answer", "why")
    rows = opened.order_by().annotate(**beside).values(*names).annotate(count=Count("pk"))
    return [
        {**{name: row[name] for name in names if name != "why"}, "reason": row["why"], "count": row["count"]}
        for row in rows
    ]
