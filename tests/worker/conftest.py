"""A bank with enough customers that work takes a while, a broker, and workers that may be killed."""

from __future__ import annotations

import os
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from random import Random
from typing import Any

import pytest
from django.utils import timezone

from crm_assist import flow
from crm_assist.flow import ToldOutcome
from tests.broker import Valkey
from tests.hosts.desk.models import Client
from tests.story import open_bank
from tests.worker import history
from tests.worker.crew import Crew

CUSTOMERS = 3_000
LABEL = "desk.Client"


@pytest.fixture(scope="module")
def crew(tmp_path_factory: pytest.TempPathFactory, django_db_setup: None) -> Iterator[Crew]:
    """Workers on the broker of BROKER_URL, else on one of our own."""
    folder = tmp_path_factory.mktemp("crew")
    broker = None if os.environ.get("BROKER_URL") else Valkey(folder, durable=False)
    if broker is not None:
        broker.start()
    found = Crew(folder, broker.url if broker else os.environ["BROKER_URL"])
    yield found
    found.kill()
    if broker is not None:
        broker.kill()


@pytest.fixture(params=[True, False], ids=["with its file", "without a file"])
def broker(request: Any, tmp_path: Path) -> Iterator[Valkey]:
    """A broker of our own that may be killed."""
    found = Valkey(tmp_path, durable=request.param)
    found.start()
    yield found
    found.kill()


@pytest.fixture
def base(transactional_db: None) -> Iterator[list[Client]]:
    """Clients with balances, scored by a card; each chunk of a run is noted."""
    open_bank(LABEL, "score")
    rows = [Client(name=f"C{n}", balance=n * 10_000 / CUSTOMERS) for n in range(CUSTOMERS)]
    clients = list(Client.objects.bulk_create(rows, batch_size=1000))
    history.keep(pause=0.3, idle=True)
    yield clients
    history.drop()


@pytest.fixture
def past(transactional_db: None) -> Iterator[list[Client]]:
    """Clients with a past to learn from: the longer they are with us, the likelier they order."""
    open_bank(LABEL, "score")
    chance, now = Random(5), timezone.now()
    rows = [Client(name=f"C{n}", since=now - timedelta(days=chance.randint(400, 4000))) for n in range(500)]
    clients = list(Client.objects.bulk_create(rows))
    told = [
        ToldOutcome(
            key=str(client.pk),
            product="deposit",
            kind="ordered",
            occurred_at=now - timedelta(days=chance.randint(1, 250)),
        )
        for client in clients
        if client.since is not None and chance.random() < 0.1 + (now - client.since).days / 6000
    ]
    flow.record_outcomes(LABEL, told, source="test", now=now)
    history.keep(pause=0.3, idle=True)
    yield clients
    history.drop()
