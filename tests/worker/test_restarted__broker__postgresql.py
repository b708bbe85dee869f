"""The broker is killed in the middle and comes back, with its messages or without: nothing is lost or doubled."""

from __future__ import annotations

from pathlib import Path

import pytest

from crm_assist import flow
from crm_assist.runs.models import Run
from tests.broker import Valkey
from tests.hosts.desk.models import Client
from tests.story import NOW
from tests.worker.conftest import CUSTOMERS, LABEL
from tests.worker.crew import Crew
from tests.worker.expecting import assert_each_chunk_once, assert_scored_once, over, reached

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.xdist_group("worker")]


def test_broker_killed_in_the_middle_and_then_the_worker_too__nothing_is_lost_or_doubled(
    broker: Valkey, base: list[Client], tmp_path: Path
) -> None:
    crew = Crew(tmp_path, broker.url)
    try:
        crew.one()
        crew.send("crm_assist.rescore", about=LABEL)
        crew.wait("in the middle", reached("rescore", 1, before=CUSTOMERS - 1))
        [waiting] = flow.ask_runs("seal", now=NOW)  # nobody has sent a message for it
        broker.restart()
        crew.wait("going on", reached("rescore", CUSTOMERS // 2, before=CUSTOMERS - 1), supervised=True)
        crew.kill()
        broker.restart()
        crew.one()
        done = over("rescore")
        crew.wait("both done", lambda: done() and Run.objects.get(pk=waiting).state == "done", supervised=True)
        broker.restart()
        crew.wait("taking messages again", lambda: retained(crew), supervised=True)
    finally:
        crew.kill()
    assert_each_chunk_once(Run.objects.get(kind="rescore"))
    assert_scored_once(base)


def retained(crew: Crew) -> bool:
    """Whether a message sent after the broker came back was taken; sent once."""
    if not Run.objects.filter(kind="retain").exists():
        crew.send("crm_assist.retain", task_id="only one")
    return Run.objects.filter(kind="retain", state="done").exists()
