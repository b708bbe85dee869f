"""What the host saves arrives where it must, and harms nobody on the way."""

from __future__ import annotations

from typing import Any

import pytest
from django.db import DatabaseError, transaction
from django.test import override_settings

from crm_assist import flow, receivers
from crm_assist.recommending.models import Product
from crm_assist.rollout.models import Control
from crm_assist.types import Principal
from tests.hosts.desk.models import Client
from tests.scores import stored
from tests.story import open_bank, publish

pytestmark = pytest.mark.django_db(transaction=True)
BOSS = Principal(key="1", is_superuser=True)


@pytest.fixture
def bank() -> None:
    open_bank("desk.Client")


def test_save__customer_with_a_card_in_force__has_a_stored_score_at_once(bank: None) -> None:
    client = Client.objects.create(name="Rose", balance=100)
    low = stored()[str(client.pk)]
    client.balance = 9000
    client.save()
    assert stored()[str(client.pk)] > low


def test_save__our_tables_broken__is_saved_all_the_same(bank: None, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*args: Any, **kwargs: Any) -> None:
        raise DatabaseError("our tables are gone")

    monkeypatch.setattr(flow, "customer_changed", broken)
    with transaction.atomic():
        Client.objects.create(name="Rose")
    assert Client.objects.count() == 1


@pytest.mark.parametrize("value", [5, None, "desk.Contact:client", ["nonsense"]])
def test_connect__extra_senders_of_any_kind__never_stop_the_start(value: Any) -> None:
    with override_settings(CRM_ASSIST={"EXTRA_SENDERS": value}):
        receivers.connect()


def test_published__saved_or_deleted__moves_the_revision() -> None:
    publish("desk.Client")
    seen = [Control.objects.get(tenant="").revision]
    product = Product(code="x", target="orders", value=1, texts={"en": {"name": "X", "benefit": "Y"}})
    for act in (product.save, product.save, product.delete):
        act()
        seen.append(Control.objects.get(tenant="").revision)
    assert len(set(seen)) == 4
