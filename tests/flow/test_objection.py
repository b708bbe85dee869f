"""An objection closes everything from the next request on, whoever told it and of whichever of merged customers."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from crm_assist import flow
from crm_assist.customers.registration import registered
from crm_assist.types import Consent, ConsentState, Principal, Situation, Zone
from tests.hosts.desk.assist import DeskClient
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
        assert "open" not in [item.state for item in view.suggestions]
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


@pytest.mark.parametrize("phase", ["score", "recommend"])
@pytest.mark.parametrize(
    ("at", "silence"),
    [
        (NOW.date(), "objected"),
        (NOW.date() + timedelta(days=1), ""),
        (NOW.replace(tzinfo=None), "objected"),
        (NOW.replace(tzinfo=None) + timedelta(days=1), ""),
        ("yesterday", "consent_unknown"),
    ],
)
def test_objection__consent_with_a_day_or_a_naive_moment__is_compared_or_unknown(
    agent: Principal, client_: Client, phase: str, at: Any, silence: str
) -> None:
    class Dated(DeskClient):
        def consent(self, obj: Client) -> Consent:
            return Consent(state=ConsentState.GRANTED, at=at)

        def situations(self, obj: Client) -> tuple[Situation, ...]:
            return (Situation(code="moving", label="Moving", zone=Zone.BASIC, since=NOW.replace(tzinfo=None)),)

    open_bank(LABEL, phase)
    told_objection(client_)
    with registered(Client, Dated):
        view = flow.record(agent, LABEL, str(client_.pk), now=NOW + timedelta(days=2))
    assert view.score is not None
    assert view.decision_id is not None
    if phase == "recommend":
        assert (view.silence.code if view.silence else "") == silence
    assert flow.replay(BOSS, view.decision_id).identical
