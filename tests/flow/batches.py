"""What the tests of batches share: customers with every kind of feature, a card on all of them, its truth by row."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from django.db import connection

from crm_assist import customers, flow
from crm_assist import features as f
from crm_assist.scorecards import Feature, Scorecard
from crm_assist.types import Step
from tests.hosts.desk.assist import DeskClient
from tests.hosts.desk.models import Client, Contact, Order, OrderLine
from tests.story import BOSS, NOW

LABEL = "desk.Client"

WAYS = ["in_place", "numpy", *(["swap"] if connection.vendor == "postgresql" else [])]

NAMES = [
    "balance", "segment", "is_vip", "is_private", "age", "tenure", "notice", "calls_90d", "minutes_90d", "orders_365d",
    "days_quiet",
]  # fmt: skip


class Full(DeskClient):
    """Every kind of feature, and every sum-up of related rows."""

    features = [
        *DeskClient.features,
        f.Number("mean_minutes", f.average("contacts", "minutes"), label="Mean"),
        f.Number("longest", f.largest("contacts", "minutes"), label="Longest"),
        f.Number("cost", f.total("contacts", "cost"), label="Cost"),
        f.Flag("has_orders", f.any_of("orders"), label="Orders"),
        f.Category("last_channel", f.latest("contacts", "channel"), label="Channel"),
        f.Number("lines", f.count("orders__lines"), label="Lines"),
        f.Number("own_visits", lambda at: f.count("contacts", f.between("at", f_since(), at)), label="Visits"),
    ]


def f_since() -> Any:
    from django.db.models import F  # a bound that looks at the customer: this sum-up has a table of its own

    return F("client__since")


def a_card() -> Scorecard:
    """Points of every feature's every bin, all different."""
    declared = f.declared(customers.adapter_for(LABEL))
    parts, place = [], 0
    for name, feature in declared.items():
        edges, levels = ((), ("phone", "private")) if feature.kind == "category" else ((0.5, 2.0, 30.0), ())
        count = len(edges or levels) + 2
        points = tuple(0.01 * (place + n) * (-1) ** (place + n) for n in range(count))
        parts.append(Feature(name=name, kind=feature.kind, edges=edges, levels=levels, points=points))
        place += count
    return Scorecard(parts=tuple(parts), intercept=-0.3)


def clients() -> list[Client]:
    """Customers with and without each thing that a feature looks at."""
    made = [
        Client.objects.create(name="all", balance=Decimal("1.5"), segment="private", is_vip=True,
            birth_date=date(1990, 1, 1), since=NOW - timedelta(days=3), notice=timedelta(days=2)),
        Client.objects.create(name="none"),
        Client.objects.create(name="future", birth_date=date(2030, 1, 1), since=NOW + timedelta(days=9), is_vip=False),
        *(Client.objects.create(name=str(n), balance=n, segment="phone") for n in range(4)),
    ]  # fmt: skip
    for client in (made[0], made[2], made[4]):
        for days, channel in [(1, "phone"), (2, "mail"), (95, "phone"), (-3, "phone")]:
            Contact.objects.create(
                client=client, at=NOW - timedelta(days=days), channel=channel, minutes=days + 0.5, cost=Decimal("1.25")
            )
        order = Order.objects.create(client=client, product="card", at=NOW - timedelta(days=30))
        OrderLine.objects.bulk_create([OrderLine(order=order, amount=1), OrderLine(order=order, amount=2)])
    return made


def publish(card: Scorecard) -> None:
    from crm_assist.learning.models import Target  # beside the flow, which publishes by target

    flow.publish_card(BOSS, Target.objects.get(name="orders"), card, reason="test", now=NOW)


def expected(adapter: Any, card: Scorecard) -> dict[str, float]:
    """By the row execution on each customer's own snapshot."""
    found = {}
    for client in adapter.queryset():
        values = f.snapshot(adapter, client, NOW).snapshot.values
        found[adapter.key(client)] = card.one(values)
    return found


def run(adapter: Any, **options: Any) -> list[Step]:
    return list(flow.rescore(adapter, now=NOW, **options))
