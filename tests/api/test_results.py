"""Results over the wire: the same rates as on the page, small cells kept back, bad questions named."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest
from django.utils import timezone

from crm_assist.oversight.counting import move_mark, replace_day
from tests.api.conftest import Program
from tests.desk_bank import Bank, person


def put(day: date, team: str, accepted: int, rejected: int) -> None:
    told: dict[str, Any] = {"team": team, "product": "card", "phase": "recommend", "is_seen": True}
    rows = [{**told, "answer": "accepted", "count": accepted}, {**told, "answer": "rejected", "count": rejected}]
    replace_day(tenant="", day=day, rows=rows)


@pytest.fixture
def analyst(bank: Bank) -> Program:
    bank("recommend")
    put(date(2026, 5, 20), "north", 60, 140)
    put(date(2026, 4, 20), "north", 90, 110)
    put(date(2026, 5, 21), "tiny", 1, 4)
    move_mark(tenant="", marks={}, zone="UTC", now=timezone.now())
    return Program(person("ana", "view_log"))


def test_results__by_team__hold_share_and_interval_and_keep_small_cells_back(analyst: Program) -> None:
    told = analyst.get("results/", since="2026-05-01", until="2026-05-31").json()
    north, tiny = told["rows"]
    assert north["seen"] == {
        "hits": 60,
        "n": 200,
        "share": 0.3,
        "low": pytest.approx(0.2407, abs=1e-4),
        "high": pytest.approx(0.3668, abs=1e-4),
    }
    assert tiny["seen"] == {"hits": None, "n": 5, "share": None, "low": None, "high": None}
    assert (tiny["rejected"], tiny["unanswered"]) == (None, None)
    assert told["whole"]["offered"] == 205


def test_change__against_the_days_before__names_what_it_is_made_of(analyst: Program) -> None:
    told = analyst.get("results/change/", since="2026-05-01", until="2026-05-31", team="north").json()
    assert (told["verdict"], round(told["gap"], 6)) == ("fell", -0.15)
    assert [(one["code"], round(one["total"], 6)) for one in told["parts"]] == [("north", -0.15)]
    assert [(one["answer"], round(one["total"], 6)) for one in told["answers"]] == [("rejected", -0.15)]


@pytest.mark.parametrize(
    ("query", "field"),
    [({"by": "week"}, "by"), ({"since": "2026-05-02", "until": "2026-05-01"}, "until"), ({"since": "now"}, "since")],
)
def test_change__what_cannot_be_asked__is_a_problem_that_names_the_field(
    analyst: Program, query: dict[str, str], field: str
) -> None:
    answer = analyst.get("results/change/", **query)
    assert answer.status_code in (400, 422)
    assert field in answer.content.decode()


def test_results__without_dates__are_of_the_last_four_weeks(analyst: Program) -> None:
    put(timezone.localdate() - timedelta(days=27), "north", 10, 10)
    put(timezone.localdate() - timedelta(days=28), "north", 99, 99)
    assert analyst.get("results/").json()["whole"]["offered"] == 20


def test_results__without_the_permission__are_refused(bank: Bank) -> None:
    assert Program(person("eve")).get("results/").status_code == 403
