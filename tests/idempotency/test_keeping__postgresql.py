"""Two equal requests at once: one does the work, the other learns that it is under way."""

from __future__ import annotations

from datetime import UTC, datetime
from threading import Event, Thread

import pytest
from django.db import connection

from crm_assist.idempotency.keeping import Answer, UnderWay, once
from crm_assist.idempotency.models import KeptAnswer

NOW = datetime(2026, 6, 1, 9, 0, tzinfo=UTC)


@pytest.mark.django_db(transaction=True)
def test_once__beside_the_first__is_under_way_and_afterwards_answered() -> None:
    begun, go_on = Event(), Event()

    def slow() -> Answer:
        begun.set()
        assert go_on.wait(10)
        return Answer(status=200, body="first")

    def first() -> None:
        try:
            once(tenant="", agent_key="7", key="k", request="r", act=slow, now=NOW)
        finally:
            connection.close()

    thread = Thread(target=first)
    thread.start()
    assert begun.wait(10)
    with pytest.raises(UnderWay):
        once(tenant="", agent_key="7", key="k", request="r", act=slow, now=NOW)
    go_on.set()
    thread.join(10)
    assert once(tenant="", agent_key="7", key="k", request="r", act=slow, now=NOW).body == "first"
    assert KeptAnswer.objects.count() == 1
