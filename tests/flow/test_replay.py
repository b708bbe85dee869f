"""Logged decisions decided again: the same result, or a plain word on what was altered."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.db import connection

from crm_assist import flow
from crm_assist.decisions.models import Decision
from crm_assist.journal import guards
from crm_assist.journal.models import Payload
from crm_assist.types import Principal
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
