"""What tellings come to and which label that gives: a law of the set of them, never of the order of arrival."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from benchmarks.arrivals import NOW as TODAY
from benchmarks.arrivals import world
from crm_assist.labels import Known, Label, Question, Telling, label, labels, standing

START = datetime(2026, 1, 1, tzinfo=UTC)
END = START + timedelta(days=90)
FIRST = Telling(place="o-1", version=1, customer=1, product="card", kind="ordered", occurred_at=START)


def day(number: float) -> datetime:
    return START + timedelta(days=number)


def told(*tellings: Telling) -> set[Telling]:
    return set(standing(tellings).in_force)


moments = st.integers(min_value=-5, max_value=100).map(day)
tellings = st.builds(
    Telling,
    place=st.sampled_from(["o-1", "o-2", "o-3"]),
    version=st.integers(min_value=0, max_value=3),
    customer=st.integers(min_value=1, max_value=2),
    product=st.sampled_from(["card", "loan"]),
    kind=st.sampled_from(["ordered", "cancelled", "unknown"]),
    occurred_at=moments,
)
QUESTIONS = [
    Question(id=f"{customer}{product}", customer=customer, products=frozenset((product,)), start=START, end=END)
    for customer in (1, 2)
    for product in ("card", "loan")
]


def answered(given_: list[Telling], **more: Any) -> dict[Any, Known]:
    asked = {"kind": "ordered", "now": day(200), "complete_until": day(200)}
    return dict(labels(QUESTIONS, standing(given_), **(asked | more)))


@given(st.lists(tellings, max_size=12).flatmap(lambda some: st.tuples(st.just(some), st.permutations(some * 2))))
def test_labels__any_order_and_any_doubling__are_the_same(both: tuple[list[Telling], list[Telling]]) -> None:
    some, arrived = both
    assert standing(some) == standing(arrived)
    assert answered(some) == answered(arrived)


@given(st.lists(tellings, max_size=12), moments, moments)
def test_labels__as_time_goes_on__what_is_known_stays(some: list[Telling], one: datetime, other: datetime) -> None:
    sooner, later = sorted((one, other))
    before = answered(some, now=sooner, complete_until=sooner)
    after = answered(some, now=later, complete_until=later)
    assert all(after[name] == known for name, known in before.items() if known.label is not Label.UNKNOWN)


def test_standing__correction_of_a_correction_that_arrives_first__stands() -> None:
    second = replace(FIRST, version=2, kind="cancelled")
    third = replace(FIRST, version=3, product="loan")
    assert told(third, FIRST, second) == told(FIRST, second, third) == {third}


def test_standing__same_version_with_other_content__neither_stands_until_a_higher_one() -> None:
    other = replace(FIRST, product="loan")
    found = standing([FIRST, other])
    assert (found.in_force, found.contradicted) == (frozenset(), {FIRST, other})
    settled = replace(other, version=2)
    assert standing([settled, other, FIRST]).in_force == {settled}
    assert standing([settled, other, FIRST]).contradicted == frozenset()


@pytest.mark.parametrize(
    ("happened", "unsure", "complete", "expected"),
    [
        ([5], [], 90, Known(label=Label.YES, since=day(5))),
        ([50, 5], [], 0, Known(label=Label.YES, since=day(5))),
        ([], [], 90, Known(label=Label.NO, since=END)),
        ([], [], 89, Known(label=Label.UNKNOWN)),
        ([91], [], 200, Known(label=Label.NO, since=END)),
        ([], [30], 200, Known(label=Label.UNKNOWN)),
        ([], [95], 200, Known(label=Label.NO, since=END)),
        ([40], [30], 200, Known(label=Label.YES, since=day(40))),
        ([0], [], 200, Known(label=Label.NO, since=END)),
    ],
)
def test_label__each_case__is_as_the_rule_says(
    happened: list[int], unsure: list[int], complete: int, expected: Known
) -> None:
    found = label(
        start=START,
        end=END,
        happened=map(day, happened),
        unsure=map(day, unsure),
        now=day(200),
        complete_until=day(complete),
    )
    assert found == expected


def test_label__at_the_very_start__counts_where_it_is_asked_for() -> None:
    asked: dict[str, Any] = {"start": START, "end": END, "happened": [START], "now": END, "complete_until": END}
    assert (label(**asked).label, label(**asked, with_start=True).label) == (Label.NO, Label.YES)


def test_label__over_but_not_reported__is_unknown_and_never_no() -> None:
    asked: dict[str, Any] = {"start": START, "end": END, "happened": [], "now": day(500)}
    found = {label(**asked, complete_until=day(number)).label for number in range(90)}
    assert found == {Label.UNKNOWN}


def test_labels__an_order_that_was_cancelled_by_correction__is_no() -> None:
    cancelled = replace(FIRST, version=2, kind="cancelled", occurred_at=day(3))
    assert answered([FIRST])["1card"].label is Label.YES
    assert answered([cancelled, FIRST])["1card"].label is Label.NO


def test_labels__told_as_unknown_or_contradicted__are_unknown() -> None:
    assert answered([replace(FIRST, kind="unknown")])["1card"].label is Label.UNKNOWN
    found = answered([FIRST, replace(FIRST, customer=2)])
    assert {found["1card"].label, found["2card"].label} == {Label.UNKNOWN}
    assert found["1loan"].label is Label.NO


def test_labels__a_question_that_names_no_product__is_about_all() -> None:
    question = Question(id=1, customer=1, products=frozenset(), start=START, end=END)
    found = labels([question], standing([FIRST]), kind="ordered", now=END, complete_until=END)
    assert found[1].label is Label.YES


def test_world__has_every_kind_of_trouble_and_every_label() -> None:
    made = world(4_000, seed=3)
    asked: dict[str, Any] = {"kind": "ordered", "now": TODAY, "complete_until": TODAY - timedelta(days=20)}
    found = labels(made.questions, standing(made.arrived), **asked)
    assert {known.label for known in found.values()} == set(Label)
    assert len(made.arrived) >= 4_000 > len(set(made.arrived)) > len({one.place for one in made.arrived})
    assert standing(made.arrived).contradicted
    assert found == labels(made.questions, standing(made.in_order), **asked)
