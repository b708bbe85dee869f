"""An objection closes everything from the next request on, whoever told it and of whichever of merged customers."""

from __future__ import annotations

from datetime import timedelta

import pytest

from crm_assist import flow
from crm_assist.types import Principal
from tests.hosts.desk.models import Client
from tests.story import BOSS, NOW, open_bank

pytestmark = pytest.mark.django_db
LABEL = "desk.Client"


def test_objection__told_to_an_agent__closes_everything_on_the_next_request(agent: Principal, client_: Client) -> None:
    open_bank(LABEL)
    suggestion = flow.record(agent, LABEL, str(client_.pk), now=NOW).suggestions[0]
    flow.respond(agent, suggestion.id, kind="rejected", reason="customer_objects", now=NOW)
    for later in (timedelta(seconds=5), timedelta(days=400)):
        view = flow.record(agent, LABEL, str(client_.pk), now=NOW + later)
        assert view.suggestions == ()
        assert view.silence is not None
        assert view.silence.code == "objected"


def told_objection(client: Client) -> None:
    flow.record_outcome(model=LABEL, key=str(client.pk), product="", kind="objected", occurred_at=NOW, now=NOW)


def test_objection__told_by_the_host_as_an_outcome__closes_everything_and_replays(
    agent: Principal, client_: Client
) -> None:
    open_bank(LABEL)
    assert flow.record(agent, LABEL, str(client_.pk), now=NOW).suggestions
    told_objection(client_)
    view = flow.record(agent, LABEL, str(client_.pk), now=NOW + timedelta(seconds=5))
    assert view.suggestions == ()
    assert view.silence is not None
    assert view.silence.code == "objected"
    assert view.decision_id is not None
    assert flow.replay(BOSS, view.decision_id).identical


def test_objection__of_a_customer_who_was_merged__counts_for_the_one_that_stays(
    agent: Principal, client_: Client
) -> None:
    open_bank(LABEL)
    other = Client.objects.create(name="Rosa", owner_id=int(agent.key))
    told_objection(other)
    flow.customers_merged(LABEL, from_key=str(other.pk), to_key=str(client_.pk), now=NOW)
    view = flow.record(agent, LABEL, str(client_.pk), now=NOW)
    assert view.silence is not None
    assert view.silence.code == "objected"
