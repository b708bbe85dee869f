"""Features of one record and of many, on real tables."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.db import connection
from django.db.models import F
from django.test.utils import CaptureQueriesContext

from crm_assist import customers
from crm_assist import features as f
from tests.hosts.desk.models import Client, Contact, Order

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)


def a_client(**values: object) -> Client:
    return Client.objects.create(**{"name": "Ada", **values})


def _twice(adapter: object, values: object) -> dict[str, Any]:
    return {"twice": F("balance") * 2}


def test_snapshot__full_record__gives_plain_values_in_one_statement() -> None:
    client = a_client(
        balance=Decimal("1200.50"), segment="private", is_vip=True, birth_date=date(1990, 3, 1),
        since=NOW - timedelta(days=10, hours=12), notice=timedelta(days=2, hours=6),
    )  # fmt: skip
    for days_ago, channel in [(1, "phone"), (89, "phone"), (91, "phone"), (2, "mail"), (-1, "phone")]:
        Contact.objects.create(client=client, at=NOW - timedelta(days=days_ago), channel=channel, minutes=2.5)
    Order.objects.create(client=client, product="card", at=NOW - timedelta(days=3))
    with CaptureQueriesContext(connection) as captured:
        reading = f.snapshot(customers.adapter_for(Client), client, NOW, extra=f.Extra(build=_twice, values={}))
    assert len(captured) == 1
    assert reading.snapshot.values == {
        "balance": Decimal("1200.50"), "segment": "private", "is_vip": 1, "is_private": 1,
        "age": (date(2026, 3, 1) - date(1990, 3, 1)).days, "tenure": 10.5, "notice": 2.25, "calls_90d": 2,
        "minutes_90d": 7.5, "orders_365d": 1, "days_quiet": 1.0,
    }  # fmt: skip
    assert reading.obj == client
    assert float(reading.extra["twice"]) == 2401.0
    assert (reading.snapshot.model_label, reading.snapshot.key) == ("desk.Client", str(client.pk))


def test_snapshot__empty_record__has_zeros_for_counts_and_missing_elsewhere() -> None:
    reading = f.snapshot(customers.adapter_for(Client), a_client(), NOW)
    assert reading.snapshot.values == {
        "balance": None, "segment": "", "is_vip": None, "is_private": 0, "age": None, "tenure": None,
        "notice": None, "calls_90d": 0, "minutes_90d": 0, "orders_365d": 0, "days_quiet": None,
    }  # fmt: skip


def test_snapshot__key_of_nobody__raises_customer_not_found() -> None:
    with pytest.raises(customers.CustomerNotFound):
        f.snapshot(customers.adapter_for(Client), "99", NOW)


def test_snapshot__outside_the_given_queryset__raises_customer_not_found() -> None:
    client = a_client()
    with pytest.raises(customers.CustomerNotFound):
        f.snapshot(customers.adapter_for(Client), client, NOW, queryset=Client.objects.exclude(pk=client.pk))
