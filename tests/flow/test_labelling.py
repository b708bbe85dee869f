"""Labels of suggestions from the database: as the law says, whatever order the outcomes arrived in."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from benchmarks.arrivals import NOW, World, world
from crm_assist import flow
from crm_assist.customers.bulk import subjects_for
from crm_assist.decisions.models import Outcome, Suggestion
from crm_assist.flow.errors import NotAllowed
from crm_assist.journal.ids import uuid7
from crm_assist.labels import Known, Label, Telling, labels, standing
from crm_assist.learning.models import Target
from crm_assist.types import Principal
from tests.story import BOSS, publish, stock

pytestmark = pytest.mark.django_db
LABEL = "desk.Client"
LONG_AGO = NOW - timedelta(days=1000)
COMPLETE = NOW - timedelta(days=20)


def opened(made: World) -> dict[Any, int]:
    """The suggestions that the questions are about, by id; customers have the keys 1 and up."""
    publish(LABEL, now=LONG_AGO)
    stock(codes=("deposit", "card", "loan"), now=LONG_AGO)
    found, rows = {}, []
    questions = list(made.questions)
    for start in range(0, len(questions), 500):
        some = questions[start : start + 500]
        who = [("", str(int(str(one.customer)) + 1)) for one in some]
        subjects = subjects_for(model_label=LABEL, who=who, now=LONG_AGO)
        for one, place in zip(some, who, strict=True):
            row_id = uuid7(one.start)
            found[row_id] = one.id
            told: dict[str, Any] = {"product": next(iter(one.products)), "opened_at": one.start, "rank": 1}
            rows.append(Suggestion(id=row_id, decision_id=uuid7(one.start), subject=subjects[place], **told))
    Suggestion.objects.bulk_create(rows)
    return found


def arrive(arrivals: Sequence[Telling], *, chunk: int) -> None:
    """Tell them, so many at a time."""
    told = [
        flow.ToldOutcome(
            key=str(int(str(one.customer)) + 1),
            product=one.product,
            kind=one.kind,
            occurred_at=one.occurred_at,
            external_id=str(one.place),
            version=one.version,
        )
        for one in arrivals
    ]
    for start in range(0, len(told), chunk):
        flow.record_outcomes(LABEL, told[start : start + chunk], source="orders", now=NOW)


def labelled() -> dict[Any, Known]:
    return dict(flow.suggestion_labels(BOSS, since=LONG_AGO, until=NOW, now=NOW))


def test_labels__thousands_of_random_arrivals__are_those_of_the_same_in_order() -> None:
    made = world(3_000, seed=5)
    asked: dict[str, Any] = {"kind": "ordered", "now": NOW, "complete_until": COMPLETE}
    expected = labels(made.questions, standing(made.in_order), **asked)
    ids = opened(made)
    flow.outcomes_complete_until(COMPLETE, source="orders", now=NOW)
    arrive(made.arrived, chunk=217)
    found = labelled()
    assert {ids[row]: known for row, known in found.items()} == expected
    assert {known.label for known in found.values()} == set(Label)
    before = Outcome.objects.count()
    arrive(made.in_order, chunk=500)
    assert (labelled(), Outcome.objects.count()) == (found, before)


def test_labels__statements__do_not_grow_with_the_suggestions() -> None:
    made = world(400, seed=1)
    opened(made)
    arrive(made.arrived, chunk=500)
    with CaptureQueriesContext(connection) as captured:
        assert len(labelled()) == 100
    assert len(captured) <= 10


def test_labels__of_a_customer_who_was_merged__count_for_the_one_who_stays() -> None:
    made = world(4, seed=1)
    opened(made)
    Suggestion.objects.update(product="card", opened_at=NOW - timedelta(days=100))
    flow.customers_merged(LABEL, from_key="1", to_key="2", now=NOW)
    at = NOW - timedelta(days=50)
    flow.record_outcome(model=LABEL, key="2", product="card", kind="ordered", occurred_at=at, now=NOW)
    assert set(labelled().values()) == {Known(label=Label.YES, since=at)}


def test_labels__window_of_the_target__decides_what_follows() -> None:
    opened(world(4, seed=1))
    Suggestion.objects.update(product="card", opened_at=NOW - timedelta(days=100))
    at = NOW - timedelta(days=50)
    flow.record_outcome(model=LABEL, key="1", product="card", kind="ordered", occurred_at=at, now=NOW)
    assert [known.label for known in labelled().values()] == [Label.YES]
    Target.objects.filter(name="wants_card").update(attribution_days=49)
    assert [known.label for known in labelled().values()] == [Label.NO]


def test_followed__of_a_suggested_product_in_its_window__and_no_other() -> None:
    opened(world(8, seed=1))
    Suggestion.objects.update(product="card", opened_at=NOW - timedelta(days=100))
    told: dict[str, Any] = {"model": LABEL, "kind": "ordered", "now": NOW}
    for key, product, days in (
        ("1", "card", 50),
        ("1", "card", 5),
        ("1", "card", 101),
        ("2", "loan", 50),
        ("9", "card", 50),
    ):
        flow.record_outcome(**told, key=key, product=product, occurred_at=NOW - timedelta(days=days))
    assert flow.outcomes_followed(BOSS) == 1
    Target.objects.filter(name="wants_card").update(attribution_days=95)
    assert flow.outcomes_followed(BOSS) == 2
    flow.customers_merged(LABEL, from_key="9", to_key="2", now=NOW)
    assert flow.outcomes_followed(BOSS) == 3


def test_labels__of_a_product_that_nothing_predicts__are_unknown() -> None:
    opened(world(4, seed=1))
    Suggestion.objects.update(product="yacht", opened_at=NOW - timedelta(days=100))
    assert [known.label for known in labelled().values()] == [Label.UNKNOWN]


def test_labels__without_the_right__are_refused() -> None:
    with pytest.raises(NotAllowed):
        flow.suggestion_labels(Principal(key="ann"), since=LONG_AGO, until=NOW, now=NOW)
