"""What analysts take away: complete, in both forms, only with the permission, and never another tenant's."""

from __future__ import annotations

import csv
import io
import json
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.test import override_settings

from crm_assist import flow
from crm_assist.customers.models import Subject
from crm_assist.decisions.models import Decision
from crm_assist.flow.export_decisions import DECISIONS
from crm_assist.flow.exporting import VIEWS
from crm_assist.flow.review import Filters
from crm_assist.journal.pseudonyms import Names
from crm_assist.types import Principal
from tests.hosts.desk.models import Client
from tests.story import BOSS, NOW, open_bank

pytestmark = pytest.mark.django_db
LABEL = "desk.Client"
NAMER = replace(BOSS, permissions=BOSS.permissions | {"export_names"})


@pytest.fixture
def told() -> Decision:
    """A decision with a display, an answer with a comment, an own offer and two outcomes."""
    agent = Principal(key=str(User.objects.create_user("ann").pk), name="Ann")
    client = Client.objects.create(name="=Rose", owner_id=int(agent.key), balance=8000, segment="private")
    open_bank(LABEL)
    view = flow.record(agent, LABEL, str(client.pk), now=NOW)
    first = view.suggestions[0]
    flow.displayed(agent, view.decision_id, now=NOW + timedelta(seconds=1))
    flow.respond(
        agent,
        first.id,
        kind="rejected",
        reason="not_suitable",
        comment="=HYPERLINK",
        request_key="k1",
        now=NOW + timedelta(seconds=9),
    )
    flow.own_offer(agent, view.decision_id, product="card", comment="", request_key="k2", now=NOW)
    for days in (-1, 2):
        flow.record_outcome(
            model=LABEL,
            key=str(client.pk),
            product=first.product,
            kind="ordered",
            occurred_at=NOW + timedelta(days=days),
            now=NOW + timedelta(days=3),
        )
    return Decision.objects.get()


def read_csv(*, names: bool = False, **filters: Any) -> list[dict[str, str]]:
    lines = flow.export(NAMER, Filters(**filters), "csv", names=names)
    return list(csv.DictReader(io.StringIO("".join(lines), newline="")))


def read_json(*, names: bool = False, view: str = "decisions", **filters: Any) -> list[dict[str, Any]]:
    return [json.loads(line) for line in flow.export(NAMER, Filters(**filters), "jsonl", names=names, view=view)]


def test_export__json_lines__hold_the_decision_and_all_that_followed(told: Decision) -> None:
    [line] = read_json(names=True)
    assert list(line) == DECISIONS.names
    assert (line["id"], line["phase"], line["slate"]) == (str(told.pk), "recommend", told.slate.split(","))
    assert line["probability"] == told.probability
    assert len(line["displayed"]) == 1
    [response] = line["responses"]
    assert (response["kind"], response["reason"], response["comment"]) == ("rejected", "not_suitable", "=HYPERLINK")
    assert [offer["product"] for offer in line["own_offers"]] == ["card"]
    assert [outcome["kind"] for outcome in line["outcomes"]] == ["ordered"], "only what came after the decision"
    assert line["payload"]["inputs"]["features"]["balance"] is not None
    assert line["payload"]["result"]["candidates"]


def test_export__csv__has_the_same_without_the_payload(told: Decision) -> None:
    [row] = read_csv(names=True)
    assert list(row) == [name for name in DECISIONS.names if name != "payload"]
    assert row["id"] == str(told.pk)
    assert float(row["probability"]) == told.probability
    assert json.loads(row["responses"])[0]["comment"] == "=HYPERLINK"
    assert row["customer"] == str(Client.objects.get().pk)


def test_export__corrected_outcome__stands_as_corrected(told: Decision) -> None:
    for kind in ("ordered", "cancelled"):
        flow.record_outcome(
            model=LABEL,
            key=str(Client.objects.get().pk),
            product=told.slate.split(",")[1],
            kind=kind,
            occurred_at=NOW + timedelta(days=2),
            source="orders",
            external_id="17",
            now=NOW + timedelta(days=3),
        )
    [line] = read_json()
    assert sorted(outcome["kind"] for outcome in line["outcomes"]) == ["cancelled", "ordered"]


def test_export__filters__hold_as_in_the_list(told: Decision) -> None:
    assert len(read_csv(reason="not_suitable")) == 1
    assert read_csv(reason="bad_moment") == []
    assert read_json(since=NOW + timedelta(days=1)) == []


