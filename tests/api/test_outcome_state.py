"""How far outcomes are known, over the wire: by source, by target and month, and what contradicts itself."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.utils import timezone

from crm_assist.decisions.models import Outcome
from crm_assist.decisions.standing import in_force
from tests.api.conftest import Program
from tests.desk_bank import LABEL, Bank, person
from tests.hosts.desk.models import Client


@pytest.fixture
def teller(agent: User) -> Program:
    """A program of the host that may tell outcomes."""
    return Program(person("orders", "record_outcome"))


def told(client: Client, **more: Any) -> dict[str, Any]:
    given = {"model": LABEL, "key": str(client.pk), "product": "deposit", "kind": "ordered", "version": 1}
    return {**given, "occurred_at": "2020-03-01T10:00:00Z", "source": "orders", "external_id": "A-1", **more}


def test_state__of_a_contradiction__shows_both_and_one_is_settled(teller: Program, rose: Client) -> None:
    for kind in ("ordered", "declined"):
        assert teller.send("outcomes/", told(rose, kind=kind)).status_code == 201
    state = teller.get("outcomes/state/").json()
    assert [(one["source"], one["told"], one["in_force"], one["contradicted"]) for one in state["sources"]] == [
        ("orders", 2, 0, 2)
    ]
    assert {one["kind"] for one in state["contradictions"]} == {"ordered", "declined"}
    assert len({one["mark"] for one in state["contradictions"]}) == 1
    right = Outcome.objects.get(kind="declined")
    settled = teller.send(f"outcomes/{right.pk}/settle/", {})
    assert (settled.status_code, settled.json()["version"], settled.json()["corrects"]) == (201, 2, str(right.pk))
    assert in_force().get().kind == "declined"
    assert teller.send(f"outcomes/{right.pk}/settle/", {}).json()["field"] == "outcome"
    assert teller.get("outcomes/state/").json()["contradictions"] == []


def test_complete__is_kept_and_the_future_is_refused(teller: Program, rose: Client) -> None:
    until = (timezone.now() - timedelta(days=3)).replace(microsecond=0).isoformat()
    answer = teller.send("outcomes/complete/", {"source": "orders", "complete_until": until})
    assert answer.status_code == 200
    [source] = teller.get("outcomes/state/").json()["sources"]
    assert source["complete_until"] == answer.json()["complete_until"]
    refused = teller.send("outcomes/complete/", {"source": "orders", "complete_until": "2999-01-01T00:00:00Z"})
    assert (refused.status_code, refused.json()["field"]) == (422, "complete_until")


def test_readiness__of_a_target__is_told_by_month(bank: Bank, agent: User, rose: Client) -> None:
    bank("score")
    Program(agent).get(f"assist/?model={LABEL}&key={rose.pk}")
    analyst = Program(person("dora", "view_log"))
    answer = analyst.get("targets/orders/readiness/?months=2").json()
    assert (answer["target"], answer["is_said"], answer["horizon_days"]) == ("orders", False, 90)
    assert [month["scored"] for month in answer["months"]] == [
        {"count": 1, "seen": 1, "known": 0, "yes": 0, "percent": 0}
    ]
    assert answer["months"][0]["suggested"] == {"count": 0, "seen": 0, "known": 0, "yes": 0, "percent": None}
    assert analyst.get("targets/yachts/readiness/").status_code == 404
    assert analyst.get("targets/orders/readiness/?months=61").status_code == 400
