"""A colleague answers between the moment at which a record was read and the one at which it is offered."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from datetime import timedelta
from typing import Any

import pytest
from django.db import connections

from crm_assist import flow
from crm_assist.customers import Subject
from crm_assist.customers.registration import registered
from crm_assist.decisions.models import Decision, Suggestion
from crm_assist.types import Principal
from tests.hosts.desk.assist import DeskClient
from tests.hosts.desk.models import Client
from tests.story import NOW, open_bank

pytestmark = pytest.mark.django_db(transaction=True)
LABEL = "desk.Client"
ANN, BOB = (Principal(key=key, is_superuser=True) for key in ("ann", "bob"))


def elsewhere(act: Callable[[], object]) -> None:
    """Do it on a connection of its own and wait for it."""

    def acted() -> None:
        try:
            act()
        finally:
            connections.close_all()

    with ThreadPoolExecutor(1) as pool:
        pool.submit(acted).result(timeout=30)


@contextmanager
def while_the_host_is_asked(*acts: Callable[[], object]) -> Iterator[None]:
    """Each of these once, when the record has been read and the host is asked whether its customer is live."""
    waiting, acting = list(acts), threading.Event()

    class Asked(DeskClient):
        def is_live(self, obj: Any) -> bool:
            if waiting and not acting.is_set():  # what is done there asks the host as well
                acting.set()
                elsewhere(waiting.pop(0))
                acting.clear()
            return True

    with registered(Client, Asked):
        yield


@pytest.fixture
def key() -> str:
    open_bank(LABEL)
    return str(Client.objects.create(name="Rose", balance=8000).pk)


def states() -> list[tuple[str, str]]:
    return sorted(Suggestion.objects.values_list("product", "state"))


def later(seconds: int) -> Any:
    return NOW + timedelta(seconds=seconds)


def test_record__colleague_notes_an_objection__offers_nothing(key: str) -> None:
    suggestion = flow.record(ANN, LABEL, key, now=NOW).suggestions[0]

    def objects() -> None:
        flow.respond(ANN, suggestion.id, kind="rejected", reason="customer_objects", now=later(1))

    with while_the_host_is_asked(objects):
        view = flow.record(BOB, LABEL, key, now=later(1))
    assert view.suggestions == ()
    assert view.silence is not None
    assert view.silence.code == "objected"
    assert Decision.objects.get(pk=view.decision_id).slate == ""
    assert not Suggestion.objects.filter(state="open").exists()


def test_record__colleague_opens_and_rejects__does_not_offer_it_again(key: str) -> None:
    def rejects() -> None:
        view = flow.record(ANN, LABEL, key, now=NOW)
        flow.respond(ANN, view.suggestions[0].id, kind="rejected", now=later(1))

    with while_the_host_is_asked(rejects):
        view = flow.record(BOB, LABEL, key, now=later(2))
    rejected = [product for product, state in states() if state == "rejected"]
    assert len(rejected) == 1
    assert rejected[0] not in [item.product for item in view.suggestions]


def test_record__colleagues_answer_again_and_again__is_silent_and_tells_the_gap(key: str) -> None:
    first = flow.record(ANN, LABEL, key, now=NOW).suggestions[0]

    def answer() -> None:
        flow.respond(ANN, first.id, kind="rejected", now=later(1))

    def take_back() -> None:
        flow.undo(ANN, first.id, now=later(2))

    with while_the_host_is_asked(answer, take_back, answer):
        view = flow.record(BOB, LABEL, key, now=later(3))
    assert view.decision_id is None
    assert view.suggestions == ()
    assert view.score is not None
    assert view.away


def test_record__first_opened_by_two_at_once__has_one_subject_and_both_rows(key: str) -> None:
    flow.change_phase(ANN, team="", phase="score", percent=100, reason="scores", now=NOW)
    with while_the_host_is_asked(lambda: flow.record(ANN, LABEL, key, now=NOW)):
        view = flow.record(BOB, LABEL, key, now=NOW)
    assert Subject.objects.count() == 1
    assert Decision.objects.count() == 2
    assert view.decision_id is not None
