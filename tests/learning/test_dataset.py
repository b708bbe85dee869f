"""Training rows: what was known at a moment, and what happened within the horizon; nothing of the time after."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from random import Random
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crm_assist import customers, features, flow
from crm_assist.flow.learned_rows import past_rows
from crm_assist.flow.past import Past
from crm_assist.learning import FitError
from crm_assist.learning.dataset import TrainingSet, label_of, training_set
from crm_assist.learning.models import Target
from tests.hosts.desk.models import Client, Contact, Order
from tests.story import publish

MOMENT = datetime(2026, 1, 1, tzinfo=UTC)
HORIZON = timedelta(days=90)
days = st.integers(min_value=-400, max_value=400).map(lambda number: MOMENT + timedelta(days=number))


def after(number: float) -> datetime:
    return MOMENT + timedelta(days=number)


@pytest.mark.parametrize(
    ("occurred", "until", "label"),
    [
        ([], after(90), 0),
        ([], after(89), None),
        ([after(1)], after(200), 1),
        ([after(90)], after(200), 1),
        ([after(90.01)], after(200), 0),
        ([after(0)], after(200), 0),
        ([after(-1)], after(200), 0),
        ([after(5)], after(10), 1),
        ([after(15)], after(10), None),
        ([after(-1), after(5)], after(200), 1),
    ],
)
def test_label_of__each_case__is_as_declared(occurred: list[datetime], until: datetime, label: int | None) -> None:
    assert label_of(MOMENT, occurred, horizon=HORIZON, until=until) == label


@given(st.lists(days, max_size=5), days)
def test_label_of__once_given__never_changes_as_time_goes_on(occurred: list[datetime], until: datetime) -> None:
    first = label_of(MOMENT, occurred, horizon=HORIZON, until=until)
    later = label_of(MOMENT, occurred, horizon=HORIZON, until=until + timedelta(days=1000))
    assert first is None or first == later


@given(st.lists(days, max_size=5), days)
def test_label_of__what_is_not_yet_known__does_not_enter(occurred: list[datetime], until: datetime) -> None:
    known = [done for done in occurred if done <= until]
    asked = {"horizon": HORIZON, "until": until}
    assert label_of(MOMENT, occurred, **asked) == label_of(MOMENT, known, **asked)


@pytest.mark.parametrize(("unsure", "label"), [(30, None), (0, 0), (91, 0)])
def test_label_of__what_may_have_happened_within_the_horizon__is_no_row(unsure: int, label: int | None) -> None:
    told = {"horizon": HORIZON, "until": after(200), "unsure": [after(unsure)]}
    assert label_of(MOMENT, [], **told) == label
    assert label_of(MOMENT, [after(40)], **told) == 1


def made(outcomes: Mapping[str, Sequence[datetime]], *, customers_: int = 3, most: int = 100) -> TrainingSet:
    def reader(moment: datetime) -> Iterator[tuple[str, dict[str, Any]]]:
        return ((str(number), {"n": number, "at": moment}) for number in range(customers_))

    moments = [after(0), after(-30)]
    return training_set(
        reader, moments, outcomes=outcomes, horizon=HORIZON, until=after(100), most=most, random=Random(0)
    )


def test_training_set__two_moments__has_rows_in_time_order_of_equal_length() -> None:
    rows = made({"1": [after(20)]})
    assert rows.at == sorted(rows.at)
    assert rows.keys == ["0", "1", "2"] * 2
    assert rows.y == [0, 1, 0, 0, 1, 0]
    assert {name: len(column) for name, column in rows.X.items()} == {"n": 6, "at": 6}
    assert rows.X["at"] == rows.at


def test_training_set__too_many_rows__are_thinned_evenly_and_the_same_for_the_same_seed() -> None:
    some = {str(number): [after(20)] for number in range(0, 1000, 10)}
    rows, again = (made(some, customers_=1000, most=400) for _ in range(2))
    assert rows == again
    assert len(rows.y) == 400
    assert 20 <= sum(rows.y) <= 65


def test_training_set__a_moment_whose_horizon_is_open__is_left_out_with_its_buyers() -> None:
    def reader(moment: datetime) -> Iterator[tuple[str, dict[str, Any]]]:
        return iter([("1", {"at": moment}), ("2", {"at": moment})])

    asked: dict[str, Any] = {"horizon": HORIZON, "until": after(89), "most": 10, "random": Random(0)}
    rows = training_set(reader, [after(0), after(-30)], outcomes={"1": [after(20)]}, **asked)
    assert (rows.at, rows.y) == ([after(-30)] * 2, [1, 0])


def test_training_set__nobody__is_empty() -> None:
    assert made({}, customers_=0) == TrainingSet(X={}, y=[], at=[], keys=[])


def test_at_places__rows_by_their_place__stay_together() -> None:
    rows = made({"1": [after(20)]}, customers_=4, most=400)
    picked = rows.at_places([3, 1])
    assert (picked.keys, picked.y, picked.at) == (
        [rows.keys[3], rows.keys[1]],
        [rows.y[3], rows.y[1]],
        [rows.at[3], rows.at[1]],
    )
    assert {name: [values[3], values[1]] for name, values in rows.X.items()} == picked.X


def a_base() -> list[Client]:
    base = [Client.objects.create(name=str(n), birth_date=MOMENT.date()) for n in range(6)]
    for place, client in enumerate(base):
        for number in range(place):
            Contact.objects.create(client=client, at=after(-10 * number - 1), minutes=5)
        Order.objects.create(client=client, product="deposit", at=after(-400))
    return base


def learned() -> TrainingSet:
    target = Target.objects.get(name="orders")
    return past_rows(target, Past(), moments=2, most=1000, now=after(90), seed=0)


@pytest.mark.django_db
def test_call_made_after_the_moment_or_the_outcome__changes_no_training_row() -> None:
    base = a_base()
    publish("desk.Client", now=after(90))
    for client in base[:3]:
        key = customers.key_of(client)
        told = {"product": "deposit", "kind": "ordered", "occurred_at": after(30), "now": after(90)}
        flow.record_outcome(model="desk.Client", key=key, **told)
    before = learned()
    assert sum(before.y) > 0
    assert max(before.X["calls_90d"]) > 0
    for client in base:
        for moment in (0, 0.5, 30, 31, 89):
            Contact.objects.create(client=client, at=after(moment), minutes=99)
            Order.objects.create(client=client, product="loan", at=after(moment))
    assert learned() == before
    Contact.objects.create(client=base[0], at=after(-0.5), minutes=99)
    assert learned() != before


@pytest.mark.django_db
def test_feature_that_cannot_look_back__is_no_column_of_the_training_set() -> None:
    a_base()
    publish("desk.Client", now=after(90))
    declared = features.declared(customers.adapter_for(Client))
    assert set(learned().X) == {name for name, feature in declared.items() if feature.looks_back}
    assert "balance" not in learned().X


@pytest.mark.django_db
def test_rows__of_customers_told_as_unknown__are_no_rows_and_never_a_no() -> None:
    base = a_base()
    publish("desk.Client", now=after(90))
    key = customers.key_of(base[0])
    told: dict[str, Any] = {"product": "deposit", "occurred_at": after(75), "now": after(90)}
    before = learned()
    assert before.keys.count(key) == 2
    flow.record_outcome(model="desk.Client", key=key, kind="unknown", **told)
    found = learned()
    assert (found.keys.count(key), len(found.keys)) == (1, len(before.keys) - 1)
    assert dict(zip(found.keys, found.at, strict=True))[key] == after(-30)


@pytest.mark.django_db
def test_rows__stand_one_horizon_before_the_outcomes_are_complete() -> None:
    a_base()
    publish("desk.Client", now=after(90))
    assert max(learned().at) == after(0)
    flow.outcomes_complete_until(after(75), source="orders", now=after(90))
    assert (max(learned().at), min(learned().at)) == (after(-15), after(-45))
    Target.objects.filter(name="orders").update(sources=["orders", "web"])
    with pytest.raises(FitError, match="crm_assist_outcomes complete"):
        learned()