def test_export__other_tenant__gets_nothing(told: Decision) -> None:
    stranger = Principal(key="x", tenant="other", permissions=BOSS.permissions)
    assert list(flow.export(stranger, Filters(), "jsonl")) == []


@pytest.mark.parametrize("permissions", [set(), {"view_log"}])
def test_export__without_permission__is_refused_before_the_first_line(permissions: set[str]) -> None:
    person = Principal(key="x", permissions=frozenset(permissions))
    with pytest.raises(flow.NotAllowed):
        flow.export(person, Filters(), "csv")


def test_export__unknown_format__is_refused() -> None:
    with pytest.raises(flow.BadAnswer, match="“xlsx” is not a format"):
        flow.export(BOSS, Filters(), "xlsx")


def test_export__more_rows_than_allowed__is_refused_before_the_first_line(told: Decision) -> None:
    with override_settings(CRM_ASSIST={"EXPORT_ROWS": 0}), pytest.raises(flow.BadAnswer, match="More than 0 decisions"):
        flow.export(BOSS, Filters(), "csv")


def test_export__erased_customer__leaves_figures_without_key_payload_or_comment(told: Decision) -> None:
    client = Client.objects.get()
    flow.customer_erased(LABEL, key=str(client.pk), now=NOW + timedelta(days=4))
    [line] = read_json(names=True)
    assert (line["customer"], line["payload"]) == ("", None)
    assert line["probability"] == told.probability
    assert "comment" not in line["responses"][0]
    assert Subject.objects.get().erased_at is not None


def test_export__by_default__customer_and_agents_stand_under_the_same_pseudonyms_everywhere(told: Decision) -> None:
    [line], names = read_json(), Names()
    customer = names.customer(model_label=LABEL, tenant="", key=str(Client.objects.get().pk))
    agent = names.agent(tenant="", key=told.agent_key)
    assert (line["customer"], line["agent"]) == (customer, agent)
    for followed in ("displayed", "responses", "own_offers"):
        assert [entry["agent"] for entry in line[followed]] == [agent]
    assert [read_json(view=view)[0]["customer"] for view in VIEWS] == [customer] * 3


@pytest.mark.parametrize("view", VIEWS)
@pytest.mark.parametrize("format", ["csv", "jsonl"])
def test_export__by_default__says_of_nobody_who_it_is(view: str, format: str) -> None:
    agent = User.objects.create_user("ann", pk=770077, first_name="Annabel")
    client = Client.objects.create(pk=880088, name="Rosalind", owner=agent, balance=8000)
    person = Principal(key=str(agent.pk), name="Annabel")
    open_bank(LABEL)
    shown = flow.record(person, LABEL, str(client.pk), now=NOW)
    flow.displayed(person, shown.decision_id, now=NOW)
    comment = "Rosalind said no"
    given = {"kind": "rejected", "reason": "other", "comment": comment, "request_key": "k"}
    flow.respond(person, shown.suggestions[0].id, **given, now=NOW)
    flow.answer_score(person, shown.decision_id, kind="useful", comment=comment, now=NOW)
    flow.own_offer(person, shown.decision_id, product="card", comment=comment, request_key="k", now=NOW)
    text = "".join(flow.export(NAMER, Filters(), format, view=view))
    assert [name for name in ("770077", "880088", "Annabel", "Rosalind") if name in text] == []
    named = "".join(flow.export(NAMER, Filters(), format, view=view, names=True))
    assert {"770077", "880088"} <= {name for name in ("770077", "880088") if name in named}


def test_export__names__need_a_permission_of_their_own(told: Decision) -> None:
    with pytest.raises(flow.NotAllowed, match="export_names"):
        flow.export(BOSS, Filters(), "csv", names=True)


def test_export__unknown_view__is_refused() -> None:
    with pytest.raises(flow.BadAnswer, match="“wide” is not a view; use one of decisions, narrow, bandit"):
        flow.export(BOSS, Filters(), "csv", view="wide")


def test_export__merged_customer__is_the_one_that_stays(told: Decision) -> None:
    winner = Client.objects.create(name="Rosa", balance=1)
    flow.customers_merged(LABEL, from_key=str(told.subject.key), to_key=str(winner.pk), now=NOW + timedelta(days=1))
    [line] = read_json(names=True)
    assert line["customer"] == str(winner.pk)
