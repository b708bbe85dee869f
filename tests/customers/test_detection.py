"""Changes that the host's own saving tells, and those it tells us by name."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from typing import Any

import pytest
from django.core.management import call_command
from django.db import transaction
from django.db.models.signals import post_delete, post_save

from crm_assist import customers
from crm_assist.customers import detection
from crm_assist.customers.detection import BadSender, sender_of
from tests.hosts.desk.models import Client, Contact, FavouredClient, Order, OrderLine, Tag
from tests.hosts.shapes.models import Entity, Person

NOW = datetime(2026, 3, 1, tzinfo=UTC)
pytestmark = pytest.mark.django_db(transaction=True)


class Told:
    """What the internal signals said, in order."""

    def __init__(self) -> None:
        self.changed: list[set[str]] = []
        self.gone: list[set[str]] = []

    def on_changed(self, *, keys: frozenset[str], **kwargs: Any) -> None:
        self.changed.append(set(keys))

    def on_gone(self, *, keys: frozenset[str], **kwargs: Any) -> None:
        self.gone.append(set(keys))


@pytest.fixture
def told() -> Iterator[Told]:
    told = Told()
    customers.changed.connect(told.on_changed)
    customers.gone.connect(told.on_gone)
    yield told
    customers.changed.disconnect(told.on_changed)
    customers.gone.disconnect(told.on_gone)


@contextmanager
def rolled_back() -> Iterator[None]:
    """What happens in here did not happen."""
    with suppress(RuntimeError), transaction.atomic():
        yield
        raise RuntimeError


def test_save__outside_a_transaction__tells_at_once(told: Told) -> None:
    client = Client.objects.create(name="a")
    assert told.changed == [{str(client.pk)}]


def test_save__many_times_in_a_transaction__tells_once_after_commit(told: Told) -> None:
    with transaction.atomic():
        one, two = Client.objects.create(name="a"), Client.objects.create(name="b")
        one.save()
        two.save()
        assert told.changed == []
    assert told.changed == [{str(one.pk), str(two.pk)}]


def test_save__rolled_back__tells_nothing_then_or_later(told: Told) -> None:
    with rolled_back():
        Client.objects.create(name="a")
    with transaction.atomic():
        kept = Client.objects.create(name="b")
    assert told.changed == [{str(kept.pk)}]


def test_save__in_a_rolled_back_savepoint__does_not_lose_the_others(told: Told) -> None:
    with transaction.atomic():
        with rolled_back():
            Client.objects.create(name="lost")
        first = Client.objects.create(name="first")
        with transaction.atomic():
            second = Client.objects.create(name="second")
        with rolled_back():
            first.save()
        third = Client.objects.create(name="third")
    assert set().union(*told.changed) == {str(one.pk) for one in (first, second, third)}


def test_save__of_a_login_alone__tells_nothing(told: Told) -> None:
    client = Client.objects.create(name="a")
    client.save(update_fields=["last_login"])
    assert len(told.changed) == 1
    client.save(update_fields=["last_login", "name"])
    assert len(told.changed) == 2


def test_save__by_a_proxy__tells_the_customer(told: Told) -> None:
    client = FavouredClient.objects.create(name="a")
    assert told.changed == [{str(client.pk)}]


def test_loaddata__raw_rows__tell_nothing(told: Told, tmp_path: Any) -> None:
    fixture = tmp_path / "clients.json"
    fixture.write_text('[{"model": "desk.client", "pk": 5, "fields": {"name": "raw"}}]')
    call_command("loaddata", str(fixture), verbosity=0)
    assert told.changed == []
    assert Client.objects.get().name == "raw"


def test_delete__of_a_customer__tells_that_it_is_gone(told: Told) -> None:
    client = Client.objects.create(name="a")
    key = str(client.pk)
    client.delete()
    assert told.gone == [{key}]


def test_save__into_the_trash__tells_that_it_is_gone(told: Told) -> None:
    client = Client.objects.create(name="a")
    client.is_deleted = True
    client.save()
    assert told.gone == [{str(client.pk)}]


def test_update_and_bulk_create__tell_nothing_until_the_host_does(told: Told) -> None:
    Client.objects.bulk_create([Client(name="a"), Client(name="b")])
    Client.objects.update(balance=5)
    assert told.changed == []
    customers.notify_changed(Client, Client.objects.values_list("pk", flat=True))
    assert told.changed == [{str(pk) for pk in Client.objects.values_list("pk", flat=True)}]


def test_notify_changed__records_keys_and_texts__are_all_understood(told: Told) -> None:
    Client.objects.bulk_create([Client(pk=number, name="x") for number in (1, 2, 3)])
    with transaction.atomic():
        customers.notify_changed("desk.Client", [Client.objects.get(pk=1), 2, "3"])
    assert told.changed == [{"1", "2", "3"}]
    with pytest.raises(customers.BadKey):
        customers.notify_changed(Client, ["x"])


def test_receiver_that_fails__never_reaches_the_host(caplog: pytest.LogCaptureFixture) -> None:
    def failing(**kwargs: Any) -> None:
        raise RuntimeError("ours")

    customers.changed.connect(failing)
    try:
        with caplog.at_level(logging.ERROR, "crm_assist.customers"), transaction.atomic():
            Client.objects.create(name="a")
    finally:
        customers.changed.disconnect(failing)
    assert Client.objects.count() == 1
    assert "were not taken up" in caplog.text


def test_extra_sender__row_of_a_customer__tells_the_customer(told: Told) -> None:
    client = Client.objects.create(name="a")
    order = Order.objects.create(client=client, product="card", at=NOW)
    sender = sender_of("desk.OrderLine:order__client")
    assert sender.customer(OrderLine(order=order)) == client
    assert sender.customer(OrderLine()) is None


def test_connect__extra_sender__listens_and_twice_is_once(told: Told) -> None:
    client = Client.objects.create(name="a")
    for _ in range(2):
        detection.connect(["desk.Contact:client", "desk.Nothing:client"])
    try:
        Contact.objects.create(client=client, at=NOW)
    finally:
        for signal in (post_save, post_delete):
            assert signal.disconnect(sender=Contact, dispatch_uid="crm_assist:desk.Contact:client")
    assert told.changed == [{str(client.pk)}] * 2


def test_extra_sender__parent_table_of_a_customer__leads_to_the_child() -> None:
    person = Person.objects.create(name="a", created=NOW)
    sender = sender_of("shapes.Entity:person")
    assert sender.customer(Entity.objects.get(pk=person.pk)) == person
    assert sender.customer(Entity.objects.create(created=NOW)) is None


@pytest.mark.parametrize(
    "entry",
    ["", "desk.Contact", "desk.Contact:", "desk.Nothing:client", "desk.Contact:nobody", "desk.Contact:at",
     "desk.Tag:clients", "desk.Client:owner", "nonsense:x"],
)  # fmt: skip
def test_sender_of__entry_that_leads_nowhere__is_refused_by_name(entry: str) -> None:
    with pytest.raises(BadSender, match="'"):
        sender_of(entry)


def test_connected_models__of_the_hosts__are_those_registered_and_their_proxies() -> None:
    assert detection._with_descendants(Client) == [Client, FavouredClient]
    assert Tag not in detection._with_descendants(Client)
