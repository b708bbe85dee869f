"""One agent's decisions alone: a right of its own, and each look stands in the log."""

from __future__ import annotations

from datetime import timedelta

import pytest

from crm_assist import flow
from crm_assist.flow.errors import NotAllowed
from crm_assist.privacy.models import AgentLook
from crm_assist.types import Principal
from tests.hosts.desk.models import Client
from tests.story import BOSS, NOW, open_bank

pytestmark = pytest.mark.django_db
LABEL = "desk.Client"
OFFICER = Principal(key="officer", permissions=frozenset({"view_log", "view_agent", "export_log"}))


@pytest.fixture
def decided(agent: Principal, client_: Client) -> Principal:
    open_bank(LABEL)
    flow.record(agent, LABEL, str(client_.pk), now=NOW)
    return agent


def test_decisions__of_one_agent__need_the_right_and_nothing_is_noted_without_it(decided: Principal) -> None:
    with pytest.raises(NotAllowed, match="view_agent"):
        flow.decisions(BOSS, flow.Filters(agent=decided.key))
    assert flow.decisions(BOSS, flow.Filters()).count() == 1
    assert not AgentLook.objects.exists()


def test_decisions__of_one_agent__are_noted_in_the_log_and_told(decided: Principal) -> None:
    for minutes in (0, 5):
        at = NOW + timedelta(minutes=minutes)
        assert flow.decisions(OFFICER, flow.Filters(agent=decided.key), now=at).count() == 1
    told = flow.looks(OFFICER, agent=decided.key)
    assert [(one.at, one.agent, one.by) for one in told] == [
        (NOW + timedelta(minutes=5), "ann", "officer"),
        (NOW, "ann", "officer"),
    ]
    assert flow.looks(OFFICER, agent="somebody else") == ()


def test_decisions__ones_own__need_no_more_than_to_read_the_log(decided: Principal) -> None:
    own = Principal(key=decided.key, permissions=frozenset({"view_log"}))
    assert flow.decisions(own, flow.Filters(agent=decided.key)).count() == 1
    assert not AgentLook.objects.exists()


def test_export__of_one_agent__needs_the_right_too(decided: Principal) -> None:
    exporter = Principal(key="x", permissions=frozenset({"view_log", "export_log"}))
    with pytest.raises(NotAllowed, match="view_agent"):
        list(flow.export(exporter, flow.Filters(agent=decided.key)))
    list(flow.export(OFFICER, flow.Filters(agent=decided.key)))
    assert AgentLook.objects.count() == 1


def test_by_name__without_the_right__looks_for_nobody(decided: Principal) -> None:
    with pytest.raises(NotAllowed, match="view_agent"):
        flow.by_name(BOSS, flow.Filters(agent="Ann"), flow.known_names(BOSS))


def test_looks__another_tenants__are_not_told(decided: Principal) -> None:
    flow.decisions(OFFICER, flow.Filters(agent=decided.key), now=NOW)
    assert flow.looks(Principal(key="officer", tenant="b", permissions=OFFICER.permissions)) == ()
