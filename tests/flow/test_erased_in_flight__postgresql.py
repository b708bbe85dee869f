"""An erasure and a decision at the same time: whoever comes second sees the first, and no payload stays behind."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.db import connection, transaction

from crm_assist import flow
from crm_assist.customers import Subject
from crm_assist.decisions.models import Decision, Suggestion
from crm_assist.journal.models import Payload
from crm_assist.types import Principal
from tests.hosts.desk.models import Client
from tests.story import NOW, open_bank

pytestmark = pytest.mark.django_db(transaction=True)
LABEL = "desk.Client"


@pytest.fixture
def agent() -> Principal:
    return Principal(key=str(User.objects.create_user("ann").pk), name="Ann")


@pytest.fixture
def key(agent: Principal) -> str:
    client = Client.objects.create(name="Rose", owner_id=int(agent.key), balance=8000)
    return str(client.pk)


def kept_payloads() -> int:
    """How many payloads about customers still have a body."""
    return Payload.objects.filter(subject_id__isnull=False).exclude(body=None).count()


@pytest.fixture
def erasing(key: str) -> Iterator[Any]:
    """Erase the customer in another connection: begin, hold the transaction open, end it."""
    begun, end = threading.Event(), threading.Event()

    def erase() -> None:
        try:
            with transaction.atomic():
                flow.customer_erased(LABEL, key=key, now=NOW)
                begun.set()
                end.wait(20)
        finally:
            connection.close()

    thread = threading.Thread(target=erase)
    yield thread, begun, end
    end.set()
    thread.join(20)


@pytest.mark.parametrize(("phase", "asked"), [("score", 1), ("score", 2), ("recommend", 1)])
def test_record__erased_while_we_look__leaves_no_payload(
    agent: Principal, key: str, phase: str, asked: int, erasing: Any
) -> None:
    thread, begun, end = erasing
    open_bank(LABEL, phase)
    flow.record(agent, LABEL, key, now=NOW)

    def clock() -> float:
        """Asked at the start, and again when all is read and the row is about to be written."""
        times.append(1.0)
        if len(times) == asked:
            thread.start()
            begun.wait(20)
            threading.Timer(0.3, end.set).start()  # the eraser holds its rows until we wait for them
        return 1.0

    times: list[float] = []
    Client.objects.update(balance=10)
    with pytest.raises(flow.CustomerNotFound):
        flow.record(agent, LABEL, key, now=NOW + timedelta(hours=1), clock=clock)
    thread.join(20)
    assert Subject.objects.get().erased_at is not None
    assert not kept_payloads()
    assert not Suggestion.objects.filter(state="open").exists()


@pytest.mark.parametrize("phase", ["score", "recommend"])
def test_record__decision_first__the_eraser_waits_and_takes_its_payload(
    agent: Principal, key: str, phase: str, erasing: Any
) -> None:
    thread, begun, end = erasing
    end.set()
    open_bank(LABEL, phase)
    flow.record(agent, LABEL, key, now=NOW)
    with transaction.atomic():
        flow.record(agent, LABEL, key, now=NOW + timedelta(hours=1))
        thread.start()
        assert not begun.wait(0.3)
    thread.join(20)
    assert Decision.objects.count() == 2
    assert not kept_payloads()
    assert not Suggestion.objects.filter(state="open").exists()
