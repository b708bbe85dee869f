"""Logged decisions decided again: the same result, or a plain word on what was altered."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
from django.db import connection

from crm_assist import flow
from crm_assist.customers.models import Subject
from crm_assist.decisions.models import Decision
from crm_assist.journal import guards
from crm_assist.journal.models import Payload
from crm_assist.types import Principal
from tests.desk_bank import declaring
from tests.hosts.desk.models import Client
from tests.story import BOSS, NOW, open_bank

pytestmark = pytest.mark.django_db
LABEL = "desk.Client"


def test_replay__every_logged_decision__gives_the_same_again(agent: Principal, client_: Client) -> None:
    open_bank(LABEL)
    Client.objects.create(name="Odd", owner_id=int(agent.key), balance=None, segment="%s'\"", is_vip=None)
    for day, client in enumerate(Client.objects.order_by("pk")):
        view = flow.record(agent, LABEL, str(client.pk), now=NOW + timedelta(days=day))
        flow.respond(agent, view.suggestions[0].id, kind="rejected", reason="other", now=NOW + timedelta(days=day))
        flow.record(agent, LABEL, str(client.pk), now=NOW + timedelta(days=day, hours=5))
    rows = list(flow.decisions(BOSS, flow.Filters()))
    assert len(rows) == 4
    for row in rows:
        replay = flow.replay(BOSS, row.pk)
        assert replay.identical, replay.differences


def test_replay__integrator_says_otherwise_of_what_can_change__is_the_same(agent: Principal, client_: Client) -> None:
    open_bank(LABEL)
    decision_id = flow.record(agent, LABEL, str(client_.pk), now=NOW).decision_id
    assert decision_id is not None
    with declaring(changeable=None):
        replay = flow.replay(BOSS, decision_id)
        again = flow.record(agent, LABEL, str(client_.pk), now=NOW + timedelta(minutes=1))
    assert replay.identical, replay.differences
    assert again.decision_id == decision_id
    assert again.score is not None
    assert [reason.changeable for reason in again.score.reasons] == [False]


def test_replay__payload_altered_behind_the_guards__is_told(agent: Principal, client_: Client) -> None:
    open_bank(LABEL)
    decision_id = flow.record(agent, LABEL, str(client_.pk), now=NOW).decision_id
    assert decision_id is not None
    with guards.lifted("default"):
        stored = Payload.objects.get(row_id=decision_id)
        assert stored.body is not None
        Payload.objects.filter(row_id=decision_id).update(body=stored.body.replace('"Ann"', '"Bob"'))
    replay = flow.replay(BOSS, decision_id)
    assert (replay.identical, replay.possible, replay.code) == (False, False, "altered")


def test_replay__row_altered_behind_the_guards__differs_and_names_the_columns(
    agent: Principal, client_: Client
) -> None:
    open_bank(LABEL)
    decision_id = flow.record(agent, LABEL, str(client_.pk), now=NOW).decision_id
    assert decision_id is not None
    with guards.lifted("default"), connection.cursor() as cursor:
        table = Decision._meta.db_table
        cursor.execute(f"UPDATE {table} SET probability = 0.01, slate = 'card'")
    replay = flow.replay(BOSS, decision_id)
    assert (replay.identical, replay.code) == (False, "differs")
    assert [path for path, _then, _again in replay.differences] == ["row.probability", "row.slate"]


UNTOLD = {"id", "schema", "digest", "tx", "subject"}
"""What a payload cannot tell of its row: by the first it is found, the rest is for the seals."""

OTHERS = {
    "tenant": "other", "at": NOW - timedelta(days=3), "agent_key": "eve", "team": "x", "phase": "score",
    "admission": "x", "target": "x", "probability": 0.01, "card": "x", "revision": 1, "code_version": "0", "offered": 0,
    "slate": "", "silence": "no_consent", "fallback": "stored", "latency_ms": 0.5,
}  # fmt: skip


@pytest.mark.parametrize("column", sorted({field.name for field in Decision._meta.concrete_fields} - UNTOLD))
def test_replay__any_column_altered_behind_the_guards__is_named(agent: Principal, client_: Client, column: str) -> None:
    open_bank(LABEL)
    decision_id = flow.record(agent, LABEL, str(client_.pk), now=NOW).decision_id
    assert decision_id is not None
    with guards.lifted("default"):
        Decision._base_manager.update(**{column: OTHERS[column]})
    boss = replace(BOSS, tenant="other") if column == "tenant" else BOSS
    replay = flow.replay(boss, decision_id)
    assert (replay.code, [path for path, _then, _again in replay.differences]) == ("differs", [f"row.{column}"])


def test_replay__row_given_to_another_customer__is_told(agent: Principal, client_: Client) -> None:
    open_bank(LABEL)
    decision_id = flow.record(agent, LABEL, str(client_.pk), now=NOW).decision_id
    assert decision_id is not None
    other = Subject.objects.create(model_label=LABEL, key="x", created_at=NOW)
    with guards.lifted("default"):
        Decision._base_manager.update(subject=other)
    assert flow.replay(BOSS, decision_id).code == "altered"
