"""An increment loses no row that is committed late."""

from __future__ import annotations

import threading

import pytest
from django.db import connections, transaction

from crm_assist import journal
from tests.journal.odd_decisions import decided

pytestmark = pytest.mark.django_db(transaction=True)


def test_read__row_drawn_early_and_committed_late__comes_in_its_turn() -> None:
    decided(1)
    first = journal.read_decisions(columns=["revision"])
    drawn, commit = threading.Event(), threading.Event()
    thread = threading.Thread(target=_hold_open, args=(drawn, commit))
    thread.start()
    assert drawn.wait(10)
    decided(2, start=2)
    meanwhile = journal.read_decisions(columns=["revision"], since=first.mark)
    commit.set()
    thread.join()
    last = journal.read_decisions(columns=["revision"], since=meanwhile.mark or first.mark)
    assert first["revision"] == [0]
    assert meanwhile["revision"] == [], "rows of later transactions wait for the one that runs"
    assert last["revision"] == [1, 2, 3]


def _hold_open(drawn: threading.Event, commit: threading.Event) -> None:
    try:
        with transaction.atomic():
            decided(1, start=1)
            drawn.set()
            commit.wait(10)
    finally:
        connections.close_all()
