"""Partitioning cut off by SIGKILL, and beside writers: it goes on, and not a row is lost."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from uuid import UUID

import pytest
from django.db import connection, connections

from crm_assist.decisions.models import Decision
from crm_assist.journal import parting, rebuild
from crm_assist.journal.models import Payload
from crm_assist.journal.parts import is_parted
from crm_assist.journal.sealing import seal_all
from crm_assist.journal.verify import verify
from crm_assist.journal.writer import erase, record
from tests.docs.follow import ROOT
from tests.journal.parted import NOW, decided, partition, someone

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.xdist_group("parted")]
PATIENCE_S = 60.0
CHILD = """
import os, sys
from django.conf import settings
settings.DATABASES["default"]["NAME"] = os.environ["PARTED_DATABASE"]
import django
django.setup()
from crm_assist.journal import parting
parting.ROWS = 20
parting.part.__kwdefaults__["rows"] = parting.unpart.__kwdefaults__["rows"] = 20
from django.core.management import call_command
call_command("crm_assist_log", sys.argv[1])
"""


@pytest.fixture(autouse=True)
def plain_again() -> Iterator[None]:
    """Whatever a test leaves behind, the next one finds plain tables."""
    yield
    partition("unpartition")


def killed(action: str, table: str) -> None:
    """Kill the command once it has copied some of the table."""
    environment = {
        **os.environ,
        "PYTHONPATH": str(ROOT),
        "DJANGO_SETTINGS_MODULE": "tests.settings",
        "PARTED_DATABASE": str(connection.settings_dict["NAME"]),
    }
    child = subprocess.Popen([sys.executable, "-c", CHILD, action], cwd=ROOT, env=environment)
    deadline = time.monotonic() + PATIENCE_S
    while not ((begun := rebuild.unfinished("default", table)) and begun.reached):
        assert child.poll() is None, "it ended before it was killed"
        assert time.monotonic() < deadline
        time.sleep(0.001)
    child.kill()
    child.wait(20)


@pytest.mark.parametrize("table", ["crm_assist_payload", "crm_assist_decision"])
def test_partition__killed__goes_on_and_back_again(table: str) -> None:
    decided(each=700)
    before = set(Decision.objects.values_list("id", flat=True))
    killed("partition", table)
    begun = rebuild.unfinished("default", table)
    assert begun is not None
    assert begun.reached != rebuild.ALL, "killed too late to show anything"
    later = decided([NOW], each=2)
    partition()
    killed("unpartition", table)
    partition("unpartition")
    rows = before | {row.pk for row in later}
    assert set(Decision.objects.values_list("id", flat=True)) == rows
    assert set(Payload.objects.values_list("row_id", flat=True)) == rows
    list(seal_all(tenant="", now=datetime.now(UTC)))
    assert list(verify()) == []


def _write(stop: threading.Event, written: list[UUID], faults: list[BaseException], subject: int) -> None:
    given = {"subject_id": subject, "agent_key": "7", "phase": "score", "admission": "team", "code_version": "1"}
    try:
        while not stop.is_set():
            written.append(record(Decision(at=datetime.now(UTC), **given), {"number": len(written)}).pk)
    except BaseException as error:
        faults.append(error)
    finally:
        connections.close_all()


def test_partition_and_back__beside_writers_and_an_eraser__loses_nothing() -> None:
    decided(each=300)
    erased = someone("9")
    decided(each=20, subject=erased)
    stop, faults = threading.Event(), list[BaseException]()
    written: list[list[UUID]] = [[], [], []]
    threads = [threading.Thread(target=_write, args=(stop, mine, faults, someone().pk)) for mine in written]
    for thread in threads:
        thread.start()
    try:
        for number, _step in enumerate(parting.part("default", Payload, now=datetime.now(UTC), rows=50)):
            if number == 5:
                assert erase([erased.pk], now=datetime.now(UTC)) == 80
        assert is_parted("default", "crm_assist_payload")
        list(parting.part("default", Decision, now=datetime.now(UTC), rows=100))
        assert is_parted("default", "crm_assist_decision")
        for model in (Payload, Decision):
            list(parting.unpart("default", model, rows=100))
    finally:
        stop.set()
        for thread in threads:
            thread.join(PATIENCE_S)
    assert faults == []
    ids = {row_id for mine in written for row_id in mine}
    assert len(ids) > 30, "too few to show anything"
    assert ids <= set(Decision.objects.values_list("id", flat=True))
    assert ids <= set(Payload.objects.exclude(body=None).values_list("row_id", flat=True))
    assert Payload.objects.filter(subject_id=erased.pk).exclude(body=None).count() == 0
    list(seal_all(tenant="", now=datetime.now(UTC)))
    assert [one for one in verify() if one.kind != "emptied"] == []
