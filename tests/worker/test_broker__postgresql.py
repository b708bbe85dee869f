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
from tests.worker.test_killed import assert_each_chunk_once, assert_scored_once, over, reached

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.xdist_group("worker")]


def test_broker_killed_in_the_middle__worker_goes_on_and_takes_messages_again(
    broker: Valkey, base: list[Client], tmp_path: Path
) -> None:
    crew = Crew(tmp_path, broker.url)
    try:
        crew.one()
        crew.send("crm_assist.rescore", about=LABEL)
        crew.wait("in the middle", reached("rescore", CUSTOMERS // 6, before=CUSTOMERS - 1))
        # Asked for, but with a message that a broker without a file forgets.
        [waiting] = flow.ask_runs("seal", now=NOW)
        broker.restart()
        crew.wait("both done", lambda: over("rescore")() and Run.objects.get(pk=waiting).state == "done")
        crew.send("crm_assist.retain")
        crew.wait("messages taken again", lambda: Run.objects.filter(kind="retain", state="done").exists())
    finally:
        crew.kill()
    assert_scored_once(base)


def test_broker_and_worker_killed_together__another_worker_resumes(
    broker: Valkey, base: list[Client], tmp_path: Path
) -> None:
    crew = Crew(tmp_path, broker.url)
    try:
        worker = crew.one()
        crew.send("crm_assist.rescore", about=LABEL)
        crew.wait("in the middle", reached("rescore", CUSTOMERS // 6, before=CUSTOMERS - 1))
        worker.kill()
        broker.restart()
        crew.one()
        crew.wait("resumed and done", over("rescore"))
    finally:
        crew.kill()
    assert_each_chunk_once(Run.objects.get())
    assert_scored_once(base)
