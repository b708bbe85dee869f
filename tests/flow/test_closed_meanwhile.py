"""A customer who is closed between two looks: nothing is offered on, nothing comes back, and a "no" is always taken."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from crm_assist import flow
from crm_assist.decisions.models import Response, Suggestion
from crm_assist.types import Principal
from tests.hosts.desk.models import Client
from tests.story import NOW, open_bank

pytestmark = pytest.mark.django_db
LABEL = "desk.Client"
ROOT = Principal(key="root", is_superuser=True)

CLOSED: dict[str, dict[str, Any]] = {"refused": {"consent": "refused"}, "unknown": {"consent": ""}}
CLOSED["bereaved"] = {"bereaved": True}


def seconds(number: int) -> Any:
    return NOW + timedelta(seconds=number)


def close(client: Client, how: str) -> None:
    if how == "objected":
        flow.record_outcome(model=LABEL, key=str(client.pk), product="", kind="objected", occurred_at=NOW, now=NOW)
    else:
        Client.objects.filter(pk=client.pk).update(**CLOSED[how])


@pytest.fixture
def suggested(agent: Principal, client_: Client) -> Any:
    open_bank(LABEL)
    return flow.record(agent, LABEL, str(client_.pk), now=NOW).suggestions[0].id


@pytest.mark.parametrize("how", [*CLOSED, "objected"])
@pytest.mark.parametrize("kind", ["accepted", "later", "escalated"])
def test_respond__going_on_with_a_closed_customer__is_refused_and_withdrawn(
    agent: Principal, client_: Client, suggested: Any, kind: str, how: str
) -> None:
    close(client_, how)
    with pytest.raises(flow.AlreadyAnswered) as caught:
        flow.respond(agent, suggested, kind=kind, now=seconds(1))
    assert caught.value.suggestion.state == "withdrawn"
    assert Suggestion.objects.get(pk=suggested).state == "withdrawn"
    assert not Response.objects.exists()


@pytest.mark.parametrize("how", [*CLOSED, "objected"])
@pytest.mark.parametrize("kind", ["rejected", "dismissed"])
def test_respond__a_no_of_a_closed_customer__is_taken(
    agent: Principal, client_: Client, suggested: Any, kind: str, how: str
) -> None:
    close(client_, how)
    assert flow.respond(agent, suggested, kind=kind, now=seconds(1)).state == kind


@pytest.mark.parametrize("how", [*CLOSED, "objected"])
def test_undo__of_a_closed_customer__is_logged_and_opens_nothing(
    agent: Principal, client_: Client, suggested: Any, how: str
) -> None:
    flow.respond(agent, suggested, kind="accepted", now=seconds(1))
    close(client_, how)
    assert flow.undo(agent, suggested, now=seconds(2)).state == "withdrawn"
    assert list(Response.objects.order_by("at").values_list("kind", flat=True)) == ["accepted", "undone"]


def test_undo__beside_an_objection__opens_nothing(agent: Principal, client_: Client, settings: Any) -> None:
    settings.CRM_ASSIST = {"MAX_SUGGESTIONS": 2}
    open_bank(LABEL)
    first, second = (item.id for item in flow.record(agent, LABEL, str(client_.pk), now=NOW).suggestions)
    flow.respond(agent, first, kind="accepted", now=seconds(1))
    flow.respond(agent, second, kind="rejected", reason="customer_objects", now=seconds(2))
    assert flow.undo(agent, first, now=seconds(3)).state == "withdrawn"


def test_record__closed_again_with_the_same_words__withdraws_what_a_colleague_was_offered_between(
    agent: Principal, client_: Client
) -> None:
    open_bank(LABEL)
    close(client_, "refused")
    flow.record(agent, LABEL, str(client_.pk), now=NOW)
    Client.objects.filter(pk=client_.pk).update(consent="granted")
    flow.record(ROOT, LABEL, str(client_.pk), now=seconds(1))
    assert Suggestion.objects.filter(state="open").exists()
    close(client_, "refused")
    flow.record(agent, LABEL, str(client_.pk), now=seconds(2))
    assert not Suggestion.objects.filter(state="open").exists()


def test_record__objection_under_the_key_of_a_merged_customer__closes_both_pages(
    agent: Principal, client_: Client
) -> None:
    open_bank(LABEL)
    stays = Client.objects.create(name="Rosa", owner_id=int(agent.key), balance=7000)
    flow.customers_merged(LABEL, from_key=str(client_.pk), to_key=str(stays.pk), now=NOW)
    close(client_, "objected")
    for key in (client_.pk, stays.pk):
        view = flow.record(agent, LABEL, str(key), now=seconds(1))
        assert view.silence is not None
        assert view.silence.code == "objected"
        assert view.suggestions == ()
