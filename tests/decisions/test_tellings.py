"""One outcome told several times: late, twice, corrected or contradicted, each telling in its place."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import HealthCheck, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from crm_assist import events
from crm_assist.customers.models import Subject
from crm_assist.decisions.marks import marks
from crm_assist.decisions.models import Outcome
from crm_assist.decisions.standing import contradicted, in_force
from crm_assist.decisions.tellings import (
    Told,
    latest,
    record_outcome,
    record_outcomes,
    record_settled,
    tellings_of,
)
from tests.decisions.conftest import DAY, NOW, row


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
    assert record_outcomes([*told, row(subject), row(subject)]) == Told(recorded=5, known=1)
    assert record_outcomes([row(subject, external_id=f"o-{number}") for number in range(4)]) == Told(known=4)
    assert Outcome.objects.count() == 6


def test_record_many__none__writes_nothing(db: None) -> None:
    assert record_outcomes([]) == Told()


@given(st.lists(st.lists(st.sampled_from(["", "a", "b", "c"]), max_size=5), max_size=4))
@hypothesis_settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_record_many__any_batches__hold_each_external_id_once(subject: Subject, batches: list[list[str]]) -> None:
    unnamed, before = 0, Outcome.objects.count()
    told = 0
    for batch in batches:
        unnamed += batch.count("")
        told += record_outcomes([row(subject, external_id=name, source=f"run-{before}") for name in batch]).recorded
    names = {name for batch in batches for name in batch if name}
    assert told == unnamed + len(names) == Outcome.objects.count() - before


def test_record__the_hosts_id__is_nowhere_in_the_log_and_still_known(subject: Subject) -> None:
    record_outcome(row(subject, external_id="Rose-Martin-17"))
    record_outcomes([row(subject, external_id="Rose-Martin-18", source="web")])
    kept = [str(value) for values in Outcome.objects.values() for value in values.values()]
    assert not any("Rose" in value for value in kept)
    assert set(tellings_of("", "core", ["Rose-Martin-17", "Rose-Martin-18", ""])) == {"Rose-Martin-17"}
    assert set(tellings_of("", "web", ["Rose-Martin-17", "Rose-Martin-18"])) == {"Rose-Martin-18"}


def test_record__after_the_secret_key_changed__is_known_by_the_former_one(subject: Subject, settings: Any) -> None:
    first = record_outcome(row(subject, external_id="o-1"))
    settings.SECRET_KEY, settings.SECRET_KEY_FALLBACKS = "a new one", [settings.SECRET_KEY]
    assert record_outcome(row(subject, external_id="o-1")) == first
    assert record_outcomes([row(subject, external_id="o-1")]) == Told(known=1)
    settings.SECRET_KEY_FALLBACKS = []
    assert latest("", "core", "o-1") is None


def test_marks__differ_by_tenant_source_and_id_and_are_not_the_id() -> None:
    places = [("", "a", "b"), ("a", "", "b"), ("", "ab", ""), ("", "", "ab"), ("", "a", "c")]
    found = {marks(*place)[0] for place in places}
    assert len(found) == len(places)
    assert {len(mark) for mark in found} == {64}


def test_record__an_older_version_after_a_newer_one__is_kept_and_counts_for_nothing(subject: Subject) -> None:
    newer = record_outcome(row(subject, external_id="o-1", version=7, kind="cancelled"))
    older = record_outcome(row(subject, external_id="o-1", version=2, now=NOW + DAY))
    assert (older.corrects, Outcome.objects.count()) == (None, 2)
    assert list(in_force()) == [newer] == [latest("", "core", "o-1")]


def test_record__an_older_version_told_again__is_known(subject: Subject) -> None:
    first = record_outcome(row(subject, external_id="o-1", version=1))
    record_outcome(row(subject, external_id="o-1", version=2, kind="cancelled"))
    assert record_outcome(row(subject, external_id="o-1", version=1)) == first
    assert Outcome.objects.count() == 2


def test_record__without_a_version_after_one_with__comes_after_it(subject: Subject) -> None:
    record_outcome(row(subject, external_id="o-1", version=7))
    last = record_outcome(row(subject, external_id="o-1", kind="cancelled"))
    assert (last.version, list(in_force())) == (8, [last])


def test_record__same_version_with_other_content__neither_counts_and_it_is_told(
    subject: Subject, django_capture_on_commit_callbacks: Any
) -> None:
    heard: list[tuple[str, int]] = []

    def hear(name: str, fields: Any) -> None:
        heard.append((name, fields.get("count", 0)))

    events.listen(hear)
    try:
        with django_capture_on_commit_callbacks(execute=True):
            first = record_outcome(row(subject, external_id="o-1", version=1))
            told = record_outcomes([row(subject, external_id="o-1", version=1, product=name) for name in "ab"])
    finally:
        events.stop_listening(hear)
    assert told == Told(contradicted=2)
    assert ("outcomes.contradicted", 2) in heard
    assert not in_force().exists()
    assert first in contradicted()
    assert contradicted().count() == 3


def test_settle__one_of_those_that_contradict__stands_from_then_on(subject: Subject) -> None:
    first = record_outcome(row(subject, external_id="o-1", version=1))
    record_outcome(row(subject, external_id="o-1", version=1, product="card"))
    settled = record_settled(first, now=NOW + DAY)
    assert (settled.corrects, settled.product, settled.version) == (first.pk, "deposit", 2)
    assert list(in_force()) == [settled] == [latest("", "core", "o-1")]
    assert not contradicted().exists()


def test_record__told_again_after_a_merge__is_known(subject: Subject) -> None:
    loser = Subject.objects.create(model_label="bank.Customer", key="43", created_at=NOW, merged_into=subject)
    first = record_outcome(row(loser, external_id="o-1", version=1))
    assert record_outcome(row(subject, external_id="o-1", version=1)) == first


def test_record_many__later_ones_of_the_same_id__correct_those_before_them(subject: Subject) -> None:
    kinds = ("ordered", "cancelled", "ordered", "ordered")
    assert record_outcomes([row(subject, external_id="o-1", kind=kind) for kind in kinds]) == Told(
        recorded=1, corrected=2, known=1
    )
    assert [one.version for one in Outcome.objects.order_by("version")] == [0, 1, 2]
    assert in_force().get().kind == "ordered"
