"""An agent of the desk with a client; customers with every kind of feature, of an exchange, of two tenants."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from django.contrib.auth.models import User

from crm_assist.customers.registration import registered
from crm_assist.flow import rescore_swap
from crm_assist.types import Principal
from tests.flow.batches import LABEL, Full, a_card, publish
from tests.flow.exchanging import leftovers, sql
from tests.hosts.desk.models import Client
from tests.hosts.guild.models import Guild, Member
from tests.story import open_bank, open_phase
from tests.story import publish as publish_for


@pytest.fixture
def agent() -> Principal:
    return Principal(key=str(User.objects.create_user("ann").pk), name="Ann")


@pytest.fixture
def client_(agent: Principal) -> Client:
    return Client.objects.create(name="Rose", owner_id=int(agent.key), balance=8000, segment="private")


@pytest.fixture
def full() -> Iterator[Any]:
    with registered(Client, Full) as adapter:
        open_bank(LABEL, "score")
        publish(a_card())
        yield adapter


@pytest.fixture
def exchanged(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[Client]]:
    monkeypatch.setattr(rescore_swap, "SWAP_CHUNK", 3)
    monkeypatch.setattr(rescore_swap, "PAUSE_S", 0.05)
    open_bank(LABEL, "score")
    yield list(Client.objects.bulk_create([Client(name=str(n), balance=n * 900) for n in range(10)]))
    for name in leftovers():
        sql(f'DROP TABLE "{name}"')


@pytest.fixture
def guilds() -> dict[str, Guild]:
    """Two tenants, each with a member and a card in force."""
    made = {}
    for code in ("a", "b"):
        publish_for("guild.Member", tenant=code, feature="fee")
        open_phase("score", tenant=code)
        made[code] = Guild.objects.create(code=code)
        Member.objects.create(guild=made[code], name=f"stays in {code}", fee=10)
    return made
