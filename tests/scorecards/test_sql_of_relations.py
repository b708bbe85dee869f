"""Features that are sums, counts or sub-selects over related rows: right on both databases, and evaluated once."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import Any

import pytest
from django.db.models import Case, Count, FloatField, OuterRef, Q, Subquery, Sum, TextField, Value, When
from django.db.models.functions import Coalesce

from crm_assist.scorecards import Scorecard
from tests.scorecards.examples import category, number, pair
from tests.scorecards.tables import Event, Host, create_tables

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _tables(db: None) -> None:
    create_tables()


def event_card() -> Scorecard:
    return Scorecard(
        parts=(
            number("total", (1.0, 10.0, 100.0), (-0.5, -0.1, 0.2, 0.9, 0.0)),
            number("events", (0.5, 2.0), (-0.2, 0.3, 0.4, 0.0)),
            category("kind", ("rich", "poor"), (0.0, 0.6, -0.6, 0.1)),
        ),
        intercept=-1.0,
    )


def make_events() -> None:
    for amounts in ((), (0.5,), (5.0, 20.0), (40.0, 50.0, 60.0)):
        host = Host.objects.create()
        Event.objects.bulk_create([Event(host=host, amount=amount) for amount in amounts])


EVENT_ROWS = [
    {"total": None, "events": 0, "kind": None},
    {"total": 0.5, "events": 1, "kind": "poor"},
    {"total": 25.0, "events": 2, "kind": "poor"},
    {"total": 150.0, "events": 3, "kind": "rich"},
]


@pytest.mark.parametrize("paired", [False, True])
def test_expression__aggregates__are_written_inline_and_right(paired: bool) -> None:
    make_events()
    card = paired_events() if paired else event_card()
    total = Sum("amount", filter=~Q(amount=-1.0))
    kind = Case(When(total__gte=100.0, then=Value("rich")), default=Value("poor"), output_field=TextField())
    scored = (
        Event.objects.values("host")
        .annotate(total=total)
        .annotate(p=card.expression({"total": total, "events": Count("pk"), "kind": kind}))
    )
    found = list(scored.order_by("host").values_list("p", flat=True))
    assert found == pytest.approx([card.one(row) for row in EVENT_ROWS[1:]], abs=1e-9)


def correlated() -> dict[str, Any]:
    events = Event.objects.filter(host=OuterRef("pk")).order_by().values("host")
    total = Subquery(events.annotate(t=Sum("amount")).values("t"), output_field=FloatField())
    count = Coalesce(Subquery(events.annotate(n=Count("pk")).values("n")), 0)
    kind = Case(When(pk__lt=0, then=Value("rich")), default=Value("poor"), output_field=TextField())
    return {"total": total, "events": count, "kind": kind}


def paired_events() -> Scorecard:
    card = event_card()
    return replace(
        card, pairs=(pair(card, "total", "events"), pair(card, "kind", "total"), pair(card, "events", "kind"))
    )


both_cards = pytest.mark.parametrize("card", [event_card(), paired_events()], ids=["single", "paired"])


@both_cards
def test_expression__correlated_subqueries__equal_the_row(card: Scorecard) -> None:
    make_events()
    found = list(Host.objects.annotate(p=card.expression(correlated())).order_by("pk").values_list("p", flat=True))
    rows = [{**row, "kind": "poor"} for row in EVENT_ROWS]
    assert found == pytest.approx([card.one(row) for row in rows], abs=1e-9)


@both_cards
def test_expression__explain__reads_the_events_once_per_feature(card: Scorecard) -> None:
    make_events()
    plan = Host.objects.annotate(p=card.expression(correlated())).order_by("-p").explain()
    scans = re.findall(r"(?:SCAN|SEARCH) U0|Scan[^\n]* on scorecard_tables_event", plan)
    assert len(scans) == 2, plan
