"""Which outcomes follow from a decision: soon enough, of a suggested product, of the same customer under any name."""

from __future__ import annotations

import json
from datetime import timedelta

import pytest
from django.db import connection
from django.test import override_settings
from django.test.utils import CaptureQueriesContext

from crm_assist import flow
from crm_assist.decisions.models import Decision, Outcome
from crm_assist.flow.attribution import outcomes_of
from crm_assist.types import Principal
from tests.hosts.desk.models import Client
from tests.story import BOSS, NOW, open_bank

pytestmark = pytest.mark.django_db
LABEL = "desk.Client"


@pytest.fixture
def client_(agent: Principal) -> Client:
    open_bank(LABEL)
    client = Client.objects.create(name="Rose", owner_id=int(agent.key), balance=8000)
    flow.record(agent, LABEL, str(client.pk), now=NOW)
    return client


def told(client: Client, after: timedelta, product: str = "card", **more: str) -> Outcome:
    at = NOW + after
    return flow.record_outcome(
        model=LABEL, key=str(client.pk), product=product, occurred_at=at, now=at, **({"kind": "ordered"} | more)
    )


def days() -> list[int]:
    """How many days after the decision each of its outcomes lies, on its page and in the export alike."""
    row = Decision.objects.get()
    shown = [item.occurred_at for item in flow.decision(BOSS, row.pk).outcomes]
    [line] = map(json.loads, flow.export(BOSS, flow.Filters(), "jsonl"))
    assert len(line["outcomes"]) == len(shown)
    return [(at - NOW).days for at in shown]


def test_outcomes__within_the_window__follow_and_later_ones_are_kept_alone(client_: Client) -> None:
    for after in (-1, 0, 90, 91):
        told(client_, timedelta(days=after))
    assert days() == [0, 90]
    assert Outcome.objects.count() == 4
    with override_settings(CRM_ASSIST={"ATTRIBUTION_DAYS": 91}):
        assert days() == [0, 90, 91]


def test_outcomes__of_a_product_that_was_not_suggested__do_not_follow(client_: Client) -> None:
    told(client_, timedelta(days=1), product="yacht")
    told(client_, timedelta(days=2), product="", kind="complained")
    assert days() == []


def test_outcomes__corrected__only_the_correction_follows(client_: Client) -> None:
    for kind in ("ordered", "cancelled"):
        told(client_, timedelta(days=2), kind=kind, source="orders", external_id="17")
    assert days() == [2]
    assert [item.kind for item in flow.decision(BOSS, Decision.objects.get().pk).outcomes] == ["cancelled"]


def test_outcomes__told_of_the_winner_after_a_merge__follow_from_the_losers_decision(client_: Client) -> None:
    winner = Client.objects.create(name="Rosa", owner_id=client_.owner_id)
    flow.customers_merged(LABEL, from_key=str(client_.pk), to_key=str(winner.pk), now=NOW)
    told(winner, timedelta(days=5))
    assert days() == [5]


def test_outcomes__told_of_the_loser_before_a_merge__follow_from_the_winners_decision(client_: Client) -> None:
    loser = Client.objects.create(name="Rosa", owner_id=client_.owner_id)
    told(loser, timedelta(days=5))
    flow.customers_merged(LABEL, from_key=str(loser.pk), to_key=str(client_.pk), now=NOW)
    assert days() == [5]


def test_outcomes__of_many_decisions__three_statements(agent: Principal, client_: Client) -> None:
    for name in ("second", "third"):
        other = Client.objects.create(name=name, owner_id=int(agent.key), balance=8000)
        flow.record(agent, LABEL, str(other.pk), now=NOW)
        told(other, timedelta(days=1))
    rows = list(Decision.objects.select_related("subject"))
    with CaptureQueriesContext(connection) as captured:
        found = outcomes_of(rows)
    assert (len(captured), sorted(map(len, found.values()))) == (3, [0, 1, 1])
