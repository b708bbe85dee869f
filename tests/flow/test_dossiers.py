"""The dossier's facts: everything under every key, nothing of others, drawn some at a time."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from crm_assist import customers, flow
from crm_assist.events import listen, stop_listening
from crm_assist.flow import dossiers
from crm_assist.types import Principal
from tests.hosts.desk.models import Client
from tests.story import NOW, open_bank

pytestmark = pytest.mark.django_db
LABEL = "desk.Client"
OFFICER = Principal(key="dpo", permissions=frozenset({"view_dossier"}))


def told(client: Client, **given: Any) -> flow.Dossier:
    return flow.dossier(OFFICER, LABEL, str(client.pk), **{"now": NOW + timedelta(days=9), **given})


@pytest.fixture
def met(agent: Principal, client_: Client) -> Client:
    """A customer with two decisions, an answer with a comment and an outcome."""
    open_bank(LABEL)
    view = flow.record(agent, LABEL, str(client_.pk), now=NOW)
    flow.respond(agent, view.suggestions[0].id, kind="rejected", reason="other", comment="Prefers cash", now=NOW)
    flow.record(agent, LABEL, str(client_.pk), now=NOW + timedelta(days=1))
    when = NOW + timedelta(days=2)
    flow.record_outcome(model=LABEL, key=str(client_.pk), product="deposit", kind="ordered", occurred_at=when, now=when)
    return client_


def test_dossier__of_one_who_was_met__has_all_of_it(met: Client) -> None:
    found = told(met)
    chapters = list(found.chapters)
    assert (found.called, found.decisions, len(chapters)) == (str(met), 2, 2)
    assert found.live is not None
    assert found.live["features"]["balance"] == 8000
    assert [target.name for target in found.targets] == ["orders", "wants_card", "wants_deposit"]
    assert [one.kind for one in found.outcomes] == ["ordered"]
    first = chapters[0]
    assert first.view.payload is not None
    assert list(first.comments.values()) == ["Prefers cash"]
    assert [one.kind for one in first.view.responses] == ["rejected"]
    assert chapters[0].view.row.at < chapters[1].view.row.at


def test_dossier__many_decisions__come_some_at_a_time_and_each_once(
    met: Client, agent: Principal, monkeypatch: pytest.MonkeyPatch, django_assert_max_num_queries: Any
) -> None:
    for day in range(3, 9):
        flow.record(agent, LABEL, str(met.pk), now=NOW + timedelta(days=day))
    monkeypatch.setattr(dossiers, "CHUNK", 3)
    found = told(met)
    ids = [one.view.row.pk for one in found.chapters]
    assert len(ids) == len(set(ids)) == found.decisions == 8
    monkeypatch.setattr(dossiers, "CHUNK", 100)
    found = told(met)
    with django_assert_max_num_queries(12):
        assert len(list(found.chapters)) == 8


def test_dossier__of_a_united_customer__has_the_history_of_both_under_either_key(met: Client, agent: Principal) -> None:
    other = Client.objects.create(name="Rosie", owner_id=int(agent.key), balance=10)
    flow.record(agent, LABEL, str(other.pk), now=NOW)
    flow.customers_merged(LABEL, from_key=str(met.pk), to_key=str(other.pk), now=NOW + timedelta(days=3))
    for one in (met, other):
        found = told(one)
        assert (found.key, found.merged_keys, found.decisions) == (str(other.pk), (str(met.pk),), 3)
        assert [outcome.kind for outcome in found.outcomes] == ["ordered"]


def test_dossier__never_met__has_what_is_read_and_no_decision(client_: Client) -> None:
    found = told(client_)
    assert (found.subject, found.decisions, list(found.chapters)) == (None, 0, [])
    assert found.live is not None


def test_dossier__gone_from_the_crm__has_what_was_logged(met: Client) -> None:
    key = str(met.pk)
    Client.objects.filter(pk=met.pk).delete()
    found = flow.dossier(OFFICER, LABEL, key, now=NOW)
    assert (found.live, found.called, found.decisions) == (None, "", 2)


@pytest.mark.parametrize("label", [LABEL, "no.Model"])
def test_dossier__stranger_and_forgotten__look_alike(met: Client, label: str) -> None:
    key = str(met.pk)
    Client.objects.filter(pk=met.pk).delete()
    flow.customer_erased(LABEL, key=key, now=NOW + timedelta(days=3))
    for asked in (key, "999999", "no key at all"):
        with pytest.raises(customers.CustomerNotFound):
            flow.dossier(OFFICER, label, asked, now=NOW)


def test_dossier__of_another_tenant__is_not_there(met: Client) -> None:
    stranger = Principal(key="dpo", tenant="other", permissions=OFFICER.permissions)
    with pytest.raises(customers.CustomerNotFound):
        flow.dossier(stranger, LABEL, str(met.pk), now=NOW)


def test_dossier__held_and_waiting_to_be_forgotten__says_so(met: Client) -> None:
    keeper = Principal(key="dpo", permissions=frozenset({"manage_holds"}))
    assert not told(met).is_held
    flow.place_hold(keeper, model_label=LABEL, key=str(met.pk), reason="Court file 12/26", now=NOW)
    flow.customer_erased(LABEL, key=str(met.pk), now=NOW + timedelta(days=3))
    found = told(met)
    assert found.is_held
    assert found.subject is not None
    assert found.subject.erasure_due_at == NOW + timedelta(days=3)
    assert found.decisions == 2


def test_dossier__without_the_right__is_closed_and_made__is_told(met: Client) -> None:
    with pytest.raises(flow.NotAllowed, match="view_dossier"):
        flow.dossier(Principal(key="ann", permissions=frozenset({"view_log"})), LABEL, str(met.pk), now=NOW)
    seen: list[tuple[str, dict[str, Any]]] = []
    listen(listener := lambda name, fields: seen.append((name, dict(fields))))
    try:
        told(met)
    finally:
        stop_listening(listener)
    assert seen == [("dossier.made", {"tenant": "", "adapter": LABEL})]
