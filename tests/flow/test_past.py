"""Customers as of past moments, read once."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.db.models import Q

from crm_assist import customers, features, flow
from tests.hosts.desk.assist import DeskClient
from tests.hosts.desk.models import Client

MOMENT = datetime(2026, 1, 15, 12, tzinfo=UTC)

pytestmark = pytest.mark.django_db


def read(past: flow.Past, base: list[Client], moment: datetime = MOMENT) -> list[Any]:
    return list(past.read(customers.adapter_for(Client), [client.pk for client in base], moment))


@pytest.fixture
def base() -> list[Client]:
    return [Client.objects.create(name=str(n), birth_date=MOMENT.date() - timedelta(days=n)) for n in range(3)]


def test_read__first_time__gives_each_customer_what_can_look_back(base: list[Client]) -> None:
    rows = read(flow.Past(), base)
    declared = features.declared(customers.adapter_for(Client)).values()
    assert [key for key, _values in rows] == [str(client.pk) for client in base]
    assert set(rows[0][1]) == {f.name for f in declared if f.looks_back and not f.sensitive}


def test_read__the_same_again__asks_the_database_nothing(base: list[Client], django_assert_num_queries: Any) -> None:
    past = flow.Past()
    before = read(past, base)
    with django_assert_num_queries(0):
        assert read(past, base) == before


def test_read__other_moment_or_other_customers__is_read_anew(
    base: list[Client], django_assert_num_queries: Any
) -> None:
    past = flow.Past()
    read(past, base)
    with django_assert_num_queries(2):
        read(past, base, MOMENT - timedelta(days=1))
        assert len(read(past, base[:1])) == 1


class Joined(DeskClient):
    """The desk once it says since when somebody is a client."""

    def existed(self, at: datetime) -> Q:
        return Q(since__lte=at)


def test_read__who_was_no_customer_yet__is_left_out(base: list[Client]) -> None:
    for client, days in zip(base, (-1, 0, 1), strict=True):
        client.since = MOMENT + timedelta(days=days)
        client.save()
    with customers.registered(Client, Joined):
        keys = [key for key, _values in read(flow.Past(), base)]
    assert keys == [str(base[0].pk), str(base[1].pk)]
