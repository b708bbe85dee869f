"""Results by team, product, version and week; against the time before; and what may not be asked."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from crm_assist import flow
from crm_assist.flow.errors import BadAnswer, NotAllowed
from crm_assist.oversight.counting import move_mark, replace_day
from crm_assist.types import Principal
from tests.story import BOSS, NOW, publish, stock

pytestmark = pytest.mark.django_db
TODAY = date(2026, 6, 28)
SPAN = flow.Span(since=date(2026, 6, 1), until=TODAY)
NOBODY = Principal(key="nobody")


def put(day: date, team: str, product: str, *, tenant: str = "", **answers: int) -> None:
    """So many suggestions of a day with each answer; `none` are seen and not answered, `unseen` only offered."""
    rows = [
        {
            "team": team,
            "product": product,
            "card": "c" * 64,
            "phase": "recommend",
            "is_seen": answer != "unseen",
            "answer": "" if answer in ("none", "unseen") else answer,
            "reason": "wrong_data" if answer == "rejected" else "",
            "count": count,
        }
        for answer, count in answers.items()
    ]
    replace_day(tenant=tenant, day=day, rows=rows)
    move_mark(tenant=tenant, marks={}, zone="UTC", now=NOW)


def test_results__by_team__hold_rates_of_what_was_seen_and_the_sum_of_all() -> None:
    put(SPAN.since, "north", "card", accepted=30, rejected=20, later=10, none=40, unseen=50)
    put(SPAN.until, "south", "loan", accepted=5, none=15)
    put(SPAN.since - timedelta(days=1), "north", "card", accepted=99)
    put(SPAN.until + timedelta(days=1), "north", "card", accepted=99)
    found = flow.results(BOSS, SPAN)
    assert [(row.code, row.offered, row.rate.hits, row.rate.n, row.unanswered) for row in found.rows] == [
        ("north", 150, 30, 100, 40),
        ("south", 20, 5, 20, 15),
    ]
    assert (found.whole.offered, found.whole.rate.hits, found.whole.rate.n) == (170, 35, 120)
    assert found.counted_at == NOW


@pytest.mark.parametrize(
    ("by", "codes"),
    [
        ("product", ["card", "loan"]),
        ("phase", ["recommend"]),
        ("version", ["c" * 64]),
        ("week", ["2026-06-01", "2026-06-22"]),
    ],
)
def test_results__by_anything_else__have_a_row_for_each(by: str, codes: list[str]) -> None:
    put(SPAN.since, "north", "card", accepted=30, none=70)
    put(SPAN.until, "south", "loan", accepted=5, none=15)
    assert [row.code for row in flow.results(BOSS, SPAN, by=by).rows] == codes


def test_results__by_version_and_product__are_called_by_their_names() -> None:
    publish("desk.Client")
    stock()
    put(SPAN.since, "north", "card", accepted=30, none=70)
    assert [row.name for row in flow.results(BOSS, SPAN, by="product").rows] == ["Card"]


def test_results__filtered_by_team_and_product_name__count_those_alone() -> None:
    stock()
    put(SPAN.since, "north", "card", accepted=30)
    put(SPAN.until, "south", "deposit", accepted=5)
    span = flow.Span(since=SPAN.since, until=SPAN.until, team="south", product="Deposit")
    assert flow.results(BOSS, span).whole.offered == 5


def test_results__of_another_tenant__are_not_counted() -> None:
    put(SPAN.since, "north", "card", tenant="other", accepted=30)
    assert flow.results(BOSS, SPAN).whole.offered == 0
    assert flow.results(BOSS, SPAN).counted_at is None


def test_change__a_team_that_fell__explains_it_with_its_answers() -> None:
    put(SPAN.before.until, "north", "card", accepted=400, rejected=100, none=500)
    put(SPAN.until, "north", "card", accepted=300, rejected=250, none=450)
    found = flow.result_change(BOSS, SPAN)
    assert (found.change.verdict, round(found.change.gap, 6)) == ("fell", -0.1)
    assert [(part.name, round(part.own, 6)) for part in found.change.parts] == [("north", -0.1)]
    assert (found.answers[0].answer, found.answers[0].reason) == ("rejected", "wrong_data")
    assert round(found.answers[0].total, 6) == -0.15


def test_span__before__is_as_long_and_ends_the_day_before() -> None:
    assert (SPAN.before.since, SPAN.before.until, SPAN.before.days) == (date(2026, 5, 4), date(2026, 5, 31), 28)


@pytest.mark.parametrize(
    ("span", "by", "field"),
    [
        (SPAN, "zodiac", "by"),
        (flow.Span(since=TODAY, until=TODAY - timedelta(days=1)), "team", "until"),
        (flow.Span(since=date(1999, 1, 1), until=date(1999, 1, 2)), "team", "since"),
        (flow.Span(since=date(2020, 1, 1), until=TODAY), "team", "since"),
    ],
)
def test_results__what_cannot_be_asked__is_refused_by_its_field(span: flow.Span, by: str, field: str) -> None:
    with pytest.raises(BadAnswer) as caught:
        flow.results(BOSS, span, by=by)
    assert caught.value.field == field


def test_change__by_week__is_refused() -> None:
    with pytest.raises(BadAnswer) as caught:
        flow.result_change(BOSS, SPAN, by="week")
    assert caught.value.field == "by"


def test_results__without_the_permission__are_not_told() -> None:
    for ask in (flow.results, flow.result_change):
        with pytest.raises(NotAllowed):
            ask(NOBODY, SPAN)


def test_results__however_much_was_counted__take_the_same_statements() -> None:
    put(SPAN.since, "team 0", "card", accepted=1, none=100)
    few = statements()
    for day in range(20):
        put(SPAN.since + timedelta(days=day), f"team {day}", "card", accepted=day, none=100)
    assert len(flow.results(BOSS, SPAN).rows) == 20
    assert statements() == few < 15


def statements() -> int:
    with CaptureQueriesContext(connection) as seen:
        flow.results(BOSS, SPAN)
        flow.result_change(BOSS, SPAN)
    return len(seen)
