"""A list by score: in stored or live order, silent on those who are, and in the host's own order when we are broken."""

from __future__ import annotations

import pytest
from django.db import models
from django.db.models import Q

from crm_assist import customers, flow
from crm_assist.customers.registration import registered
from crm_assist.rollout.models import TeamPhase
from crm_assist.scoring.models import LatestScore
from crm_assist.types import Principal
from tests.hosts.desk.assist import DeskClient
from tests.hosts.desk.models import Client
from tests.outage import renamed_away
from tests.story import NOW, fitted, open_bank, open_phase

pytestmark = pytest.mark.django_db
LABEL = "desk.Client"


class Discreet(DeskClient):
    """Says in SQL too for whom the machine keeps silent."""

    def silent_filter(self) -> Q:
        return Q(bereaved=True) | Q(closed=True)


@pytest.fixture
def base(agent: Principal) -> list[Client]:
    open_bank(LABEL, "score")
    rows = [Client(name=f"C{n}", owner_id=int(agent.key), balance=n * 900) for n in range(10)]
    clients = list(Client.objects.bulk_create(rows))
    for _step in flow.rescore(customers.adapter_for(LABEL), now=NOW):
        pass
    return clients


def by_score(clients: list[Client]) -> list[Client]:
    """Highest first, then by primary key."""
    return sorted(clients, key=lambda client: (-fitted().one({"balance": client.balance}), client.pk))


def test_score_order__by_score__says_so_and_below_score_stays_as_it_was(agent: Principal, base: list[Client]) -> None:
    rows = Client.objects.order_by("name")
    order = flow.score_order(agent, rows, now=NOW)
    assert (order.by_score, order.note) == (True, "")
    assert list(order.queryset) == by_score(base)
    open_phase("shadow")
    order = flow.score_order(agent, rows, now=NOW)
    assert (order.by_score, order.note) == (False, "")
    assert list(order.queryset) == base


@pytest.mark.parametrize("live", [False, True])
def test_score_order__silent_customer__place_tells_nothing_of_the_score(
    agent: Principal, base: list[Client], live: bool
) -> None:
    silent = [base[2], base[8]]
    Client.objects.filter(pk=base[2].pk).update(bereaved=True)
    Client.objects.filter(pk=base[8].pk).update(closed=True)
    shown = by_score([client for client in base if client not in silent])
    with registered(Client, Discreet):
        order = flow.score_order(agent, Client.objects.all(), live=live, now=NOW)
        rows = list(order.queryset)
    assert rows == ([*shown, *silent] if live else shown)
    assert all(row.live_score is None for row in rows[8:])


@pytest.mark.parametrize("live", [False, True])
def test_score_order__customer_the_person_may_not_see__place_tells_nothing_of_the_score(
    agent: Principal, base: list[Client], live: bool
) -> None:
    hidden = [base[9], base[0]]
    Client.objects.filter(pk__in=[client.pk for client in hidden]).update(owner=None)
    shown = by_score([client for client in base if client not in hidden])
    order = flow.score_order(agent, Client.objects.all(), live=live, now=NOW)
    rows = list(order.queryset)
    assert rows == ([*shown, base[0], base[9]] if live else shown)
    assert all(row.live_score is None for row in rows[8:])
    boss = flow.score_order(Principal(key="boss", is_superuser=True), Client.objects.all(), live=live, now=NOW)
    assert list(boss.queryset) == by_score(base)


@pytest.mark.parametrize("table", [LatestScore, TeamPhase])
def test_score_order__table_of_ours_is_gone__the_host_keeps_its_own_order(
    agent: Principal, base: list[Client], table: type[models.Model], caplog: pytest.LogCaptureFixture
) -> None:
    own = Client.objects.order_by("-name")
    with renamed_away(table):
        order = flow.score_order(agent, own, now=NOW)
        rows = list(order.queryset)  # the transaction of the host's page is as good as before
        refused = flow.order_by_score(agent, own, now=NOW)
    assert rows == base[::-1]
    assert (order.by_score, refused) == (False, None)
    assert "away" in order.note
    assert "crm_assist.order_failed" in caplog.text


class Broken(DeskClient):
    """Its rule for silent customers fails."""

    def silent_filter(self) -> Q:
        raise LookupError("no such flag")


@pytest.mark.parametrize("live", [False, True])
def test_score_order__the_hosts_own_rule_fails__keeps_its_order(
    agent: Principal, base: list[Client], live: bool
) -> None:
    with registered(Client, Broken):
        order = flow.score_order(agent, Client.objects.order_by("name"), live=live, now=NOW)
    assert (order.by_score, list(order.queryset)) == (False, base)
    assert order.note
