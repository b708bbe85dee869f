"""One customer, several agents: they are offered the same, and nobody's screen is emptied by a colleague."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from crm_assist import flow
from crm_assist.decisions.models import Decision, Suggestion
from crm_assist.types import Principal
from tests.hosts.desk.models import Client
from tests.story import BOSS, NOW, open_bank

pytestmark = pytest.mark.django_db
LABEL = "desk.Client"
AGENTS = [Principal(key=f"u{number}", is_superuser=True) for number in range(6)]


def equal_products() -> None:
    """Two products between which only the tie-break decides."""
    open_bank(LABEL)
    same = {"value": 50, "target": "wants_card"}
    flow.save_products(BOSS, [{"code": "deposit", **same}, {"code": "card", **same}], now=NOW)


def test_record__two_equal_products__are_the_same_one_for_every_agent(client_: Client, settings: Any) -> None:
    settings.CRM_ASSIST = {"MAX_SUGGESTIONS": 1}
    equal_products()
    offered = set()
    for turn in range(4):
        for agent in AGENTS:
            view = flow.record(agent, LABEL, str(client_.pk), now=NOW + timedelta(seconds=20 * turn))
            offered.add(view.suggestions[0].id)
    assert len(offered) == 1
    assert Decision.objects.count() == len(AGENTS)
    assert set(Suggestion.objects.values_list("state", flat=True)) == {"open"}


def test_record__another_product_gets_ahead__leaves_a_colleagues_screen_until_it_is_reused_no_more(
    client_: Client, settings: Any
) -> None:
    settings.CRM_ASSIST = {"MAX_SUGGESTIONS": 1, "REUSE_SECONDS": 600}
    open_bank(LABEL)
    first, second = AGENTS[:2]
    mine = flow.record(first, LABEL, str(client_.pk), now=NOW).suggestions[0]
    other = "card" if mine.product == "deposit" else "deposit"
    flow.save_products(BOSS, [{"code": other, "value": 10_000, "target": f"wants_{other}"}], now=NOW)
    theirs = flow.record(second, LABEL, str(client_.pk), now=NOW + timedelta(seconds=60)).suggestions[0]
    assert theirs.id == mine.id
    later = flow.record(second, LABEL, str(client_.pk), now=NOW + timedelta(seconds=1_300)).suggestions[0]
    assert later.product == other


def test_record__offered_by_standing__replays_to_the_same(client_: Client, settings: Any) -> None:
    settings.CRM_ASSIST = {"MAX_SUGGESTIONS": 1}
    open_bank(LABEL)
    mine = flow.record(AGENTS[0], LABEL, str(client_.pk), now=NOW).suggestions[0]
    other = "card" if mine.product == "deposit" else "deposit"
    flow.save_products(BOSS, [{"code": other, "value": 10_000, "target": f"wants_{other}"}], now=NOW)
    view = flow.record(AGENTS[1], LABEL, str(client_.pk), now=NOW + timedelta(seconds=60))
    assert view.decision_id is not None
    assert flow.replay(BOSS, view.decision_id).identical
