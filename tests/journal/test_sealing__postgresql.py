"""What only several connections can show: late commits and sealers at the same time."""

from __future__ import annotations

import threading
from collections.abc import Callable
from datetime import datetime

import pytest
from django.db import connections, transaction

from crm_assist.journal.ids import uuid7
from crm_assist.journal.models import Seal
from crm_assist.journal.order import SealingError
from crm_assist.journal.sealing import seal
from crm_assist.journal.verify import verify
from crm_assist.journal.writer import record
from crm_assist.rollout.models import PhaseChange
from tests.journal.test_sealing import sealed_ids

Log = Callable[..., list[PhaseChange]]
pytestmark = pytest.mark.django_db(transaction=True)


def test_seal__row_drawn_early_and_committed_late__is_sealed_in_its_turn(log: Log, now: datetime) -> None:
    early = PhaseChange(id=uuid7(now), at=now, after="off", by="9", reason="late commit")
    written, commit = threading.Event(), threading.Event()
    thread = threading.Thread(target=_hold_open, args=(early, written, commit))
    thread.start()
    assert written.wait(10)
    later = log(2)
    assert seal(tenant="", now=now) is None, "rows of later transactions wait for the one that runs"
    commit.set()
    thread.join()
    seal(tenant="", now=now)
    assert sealed_ids() == [early.pk, *(row.pk for row in later)]
    assert list(verify()) == []


def _hold_open(row: PhaseChange, written: threading.Event, commit: threading.Event) -> None:
    try:
        with transaction.atomic():
            record(row, {"a": 1})
            written.set()
            commit.wait(10)
    finally:
        connections.close_all()


def test_seal__two_sealers_at_once__make_one_chain(log: Log, now: datetime) -> None:
    written = log(40)
    errors: list[BaseException] = []
    threads = [threading.Thread(target=_seal_in_small_links, args=(now, errors)) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert errors == []
    assert sealed_ids() == [row.pk for row in written]
    assert list(verify()) == []


def _seal_in_small_links(now: datetime, errors: list[BaseException]) -> None:
    try:
        while seal(tenant="", now=now, limit=3) is not None:
            pass
    except BaseException as error:
        errors.append(error)
    finally:
        connections.close_all()


def test_seal__log_restored_into_a_new_cluster__says_so(log: Log, now: datetime) -> None:
    log(1)
    Seal.objects.create(sequence=1, at=now, low=1, high=2**40, rows=0, entries="[]", hash="0" * 64)
    with pytest.raises(SealingError, match="new cluster"):
        seal(tenant="", now=now)
