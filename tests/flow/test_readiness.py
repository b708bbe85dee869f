"""Label readiness: known for so many percent of a month, and the database counts what the law says."""

from __future__ import annotations

from collections import Counter
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from benchmarks.arrivals import NOW, world
from crm_assist import flow
from crm_assist.decisions.models import Decision, Suggestion
from crm_assist.flow.errors import TargetNotFound
from crm_assist.flow.readiness import Ready
from crm_assist.journal.ids import uuid7
from crm_assist.journal.writer import record_many
from crm_assist.labels import Label, label
from crm_assist.learning.models import Target
from crm_assist.types import Principal
from tests.flow.test_labelling import COMPLETE, LABEL, LONG_AGO, arrive, opened
from tests.story import BOSS

pytestmark = pytest.mark.django_db


def counted(name: str, *, of: str, months: int = 12) -> dict[tuple[int, int], Ready]:
    found = flow.readiness(BOSS, name, months=months, now=NOW).months
    return {(one.month.year, one.month.month): getattr(one, of) for one in found if getattr(one, of).count}


def month_of(at: datetime) -> tuple[int, int]:
    local = timezone.localtime(at)
    return local.year, local.month


def test_readiness__of_suggestions__counts_what_their_labels_say() -> None:
    made = world(1_200, seed=2)
    opened(made)
    flow.outcomes_complete_until(COMPLETE, source="orders", now=NOW)
    arrive(made.arrived, chunk=400)
    labels = flow.suggestion_labels(BOSS, since=LONG_AGO, until=NOW, now=NOW)
    rows = {row.pk: row for row in Suggestion.objects.all()}
    for name, product in (("wants_card", "card"), ("wants_deposit", "deposit"), ("orders", "loan")):
        expected: dict[tuple[int, int], Counter[Label]] = {}
        for pk, known in labels.items():
            if rows[pk].product == product:
                expected.setdefault(month_of(rows[pk].opened_at), Counter())[known.label] += 1
        assert counted(name, of="suggested") == {
            month: Ready(
                count=told.total(), seen=told.total(), known=told[Label.YES] + told[Label.NO], yes=told[Label.YES]
            )
            for month, told in expected.items()
        }


def scored(key: str, at: datetime) -> Decision:
    subject = Suggestion.objects.filter(subject__key=key).first()
    assert subject is not None
    more: dict[str, Any] = {"agent_key": "1", "phase": "score", "admission": "all", "target": "orders"}
    return Decision(id=uuid7(at), at=at, subject_id=subject.subject_id, code_version="1", **more)


def test_readiness__of_scores__counts_within_the_horizon_what_training_would_take() -> None:
    opened(world(40, seed=1))
    starts = [NOW - timedelta(days=days) for days in range(5, 185, 9)]
    record_many([(scored(str(place % 10 + 1), at), None) for place, at in enumerate(starts)])
    told = [(str(place % 10 + 1), starts[place] + timedelta(days=place)) for place in range(0, 20, 3)]
    for key, at in told:
        if at <= NOW:
            flow.record_outcome(model=LABEL, key=key, product="loan", kind="ordered", occurred_at=at, now=NOW)
    expected: dict[tuple[int, int], Counter[Label]] = {}
    for place, at in enumerate(starts):
        mine = [when for key, when in told if key == str(place % 10 + 1)]
        end = at + timedelta(days=90)
        found = label(start=at, end=end, happened=mine, now=NOW, complete_until=NOW).label
        expected.setdefault(month_of(at), Counter())[found] += 1
    assert {Label.YES, Label.NO, Label.UNKNOWN} <= set().union(*expected.values())
    assert counted("orders", of="scored") == {
        month: Ready(
            count=told_.total(), seen=told_.total(), known=told_[Label.YES] + told_[Label.NO], yes=told_[Label.YES]
        )
        for month, told_ in expected.items()
    }


def test_readiness__merged_customers__are_one() -> None:
    opened(world(12, seed=1))
    record_many([(scored("1", NOW - timedelta(days=10)), None), (scored("2", NOW - timedelta(days=10)), None)])
    flow.customers_merged(LABEL, from_key="1", to_key="2", now=NOW)
    flow.customers_merged(LABEL, from_key="3", to_key="2", now=NOW)
    at = NOW - timedelta(days=5)
    flow.record_outcome(model=LABEL, key="3", product="loan", kind="ordered", occurred_at=at, now=NOW)
    assert set(counted("orders", of="scored").values()) == {Ready(count=2, seen=2, known=2, yes=2)}


def test_readiness__a_source_that_never_said__knows_no_no() -> None:
    opened(world(4, seed=1))
    record_many([(scored("1", NOW - timedelta(days=200)), None)])
    assert set(counted("orders", of="scored").values()) == {Ready(count=1, seen=1, known=1)}
    Target.objects.filter(name="orders").update(sources=["web"])
    found = flow.readiness(BOSS, "orders", now=NOW)
    assert (found.complete.until, found.complete.is_said) == (None, True)
    assert set(counted("orders", of="scored").values()) == {Ready(count=1, seen=1)}


def test_readiness__percent__is_rounded_down_and_none_of_nothing() -> None:
    assert Ready(count=1000, seen=1000, known=999).percent == 99
    assert Ready(count=1204, seen=1204, known=1001).percent == 83
    assert Ready().percent is None


def test_readiness__months__end_at_the_start_of_one_and_are_few_statements() -> None:
    opened(world(4, seed=1))
    record_many([(scored("1", datetime(2026, 4, 1, 10, tzinfo=UTC)), None)])
    assert list(counted("orders", of="scored", months=3)) == [(2026, 4)]
    assert counted("orders", of="scored", months=2) == {}
    with CaptureQueriesContext(connection) as captured:
        flow.readiness(BOSS, "orders", now=NOW)
    assert len(captured) <= 8


def test_readiness__of_very_many__looks_at_a_part_taken_by_chance_and_counts_all() -> None:
    opened(world(40, seed=1))
    old, new = NOW - timedelta(days=120), NOW - timedelta(days=1)
    record_many([(scored(str(n % 10 + 1), old + timedelta(seconds=n)), None) for n in range(1500)])
    record_many([(scored(str(n % 10 + 1), new + timedelta(seconds=n)), None) for n in range(1500)])
    months = flow.readiness(BOSS, "orders", most=600, now=NOW).months
    later, earlier = (one for one in months if one.scored.count)
    assert (later.scored.count, earlier.scored.count) == (1500, 1500)
    assert all(150 <= one.scored.seen <= 450 for one in (later, earlier))
    assert (later.scored.percent, earlier.scored.percent) == (0, 100)


def test_readiness__unknown_target_months_or_right__is_refused() -> None:
    opened(world(4, seed=1))
    with pytest.raises(TargetNotFound):
        flow.readiness(BOSS, "yachts", now=NOW)
    with pytest.raises(flow.BadAnswer):
        flow.readiness(BOSS, "orders", months=61, now=NOW)
    with pytest.raises(flow.NotAllowed):
        flow.readiness(Principal(key="ann"), "orders", now=NOW)
