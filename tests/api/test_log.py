"""The log over the wire: filters, pages by place, one decision whole, its replay, the export."""

from __future__ import annotations

import csv
import json
from datetime import timedelta
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from crm_assist.decisions.models import Decision
from crm_assist.journal.ids import uuid7
from crm_assist.journal.writer import record_many
from tests.api.conftest import Program
from tests.desk_bank import LABEL, Bank, person
from tests.hosts.desk.models import Client


@pytest.fixture
def analyst(bank: Bank, agent: User, rose: Client) -> Program:
    """An analyst, in a bank with one decision."""
    bank("recommend")
    Program(agent).get("assist/", model=LABEL, key=rose.pk)
    return Program(person("ana", "view_log", "export_log"))


def many(count: int) -> None:
    """As many decisions as the first, some of the same moment."""
    first, now = Decision.objects.get(), timezone.now()
    names = [field.name for field in Decision._meta.concrete_fields if field.name not in ("id", "at", "tx", "subject")]
    values = {name: getattr(first, name) for name in names}
    rows = [
        Decision(**values, id=uuid7(now), at=now - timedelta(minutes=place // 3), subject_id=first.subject_id)
        for place in range(count)
    ]
    record_many([(row, None) for row in rows])


def test_pages__all_together__are_the_whole_log_once(analyst: Program) -> None:
    many(25)
    seen: list[str] = []
    after: dict[str, str] = {}
    while True:
        page = analyst.get("decisions/", size=10, **after).json()
        seen += [one["id"] for one in page["decisions"]]
        if page["next"] is None:
            break
        after = {"after": page["next"]}
    expected = Decision.objects.order_by("-at", "-id").values_list("id", flat=True)
    assert seen == [str(one) for one in expected]


def test_page__of_any_size__two_statements_and_no_count(
    analyst: Program, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    many(25)
    analyst.get("decisions/")
    last = Decision.objects.order_by("-at", "-id")[10].pk
    with django_assert_num_queries(7) as seen:  # session, user, permissions twice, the place, the page
        analyst.get("decisions/", after=last, size=5)
    assert not [one["sql"] for one in seen.captured_queries if "COUNT(" in one["sql"]]


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ({"phase": "recommend"}, 1),
        ({"phase": "score"}, 0),
        ({"product": "deposit"}, 1),
        ({"product": "depo"}, 0),
        ({"since": "2001-01-01"}, 1),
        ({"since": "9999-12-31"}, 0),
        ({"until": "2001-01-01"}, 0),
        ({"until": "9999-12-31"}, 1),
        ({"response": "accepted"}, 0),
        ({"team": "north"}, 0),
    ],
)
def test_filters__each__finds_what_it_says(analyst: Program, query: dict[str, str], found: int) -> None:
    assert len(analyst.get("decisions/", **query).json()["decisions"]) == found


def test_today__counts_to_its_end(analyst: Program) -> None:
    day = timezone.localdate().isoformat()
    assert len(analyst.get("decisions/", since=day, until=day).json()["decisions"]) == 1


def test_decision__whole__replays_alike(analyst: Program, agent: User) -> None:
    row = Decision.objects.get()
    told = analyst.get(f"decisions/{row.pk}/").json()
    assert told["payload"]["inputs"]["features"]["balance"] == 8000
    assert told["agent"] == str(agent.pk)
    assert analyst.get(f"decisions/{row.pk}/replay/").json() == {
        "identical": True,
        "possible": True,
        "code": "identical",
        "differences": [],
    }


@pytest.mark.parametrize("kind", ["csv", "jsonl"])
def test_export__either_form__has_the_rows(analyst: Program, kind: str) -> None:
    answer: Any = analyst.get("decisions/export/", format=kind)
    lines = b"".join(answer.streaming_content).decode().splitlines()
    rows = list(csv.DictReader(lines)) if kind == "csv" else [json.loads(line) for line in lines]
    assert [row["id"] for row in rows] == [str(Decision.objects.get().pk)]
    assert answer["Content-Disposition"].endswith(f'.{kind}"')


def test_export__whatever_the_program_accepts__is_given(analyst: Program) -> None:
    answer = analyst.browser.get("/api/assist/v1/decisions/export/", headers={"Accept": "text/csv"})
    assert answer.status_code == 200
    b"".join(answer.streaming_content)


def test_export__more_rows_than_may_be__is_422(analyst: Program, settings: Any) -> None:
    settings.CRM_ASSIST = {"EXPORT_ROWS": 1}
    many(3)
    assert analyst.get("decisions/export/").status_code == 422


def test_place__that_is_not_ours__is_404(analyst: Program) -> None:
    assert analyst.get("decisions/", after="00000000-0000-7000-8000-000000000000").status_code == 404
