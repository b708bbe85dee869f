"""The sweep finds what no signal told, once."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.db import connection

from crm_assist import customers
from crm_assist.customers import Subject, Swept
from tests.hosts.desk.models import Client, Contact
from tests.hosts.guild.assist import CONTEXTS
from tests.hosts.guild.models import Guild, Member
from tests.hosts.shapes.models import Dossier, Person, Policy, Seat

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
SHAPES: list[tuple[Any, dict[str, Any]]] = [
    (Client, {"name": "a"}),
    (Person, {"name": "a", "created": NOW}),
    (Policy, {"number": "P/1 é'\" %s"}),
    (Seat, {"row": "A", "number": 3}),
    (Dossier, {}),
]


def swept(model: Any, *, now: datetime = NOW, **options: Any) -> list[Swept]:
    return list(customers.sweep(customers.adapter_for(model), now=now, **options))


def changed(model: Any, **options: Any) -> list[str]:
    return [key for step in swept(model, **options) for key in step.changed]


def known(obj: Any, tenant: str = "") -> str:
    key = customers.key_of(obj)
    customers.subject_for(model_label=obj._meta.label, key=key, tenant=tenant, now=NOW)
    return key


@pytest.mark.parametrize(("model", "values"), SHAPES)
def test_sweep__any_kind_of_key__finds_new_changed_and_gone_once(model: Any, values: dict[str, Any]) -> None:
    key = known(model.objects.create(**values))
    assert changed(model) == [key]
    assert changed(model) == []
    model.objects.all().delete()
    assert [step.gone for step in swept(model)] == [(key,)]
    assert swept(model) == []


def test_sweep__customer_without_subject__stays_news_until_somebody_makes_one() -> None:
    client = Client.objects.create(name="a")
    assert changed(Client) == changed(Client) == [str(client.pk)]


def test_sweep__bulk_update_raw_sql_and_related_rows__are_found() -> None:
    clients = [Client.objects.create(name=name) for name in "abcd"]
    keys = [known(client) for client in clients]
    swept(Client)
    Client.objects.filter(pk=clients[0].pk).update(balance=5)
    with connection.cursor() as cursor:
        cursor.execute("UPDATE desk_client SET segment = 'raw' WHERE id = %s", [clients[1].pk])
    Contact.objects.bulk_create([Contact(client=clients[2], at=NOW - timedelta(days=1))])
    Client.objects.filter(pk=clients[3].pk).update(name="not a feature")
    assert changed(Client) == keys[:3]


def test_sweep__time_passing_alone__changes_nothing() -> None:
    client = Client.objects.create(name="a", birth_date=NOW.date(), since=NOW - timedelta(days=400))
    known(client)
    Contact.objects.create(client=client, at=NOW - timedelta(days=5))
    swept(Client)
    assert changed(Client, now=NOW + timedelta(days=2)) == []


def test_sweep__event_that_leaves_its_window__changes_the_customer() -> None:
    client = Client.objects.create(name="a")
    key = known(client)
    Contact.objects.create(client=client, at=NOW - timedelta(days=89))
    swept(Client)
    assert changed(Client, now=NOW + timedelta(days=2)) == [key]


def test_sweep__trash_and_back__is_gone_and_news_again() -> None:
    client = Client.objects.create(name="a")
    key = known(client)
    swept(Client)
    Client.objects.update(is_deleted=True)
    assert [step.gone for step in swept(Client)] == [(key,)]
    Client.objects.update(is_deleted=False)
    assert changed(Client) == [key]
    assert Subject.objects.live().count() == 1


def test_sweep__in_small_steps__sees_everybody_once() -> None:
    clients = [Client.objects.create(name=str(number)) for number in range(7)]
    steps = swept(Client, chunk=3)
    assert [step.seen for step in steps] == [3, 3, 1]
    assert [key for step in steps for key in step.changed] == [str(client.pk) for client in clients]


def test_sweep__consumer_that_fails__finds_the_same_again() -> None:
    key = known(Client.objects.create(name="a"))
    steps = customers.sweep(customers.adapter_for(Client), now=NOW)
    assert next(steps).changed == (key,)
    steps.close()  # as it happens when the one who scores fails
    assert changed(Client) == [key]


def test_sweep__two_tenants__stay_apart_each_in_its_own_context() -> None:
    CONTEXTS.clear()
    keys = {}
    for code in ("bakers", "smiths"):
        member = Member.objects.create(guild=Guild.objects.create(code=code), name="M")
        keys[code] = known(member, tenant=code)
    assert changed(Member, tenant="bakers") == [keys["bakers"]]
    assert changed(Member, tenant="bakers") == []
    assert changed(Member, tenant="smiths") == [keys["smiths"]]
    assert changed(Member) == []
    assert CONTEXTS == ["bakers", "bakers", "smiths", ""]
