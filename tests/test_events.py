"""Events have stable names and fixed fields, tell of what was committed, and never tell of a person."""

from __future__ import annotations

import ast
import logging
import string
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from django.core.exceptions import ObjectDoesNotExist
from django.db import transaction
from django.utils import timezone

from crm_assist import events, flow
from crm_assist.events import EVENTS, FIELDS
from crm_assist.types import Principal
from tests.architecture.source import modules
from tests.hosts.desk.models import Client
from tests.story import BOSS, NOW, open_bank

TELLERS = ("emit", "emit_on_commit", "_told")
RESERVED = set(vars(logging.makeLogRecord({}))) | {"message", "asctime", "event"}


def emitted() -> Iterator[tuple[str, str, set[str] | None]]:
    """Every call of emit in the source: where, the event's name, its fields as far as they are written out."""
    for module in modules("crm_assist"):
        for node in ast.walk(module.tree):
            if isinstance(node, ast.Call) and getattr(node.func, "id", "") in TELLERS:
                spread = node.func.id == "_told" or any(word.arg is None for word in node.keywords)
                fields = None if spread else {str(word.arg) for word in node.keywords}
                for name in names_in(node.args[0]):
                    yield f"{module.place}:{node.lineno}", name, fields


def names_in(node: ast.expr) -> Iterator[str]:
    """The names that an argument can be: a text, or one of two."""
    for one in ast.walk(node):
        if isinstance(one, ast.Constant) and isinstance(one.value, str):
            yield one.value


CALLS = [call for call in emitted() if call[0].split(":")[0] != "crm_assist/events.py"]


def test_events__declared__are_emitted_and_emitted_are_declared() -> None:
    assert {name for _place, name, _fields in CALLS} == set(EVENTS)


def test_events__emitted__with_exactly_their_fields() -> None:
    wrong = [call for call in CALLS if call[2] is not None and call[2] != set(EVENTS[call[1]].fields)]
    assert wrong == []


def test_events__names_and_fields__can_stand_in_a_log_record() -> None:
    assert all(set(name) <= {*string.ascii_lowercase, "."} and name.count(".") == 1 for name in EVENTS)
    assert set(FIELDS) & RESERVED == set()
    assert {field for event in EVENTS.values() for field in event.fields} == set(FIELDS)


def test_fields__none__is_about_a_person() -> None:
    personal = {"key", "agent_key", "agent", "by", "name", "label", "comment", "probability", "message", "text", "url"}
    assert set(FIELDS) & personal == set()


@pytest.fixture
def heard(caplog: pytest.LogCaptureFixture) -> Any:
    """The records of the events' logger."""
    caplog.set_level(logging.DEBUG, logger="crm_assist")
    return lambda: [record for record in caplog.records if record.name == "crm_assist.events"]


def test_emit__one_record__has_the_name_and_the_fields(heard: Any) -> None:
    events.emit("phase.changed", tenant="", team="10 % north", before="off", after="score", percent=100)
    (record,) = heard()
    assert record.event == "phase.changed"
    assert (record.team, record.percent, record.levelname) == ("10 % north", 100, "INFO")
    assert record.getMessage() == "phase.changed team=10 % north before=off after=score percent=100"


def test_emit__listener_fails__others_hear_and_nothing_breaks(heard: Any, caplog: pytest.LogCaptureFixture) -> None:
    told: list[str] = []

    def fails(name: str, fields: Any) -> None:
        raise RuntimeError("no")

    def hears(name: str, fields: Any) -> None:
        told.append(name)

    for listener in (fails, hears, hears):
        events.listen(listener)
    try:
        events.emit("target.declared", tenant="", target="orders")
    finally:
        events.stop_listening(fails)
        events.stop_listening(hears)
    assert told == ["target.declared"]
    assert [one.getMessage() for one in caplog.records if one.levelname == "ERROR"] == ["crm_assist.listener_failed"]
    assert len(heard()) == 1


@pytest.mark.django_db(transaction=True)
def test_emit_on_commit__rolled_back__is_never_told(heard: Any) -> None:
    with transaction.atomic():
        events.emit_on_commit("target.declared", tenant="", target="orders")
        transaction.set_rollback(True)
    assert heard() == []
    events.emit_on_commit("target.declared", tenant="", target="orders")
    assert len(heard()) == 1


SECRETS = {
    "customer": "Wilhelmina Zarathustra",
    "agent": "agent-key-4711",
    "agent name": "Balthasar Quux",
    "comment": "remark-very-private",
    "offer": "own-words-private",
    "balance": "8123947.06",  # too long for a clock to show by chance
}
ADMIN = Principal(key=SECRETS["agent"], name=SECRETS["agent name"], is_superuser=True)


