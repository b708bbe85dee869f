"""An answer that silences the customer can be taken back like any other, for as long as answers can."""

from __future__ import annotations

from datetime import timedelta

import pytest

from crm_assist import flow
from crm_assist.types import Principal
from tests.hosts.desk.models import Client
from tests.story import NOW, open_bank

pytestmark = pytest.mark.django_db
LABEL = "desk.Client"


def test_record__objection_by_a_slip__stands_with_its_undo_beside_the_silence(
    agent: Principal, client_: Client
) -> None:
    open_bank(LABEL)
    suggestion = flow.record(agent, LABEL, str(client_.pk), now=NOW).suggestions[0]
    flow.respond(agent, suggestion.id, kind="rejected", reason="customer_objects", now=NOW)
    view = flow.record(agent, LABEL, str(client_.pk), now=NOW + timedelta(seconds=5))
    assert view.silence is not None
    assert view.silence.code == "objected"
    assert [(item.id, item.state, item.undo_seconds) for item in view.suggestions] == [(suggestion.id, "rejected", 55)]
    assert flow.undo(agent, suggestion.id, now=NOW + timedelta(seconds=6)).state == "open"
    again = flow.record(agent, LABEL, str(client_.pk), now=NOW + timedelta(seconds=7))
    assert again.silence is None
    assert suggestion.id in [item.id for item in again.suggestions]


def test_record__objection_of_a_colleague_or_of_long_ago__has_no_undo(agent: Principal, client_: Client) -> None:
    open_bank(LABEL)
    suggestion = flow.record(agent, LABEL, str(client_.pk), now=NOW).suggestions[0]
    flow.respond(agent, suggestion.id, kind="rejected", reason="customer_objects", now=NOW)
    colleague = Principal(key="root", is_superuser=True)
    assert flow.record(colleague, LABEL, str(client_.pk), now=NOW + timedelta(seconds=5)).suggestions == ()
    assert flow.record(agent, LABEL, str(client_.pk), now=NOW + timedelta(seconds=61)).suggestions == ()
