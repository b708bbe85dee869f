"""The view for learning: what was offered with which probability, and what came of it; unknown is never 0."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

import pytest

from crm_assist import flow, journal
from crm_assist.decisions.models import Decision
from crm_assist.flow.export_bandit import BANDIT, fault_of
from crm_assist.journal.ids import uuid7
from crm_assist.journal.pseudonyms import Names
from crm_assist.journal.writer import payload_of, record
from crm_assist.types import Principal
from tests.hosts.desk.models import Client
from tests.story import NOW, open_bank

pytestmark = pytest.mark.django_db
LABEL = "desk.Client"


@pytest.fixture
def shown(agent: Principal, client_: Client) -> flow.RecordView:
    """A decision that offered two products."""
    open_bank(LABEL)
    return flow.record(agent, LABEL, str(client_.pk), now=NOW)


def rows() -> list[Mapping[str, Any]]:
    return list(BANDIT.records(list(Decision.objects.select_related(*BANDIT.related).order_by("at", "id")), Names()))


def answer(agent: Principal, shown: flow.RecordView, kind: str, after: int = 1, **more: Any) -> None:
    flow.respond(agent, shown.suggestions[0].id, kind=kind, now=NOW + timedelta(seconds=after), **more)


def outcome(client: Client, product: str, kind: str, day: int) -> None:
    at = NOW + timedelta(days=day)
    flow.record_outcome(model=LABEL, key=str(client.pk), product=product, kind=kind, occurred_at=at, now=at)


def test_rows__one_for_each_product_offered__best_first_with_all_that_learning_needs(shown: flow.RecordView) -> None:
    first, second = rows()
    assert [row["action"] for row in (first, second)] == [one.product for one in shown.suggestions]
    assert [(row["position"], row["pscore"], row["quarantine"]) for row in (first, second)] == [
        (1, 1.0, ""),
        (2, 1.0, ""),
    ]
    payload = payload_of(Decision.objects.get().pk)
    assert payload is not None
    assert first["context"] == payload["inputs"]["features"]
    assert first["context"]["balance"] == 8000
    assert first["priority"] == first["propensity"] * first["value"]
    assert [one["action"] for one in first["actions"]] == [first["action"], second["action"]]
    assert set(first) == set(BANDIT.names)


def test_rows__nobody_has_told_anything__reward_and_order_are_not_known(shown: flow.RecordView) -> None:
    for row in rows():
        assert (row["reward"], row["response"], row["ordered"], row["displayed"]) == (None, "", None, False)


@pytest.mark.parametrize(
    ("kind", "more", "reward"),
    [
        ("accepted", {}, 1.0),
        ("rejected", {"reason": "bad_moment"}, 0.0),
        ("later", {}, None),
        ("dismissed", {}, None),
        ("escalated", {}, None),
    ],
)
def test_reward__answer__is_1_0_or_not_known(
    agent: Principal, shown: flow.RecordView, kind: str, more: dict[str, str], reward: float | None
) -> None:
    answer(agent, shown, kind, **more)
    first, second = rows()
    assert (first["response"], first["reward"], first["reason"]) == (kind, reward, more.get("reason", ""))
    assert (second["response"], second["reward"]) == ("", None)


def test_reward__undone__is_not_known_and_the_next_answer_counts(agent: Principal, shown: flow.RecordView) -> None:
    answer(agent, shown, "accepted")
    flow.undo(agent, shown.suggestions[0].id, now=NOW + timedelta(seconds=5))
    assert rows()[0]["reward"] is None
    answer(agent, shown, "rejected", after=9, reason="bad_moment")
    assert rows()[0]["reward"] == 0.0


@pytest.mark.parametrize(
    ("kinds", "ordered"),
    [
        (["ordered"], 1.0),
        (["declined"], 0.0),
        (["ordered", "cancelled"], 0.0),
        (["declined", "ordered"], 1.0),
        (["ordered", "complained"], 1.0),
        (["unknown"], None),
        (["objected"], None),
    ],
)
def test_ordered__deeds__the_last_that_says_yes_or_no(
    client_: Client, shown: flow.RecordView, kinds: list[str], ordered: float | None
) -> None:
    for day, kind in enumerate(kinds, 1):
        outcome(client_, shown.suggestions[1].product, kind, day)
    assert [row["ordered"] for row in rows()] == [None, ordered]


def test_ordered__too_late__is_not_known(client_: Client, shown: flow.RecordView) -> None:
    outcome(client_, shown.suggestions[0].product, "ordered", 91)
    assert rows()[0]["ordered"] is None


def test_displayed__confirmed_by_the_browser__is_told(agent: Principal, shown: flow.RecordView) -> None:
    assert shown.decision_id is not None
    flow.displayed(agent, shown.decision_id, now=NOW)
    assert [row["displayed"] for row in rows()] == [True, True]


def test_quarantine__erased_customer__keeps_the_rows_and_says_so(client_: Client, shown: flow.RecordView) -> None:
    flow.customer_erased(LABEL, key=str(client_.pk), now=NOW + timedelta(days=1))
    told = {(row["quarantine"], row["pscore"], row["context"], row["customer"]) for row in map(_plain, rows())}
    assert told == {("erased", None, None, "")}
    assert len(rows()) == 2


def _plain(row: Mapping[str, Any]) -> dict[str, Any]:
    return {name: row.get(name) for name in BANDIT.names}


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("probability", [0.0, None, -0.5, 1.5, float("nan"), "1"])
def test_quarantine__offered_with_a_probability_that_cannot_be__is_counted_and_never_dropped(
    shown: flow.RecordView, probability: Any
) -> None:
    _again(lambda candidates: candidates[0].update(offer_probability=probability))
    found = journal.read_decisions(view="bandit")
    assert found["pscore"] == [1.0, 1.0, None, 1.0]
    assert found["quarantine"] == ["", "", "no_probability", ""]
    assert found["action"][2] == found["action"][0]


def test_quarantine__offered_and_no_candidate__says_so(shown: flow.RecordView) -> None:
    _again(lambda candidates: candidates.pop(0))
    assert [row["quarantine"] for row in rows()] == ["", "", "not_a_candidate", ""]


def _again(change: Any) -> None:
    """The same decision once more, with other candidates in its payload."""
    row = Decision.objects.get()
    payload = payload_of(row.pk)
    assert payload is not None
    change(payload["result"]["candidates"])
    later = NOW + timedelta(seconds=1)
    values = {field.attname: getattr(row, field.attname) for field in row._meta.concrete_fields}
    values = {name: value for name, value in values.items() if name not in ("tx", "digest")}
    record(Decision(**{**values, "id": uuid7(later), "at": later}), payload)


@pytest.mark.parametrize("probability", [1, 1.0, 0.25, 5e-324])
def test_fault_of__probability_that_can_be_divided_by__is_none(probability: float) -> None:
    assert fault_of(probability) == ""


def test_rows__silent_decision__offers_nothing(agent: Principal, client_: Client) -> None:
    open_bank(LABEL, "shadow")
    flow.record(agent, LABEL, str(client_.pk), now=NOW)
    assert rows() == []