def story() -> None:
    """A whole working day, in which every person and free text is known."""
    open_bank("desk.Client")
    client = Client.objects.create(name=SECRETS["customer"], balance=SECRETS["balance"])
    view = flow.record(ADMIN, "desk.Client", str(client.pk), now=NOW)
    assert view.decision_id is not None
    flow.displayed(ADMIN, view.decision_id, now=NOW)
    flow.displayed(ADMIN, view.decision_id, now=NOW)
    suggestion = view.suggestions[0].id
    for _twice in range(2):
        flow.respond(ADMIN, suggestion, kind="accepted", comment=SECRETS["comment"], request_key="a" * 16, now=NOW)
    flow.undo(ADMIN, suggestion, now=NOW)
    flow.answer_score(ADMIN, view.decision_id, kind="useful", comment=SECRETS["comment"], now=NOW)
    flow.own_offer(ADMIN, view.decision_id, comment=SECRETS["offer"], now=NOW)
    told = {"model": "desk.Client", "product": "deposit", "kind": "ordered", "occurred_at": NOW, "now": NOW}
    flow.record_outcome(**told, key=str(client.pk), source="core", external_id="x-1")
    flow.record_outcome(**told, key=str(client.pk), source="core", external_id="x-1")
    flow.record_outcomes(
        "desk.Client",
        [flow.ToldOutcome(key="77", product="card", kind="ordered", occurred_at=NOW)],
        source="c",
        now=NOW,
    )
    flow.change_phase(ADMIN, team="north", phase="score", percent=50, reason=SECRETS["comment"], now=NOW)
    flow.kill(ADMIN, reason=SECRETS["comment"], now=NOW)
    flow.restore(ADMIN, reason=SECRETS["comment"], now=NOW)
    list(flow.export(ADMIN, flow.Filters()))
    later = NOW + timedelta(days=1)
    for kind in ("rescore", "sweep"):
        [run] = flow.ask_runs(kind, about="desk.Client", by=SECRETS["agent name"], now=later)
        flow.carry_on(run)
    [lost] = flow.ask_runs("refit", about="nothing", now=later)
    with pytest.raises(ObjectDoesNotExist):
        flow.carry_on(lost)
    flow.customers_merged("desk.Client", from_key="77", to_key=str(client.pk), now=later)
    flow.customer_erased("desk.Client", key=str(client.pk), now=later)
    flow.customers_gone("desk.Client", keys=["78"], now=later)


EXPECTED = {
    "target.declared": 3, "card.published": 3, "products.saved": 1, "phase.changed": 2, "decision.made": 1,
    "decision.displayed": 1, "suggestion.answered": 1, "suggestion.undone": 1, "score.answered": 1, "offer.noted": 1,
    "outcome.recorded": 1, "outcomes.recorded": 1, "help.stopped": 1, "help.restored": 1, "export.started": 1,
    "run.started": 3, "run.done": 2, "run.failed": 1, "customer.merged": 1, "customer.erased": 1,
    "customers.gone": 1,
}  # fmt: skip


@pytest.mark.django_db(transaction=True)
def test_story__told_once_each__and_no_person_in_any_of_it(heard: Any, settings: Any) -> None:
    settings.CRM_ASSIST = {"SLOW_MS": 600_000}  # a busy machine is no event of this story
    story()
    counts: dict[str, int] = {}
    for record in heard():
        counts[record.event] = counts.get(record.event, 0) + 1
    assert counts == EXPECTED
    text = "\n".join(f"{vars(record)}" for record in heard())
    assert [name for name, secret in SECRETS.items() if secret in text] == []


@pytest.mark.django_db(transaction=True)
def test_record__slow__is_told(heard: Any, settings: Any) -> None:
    open_bank("desk.Client", "score")
    client = Client.objects.create(name="Ada", balance=100)
    settings.CRM_ASSIST = {"SLOW_MS": 500}
    ticks = iter([0.0, 0.7, 1.0, 1.1])
    flow.record(BOSS_SEES, "desk.Client", str(client.pk), now=timezone.now(), clock=lambda: next(ticks))
    (slow,) = [record for record in heard() if record.event == "decision.slow"]
    assert slow.levelname == "WARNING"
    assert slow.latency_ms == pytest.approx(700)


BOSS_SEES = Principal(key=BOSS.key, is_superuser=True)
