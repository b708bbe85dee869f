"""Stored scores: the whole base, after a change, in a list's order, and after the sweep."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from crm_assist import customers, flow
from crm_assist import features as f
from crm_assist.customers.models import Subject
from crm_assist.customers.registration import registered
from crm_assist.learning.models import Target
from crm_assist.scoring.models import LatestScore
from crm_assist.types import Principal, Trend
from tests.hosts.desk.assist import DeskClient
from tests.hosts.desk.models import Client
from tests.scores import stored
from tests.story import BOSS, NOW, fitted, open_bank, open_phase

pytestmark = pytest.mark.django_db
LABEL = "desk.Client"


@pytest.fixture
def base(agent: Principal) -> list[Client]:
    open_bank(LABEL, "score")
    rows = [Client(name=f"C{n}", owner_id=int(agent.key), balance=n * 900) for n in range(10)]
    return list(Client.objects.bulk_create(rows))


def rescored(now: object = NOW) -> int:
    return max((step.done for step in flow.rescore(customers.adapter_for(LABEL), now=NOW)), default=0)


def test_rescore__whole_base__stores_what_the_card_says_of_each_row(base: list[Client]) -> None:
    assert rescored() == 10
    found = stored()
    for client in base:
        assert found[str(client.pk)] == pytest.approx(fitted().one({"balance": client.balance}), abs=1e-9)


def test_rescore__twice__follows_the_change_and_doubles_nothing(base: list[Client]) -> None:
    rescored()
    before = stored()
    Client.objects.filter(pk=base[3].pk).update(balance=9500)
    rescored()
    after = stored()
    assert {key for key, value in after.items() if value != before[key]} == {str(base[3].pk)}
    assert after[str(base[3].pk)] > before[str(base[3].pk)]
    assert len(after) == 10


def test_order_by_score__stored__is_highest_first_and_below_score_refuses(agent: Principal, base: list[Client]) -> None:
    rescored()
    ordered = flow.order_by_score(agent, Client.objects.filter(branch="north"), now=NOW)
    assert ordered is not None
    values = [row.stored_score for row in ordered]
    assert values == sorted(values, reverse=True)
    assert len(values) == 10
    open_phase("shadow")
    assert flow.order_by_score(agent, Client.objects.all(), now=NOW) is None


def test_order_by_score__live__needs_no_stored_score(agent: Principal, base: list[Client]) -> None:
    ordered = flow.order_by_score(agent, Client.objects.all(), live=True, now=NOW)
    assert ordered is not None
    values = [row.live_score for row in ordered]
    assert values == sorted(values, reverse=True)
    assert values[0] == pytest.approx(max(fitted().one({"balance": client.balance}) for client in base), abs=1e-9)


def test_list_scores__visible_page__is_live_and_leaves_out_others(agent: Principal, base: list[Client]) -> None:
    other = Client.objects.create(name="Other", balance=100)
    keys = [str(client.pk) for client in (*base, other)]
    found = flow.list_scores(agent, LABEL, keys, now=NOW)
    assert set(found) == {str(client.pk) for client in base}
    open_phase("shadow")
    assert flow.list_scores(agent, LABEL, keys, now=NOW) == {}


class OddNumber(f.Number):
    """A number that cannot be read for one customer."""

    __slots__ = ()

    def value(self, raw: Any) -> Any:
        if raw == 900:
            raise ValueError("odd")
        return raw


class OddDesk(DeskClient):
    """One customer's balance is odd."""

    features = [OddNumber("balance", "balance", label="Balance", history=False)]


def test_list_scores__one_customer_that_cannot_be_scored__leaves_the_others(
    agent: Principal, base: list[Client]
) -> None:
    with registered(Client, OddDesk):
        found = flow.list_scores(agent, LABEL, [str(client.pk) for client in base], now=NOW)
    assert set(found) == {str(client.pk) for client in base if client.balance != 900}


def test_customer_changed__stored_score_follows(base: list[Client]) -> None:
    rescored()
    Client.objects.filter(pk=base[0].pk).update(balance=9900)
    assert flow.customer_changed(LABEL, [str(base[0].pk)], now=NOW + timedelta(days=1)) == 1
    assert stored()[str(base[0].pk)] == pytest.approx(fitted().one({"balance": 9900}), abs=1e-9)


def test_sweep__bulk_update_and_raw_delete__are_found(base: list[Client]) -> None:
    rescored()
    adapter = customers.adapter_for(LABEL)
    list(flow.sweep(adapter, now=NOW))
    Client.objects.filter(pk=base[0].pk).update(balance=9900)
    Client.objects.filter(pk=base[1].pk)._raw_delete("default")
    *_, last = flow.sweep(adapter, now=NOW)
    assert (last.done, last.note) == (9, "1 changed, 1 gone")
    assert LatestScore.objects.count() == 9
    assert Subject.objects.get(key=str(base[1].pk)).gone_at is not None


def test_record__trend__is_told_of_the_customer_and_never_of_a_change_of_card(
    agent: Principal, base: list[Client]
) -> None:
    rescored()
    client = base[3]
    Client.objects.filter(pk=client.pk).update(balance=9500)

    def trend(minutes: int) -> Trend:
        score = flow.record(agent, LABEL, str(client.pk), now=NOW + timedelta(minutes=minutes)).score
        assert score is not None
        return score.trend

    told = [trend(0)]
    flow.publish_card(BOSS, Target.objects.get(name="orders"), fitted(), reason="new", now=NOW)
    told.append(trend(20))
    rescored()
    told.append(trend(40))
    assert told == [Trend.RISING, Trend.NEW, Trend.STEADY]
