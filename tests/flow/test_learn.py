"""Learning: whose an outcome is, and who may declare and publish."""

from __future__ import annotations

from datetime import timedelta

import pytest

from crm_assist import flow
from crm_assist.customers.models import Subject
from crm_assist.flow.learn import _outcomes
from crm_assist.learning.models import Target
from tests.hosts.desk.models import Client
from tests.story import NOW

pytestmark = pytest.mark.django_db
LABEL = "desk.Client"


@pytest.fixture
def target() -> Target:
    return flow.declare_target(
        name="orders", adapter=LABEL, labels={"en": "orders"}, products=[], horizon_days=90, by="data", now=NOW
    )


def ordered(client: Client, days_ago: int) -> None:
    at = NOW - timedelta(days=days_ago)
    flow.record_outcome(model=LABEL, key=str(client.pk), product="card", kind="ordered", occurred_at=at, now=NOW)


def merged(loser: Client, winner: Client) -> None:
    flow.customers_merged(LABEL, from_key=str(loser.pk), to_key=str(winner.pk), now=NOW)


@pytest.fixture
def three() -> list[Client]:
    clients = [Client.objects.create(name=name) for name in ("first", "second", "third")]
    for days_ago, client in enumerate(clients, start=1):
        ordered(client, days_ago)
    return clients


def days_of(target: Target) -> dict[str, list[int]]:
    return {key: sorted((NOW - at).days for at in moments) for key, moments in _outcomes(target).items()}


@pytest.mark.parametrize("order", [[(0, 1), (1, 2)], [(1, 2), (0, 1)]])
def test_outcomes__customers_merged_one_after_the_other__count_for_the_last(
    target: Target, three: list[Client], order: list[tuple[int, int]]
) -> None:
    for loser, winner in order:
        merged(three[loser], three[winner])
    assert days_of(target) == {str(three[2].pk): [1, 2, 3]}


def test_outcomes__a_chain_left_two_links_long__counts_for_its_end(target: Target, three: list[Client]) -> None:
    subjects = [Subject.objects.get(key=str(client.pk)) for client in three]
    for loser, winner in ((0, 1), (1, 2)):
        Subject.objects.filter(pk=subjects[loser].pk).update(merged_into=subjects[winner])
    assert days_of(target) == {str(three[2].pk): [1, 2, 3]}


def test_outcomes__told_of_a_customer_after_the_merge__count_for_the_winner(
    target: Target, three: list[Client]
) -> None:
    merged(three[0], three[1])
    ordered(three[0], 9)
    assert days_of(target) == {str(three[1].pk): [1, 2, 9], str(three[2].pk): [3]}
