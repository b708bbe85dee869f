"""What customers did: told late, twice or corrected, and each counted once."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from crm_assist.customers.models import Subject
from crm_assist.decisions.answers import BadAnswer
from crm_assist.decisions.marks import marks
from crm_assist.decisions.models import Outcome
from crm_assist.decisions.outcomes import (
    checked_kind,
    in_force,
    latest,
    outcome_row,
    record_outcome,
    record_outcomes,
    told_before,
)
from crm_assist.types import OutcomeKind
from tests.decisions.conftest import NOW

DAY = timedelta(days=1)


def row(subject: Subject, **values: Any) -> Outcome:
    given_: dict[str, Any] = {
        "subject_id": subject.pk,
        "tenant": "",
        "product": "deposit",
        "kind": "ordered",
        "occurred_at": NOW - DAY,
        "source": "core",
        "external_id": "",
        "now": NOW,
    }
    return outcome_row(**(given_ | values))


@pytest.mark.parametrize("kind", list(OutcomeKind))
def test_kind__each_known__is_taken(kind: OutcomeKind) -> None:
    assert checked_kind(kind.value) is kind


def test_row__unknown_kind_or_future__is_refused_by_field(subject: Subject) -> None:
    with pytest.raises(BadAnswer, match="“bought” is not an outcome; use one of ordered") as kind:
        row(subject, kind="bought")
    with pytest.raises(BadAnswer, match="cannot lie in the future") as moment:
        row(subject, occurred_at=NOW + timedelta(microseconds=1))
    assert (kind.value.field, moment.value.field) == ("kind", "occurred_at")
    assert row(subject, occurred_at=NOW).occurred_at == NOW


def test_record__without_the_hosts_id__every_telling_counts(subject: Subject) -> None:
    for _ in range(2):
        record_outcome(row(subject))
    assert Outcome.objects.count() == 2


def test_record__told_twice__is_once(subject: Subject) -> None:
    first = record_outcome(row(subject, external_id="o-1"))
    again = record_outcome(row(subject, external_id="o-1", now=NOW + DAY))
    assert (again, Outcome.objects.count()) == (first, 1)


@pytest.mark.parametrize("change", [{"source": "web"}, {"tenant": "acme"}, {"external_id": "o-2"}])
def test_record__same_id_of_another_source_or_tenant__is_another(subject: Subject, change: dict[str, str]) -> None:
    record_outcome(row(subject, external_id="o-1"))
    record_outcome(row(subject, **({"external_id": "o-1"} | change)))
    assert in_force().count() == 2


def test_record__correction__is_a_new_row_and_the_last_is_in_force(subject: Subject) -> None:
    first = record_outcome(row(subject, external_id="o-1"))
    second = record_outcome(row(subject, external_id="o-1", kind="cancelled", now=NOW + DAY))
    third = record_outcome(row(subject, external_id="o-1", kind="ordered", now=NOW + 2 * DAY))
    assert (second.corrects, third.corrects) == (first.pk, second.pk)
    assert Outcome.objects.count() == 3
    assert list(in_force()) == [third] == [latest("", "core", "o-1")]


def test_record__same_product_ordered_twice__are_two_orders(subject: Subject) -> None:
    record_outcome(row(subject, external_id="o-1"))
    record_outcome(row(subject, external_id="o-2"))
    assert in_force().count() == 2


def test_record_many__known_ones__are_left_out_and_the_new_counted(subject: Subject) -> None:
    record_outcome(row(subject, external_id="o-1"))
    told = [row(subject, external_id=f"o-{number}") for number in range(4)]
    assert record_outcomes([*told, row(subject), row(subject)]) == 5
    assert record_outcomes([row(subject, external_id=f"o-{number}") for number in range(4)]) == 0
    assert Outcome.objects.count() == 6


def test_record_many__none__writes_nothing(db: None) -> None:
    assert record_outcomes([]) == 0


@given(st.lists(st.lists(st.sampled_from(["", "a", "b", "c"]), max_size=5), max_size=4))
@hypothesis_settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_record_many__any_batches__hold_each_external_id_once(subject: Subject, batches: list[list[str]]) -> None:
    unnamed, before = 0, Outcome.objects.count()
    told = 0
    for batch in batches:
        unnamed += batch.count("")
        told += record_outcomes([row(subject, external_id=name, source=f"run-{before}") for name in batch])
    names = {name for batch in batches for name in batch if name}
    assert told == unnamed + len(names) == Outcome.objects.count() - before


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("product", "p" * 61),
        ("source", "s" * 41),
        ("external_id", "e" * 101),
        ("external_id", "\x00"),
        ("occurred_at", NOW.replace(tzinfo=None)),
    ],
)
def test_outcome__what_no_column_can_hold__is_refused_by_name(subject: Subject, field: str, value: Any) -> None:
    with pytest.raises(BadAnswer) as caught:
        row(subject, **{field: value})
    assert caught.value.field == field


def test_record__the_hosts_id__is_nowhere_in_the_log_and_still_known(subject: Subject) -> None:
    record_outcome(row(subject, external_id="Rose-Martin-17"))
    record_outcomes([row(subject, external_id="Rose-Martin-18", source="web")])
    kept = [str(value) for values in Outcome.objects.values() for value in values.values()]
    assert not any("Rose" in value for value in kept)
    assert set(told_before("", "core", ["Rose-Martin-17", "Rose-Martin-18", ""])) == {"Rose-Martin-17"}
    assert set(told_before("", "web", ["Rose-Martin-17", "Rose-Martin-18"])) == {"Rose-Martin-18"}


def test_record__after_the_secret_key_changed__is_known_by_the_former_one(subject: Subject, settings: Any) -> None:
    first = record_outcome(row(subject, external_id="o-1"))
    settings.SECRET_KEY, settings.SECRET_KEY_FALLBACKS = "a new one", [settings.SECRET_KEY]
    assert record_outcome(row(subject, external_id="o-1")) == first
    assert record_outcomes([row(subject, external_id="o-1")]) == 0
    settings.SECRET_KEY_FALLBACKS = []
    assert latest("", "core", "o-1") is None


def test_marks__differ_by_tenant_source_and_id_and_are_not_the_id() -> None:
    places = [("", "a", "b"), ("a", "", "b"), ("", "ab", ""), ("", "", "ab"), ("", "a", "c")]
    found = {marks(*place)[0] for place in places}
    assert len(found) == len(places)
    assert {len(mark) for mark in found} == {64}
