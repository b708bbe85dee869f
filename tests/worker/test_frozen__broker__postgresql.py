"""A worker stops as a paused machine would, and comes back when another has taken over: SQLite would wait for it."""

from __future__ import annotations

import pytest
from django.db import connection, transaction

from crm_assist.runs.holding import ask, beat, take
from crm_assist.runs.models import Run
from crm_assist.types import Step
from tests.hosts.desk.models import Client
from tests.story import NOW
from tests.together import together
from tests.worker.conftest import CUSTOMERS, LABEL
from tests.worker.crew import Crew
from tests.worker.expecting import assert_each_chunk_once, assert_scored_once, over, reached

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.xdist_group("worker")]


def at_rest() -> bool:
    """Whether no process is in the middle of a transaction: frozen there, it would keep its locks."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT count(*) FROM pg_stat_activity WHERE xact_start IS NOT NULL "
            "AND pid <> pg_backend_pid() AND datname = current_database() AND backend_type = 'client backend'"
        )
        return bool(cursor.fetchone()[0] == 0)


def test_worker_frozen_and_back__finds_another_owner_and_takes_its_chunk_back(crew: Crew, base: list[Client]) -> None:
    frozen = crew.one()
    crew.send("crm_assist.rescore", about=LABEL)
    crew.wait("in the middle", reached("rescore", CUSTOMERS // 6, before=CUSTOMERS - 1))
    frozen.freeze()
    while not at_rest():
        frozen.thaw()
        frozen.freeze()
    crew.another()
    crew.wait("taken over", lambda: Run.objects.get().attempt >= 2)
    frozen.thaw()
    crew.wait("done", over("rescore"))
    assert_each_chunk_once(Run.objects.get())
    assert_scored_once(base)


def test_take__while_the_owner_froze_in_a_transaction__does_not_wait_for_it() -> None:
    run = ask(kind="seal", now=NOW)
    held, _ = take(run.pk, now=NOW, stale_seconds=90)
    assert held is not None
    with transaction.atomic():
        beat(held, Step(done=1), now=NOW)
        late = NOW.replace(year=2027)
        [(nobody, verdict)] = together(lambda: take(run.pk, now=late, stale_seconds=90))
    assert (nobody, verdict.code) == (None, "busy")
