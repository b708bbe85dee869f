from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.db import IntegrityError, connection, transaction
from django.test.utils import CaptureQueriesContext

from crm_assist.customers.models import Subject
from crm_assist.decisions.models import Decision
from crm_assist.journal.canonical import MAX_BYTES, UnfitPayload, digest_of
from crm_assist.journal.ids import uuid7
from crm_assist.journal.models import Payload
from crm_assist.journal.writer import erase, payload_of, payloads_of, record, record_many
from crm_assist.rollout.models import PhaseChange

NewDecision = Callable[..., Decision]


def test_record__row_with_payload__both_stand_and_the_digest_matches(new_decision: NewDecision) -> None:
    row = record(new_decision(), {"features": {"balance": Decimal("12.50"), "age": float("inf")}})
    stored = Decision.objects.get(pk=row.pk)
    beside = Payload.objects.get(pk=row.pk)
    assert stored.schema == Decision.SCHEMA
    assert beside.body is not None
    assert stored.digest == digest_of(beside.body)
    assert (beside.tenant, beside.subject_id) == (row.tenant, row.subject_id)
    assert payload_of(row.pk) == {"features": {"balance": Decimal("12.50"), "age": float("inf")}}


def test_record__every_column__is_stored_as_given(new_decision: NewDecision, now: datetime) -> None:
    row = record(new_decision(tenant="nord", offered=2, silence="nothing_left"), {})
    columns = [field.attname for field in Decision._meta.concrete_fields if field.attname != "tx"]
    stored = Decision.objects.values(*columns).get()
    assert stored == {column: getattr(row, column) for column in columns}


def test_record__on_postgresql__is_one_statement_and_elsewhere_one_savepoint(
    new_decision: NewDecision,
) -> None:
    row = new_decision()
    with CaptureQueriesContext(
        connection,
    ) as queries:
        record(row, {"a": 1})
    expected = 1 if connection.vendor == "postgresql" else 4
    assert len(queries) == expected, [query["sql"] for query in queries]


def test_record__transaction_number__is_read_from_the_database(new_decision: NewDecision) -> None:
    row = record(new_decision(), {"a": 1})
    assert (row.tx > 0) == (connection.vendor == "postgresql")


def test_record__no_payload__leaves_no_digest(now: datetime, db: None) -> None:
    row = record(PhaseChange(at=now, after="score", by="9", reason="start"), None)
    assert PhaseChange.objects.get(pk=row.pk).digest == ""
    assert payload_of(row.pk) is None
    assert not Payload.objects.exists()


def test_record__no_id__gets_one_that_sorts_by_its_moment(now: datetime, db: None) -> None:
    later = record(PhaseChange(at=now + timedelta(seconds=1), after="off", by="9", reason="-"), None)
    earlier = record(PhaseChange(at=now, after="score", by="9", reason="-"), None)
    assert earlier.id.hex < later.id.hex


def test_record__empty_payload__is_told_apart_from_none(new_decision: NewDecision) -> None:
    row = record(new_decision(), {})
    assert payload_of(row.pk) == {}
    assert row.digest


def test_record__same_payload_twice__digests_differ_so_that_none_can_be_guessed(
    new_decision: NewDecision,
) -> None:
    first, second = (record(new_decision(), {"comment": "moved away"}) for _ in range(2))
    assert first.digest != second.digest


def test_record__row_refused_by_the_database__leaves_no_payload(new_decision: NewDecision) -> None:
    row = record(new_decision(), {"a": 1})
    before = Payload.objects.count()
    with pytest.raises(IntegrityError), transaction.atomic():
        record(new_decision(id=row.pk), {"a": 2})
    other = new_decision(agent_key=None)
    with pytest.raises(IntegrityError), transaction.atomic():
        record(other, {"a": 2})
    assert Payload.objects.count() == before
    assert payload_of(row.pk) == {"a": 1}


@pytest.mark.parametrize("payload", [{"x": object()}, {"x": "y" * MAX_BYTES}])
def test_record__payload_that_cannot_be_logged__writes_nothing(
    new_decision: NewDecision, payload: dict[str, Any]
) -> None:
    with pytest.raises(UnfitPayload):
        record(new_decision(), payload)
    assert not Decision.objects.exists()


def test_record__largest_payload__fits(new_decision: NewDecision) -> None:
    text = "y" * (MAX_BYTES - 100)
    assert payload_of(record(new_decision(), {"x": text}).pk) == {"x": text}


def test_record__text_with_percent_and_quotes__is_stored_as_it_is(new_decision: NewDecision) -> None:
    text = "100 % 'sure' %s \\ \" é \x00"
    row = record(new_decision(team="%s 'a'"), {text: text})
    assert payload_of(row.pk) == {text: text}
    assert Decision.objects.get().team == "%s 'a'"


def test_record_many__mixed_rows__all_stand(new_decision: NewDecision, now: datetime) -> None:
    decisions = [(new_decision(id=uuid7(now)), {"n": n}) for n in range(1200)]
    change = PhaseChange(at=now, after="score", by="9", reason="start")
    written = record_many([*decisions, (change, None)])
    assert Decision.objects.count() == 1200
    assert PhaseChange.objects.count() == 1
    payloads = payloads_of(row.pk for row in written)
    assert [payloads[row.pk] for row, _ in decisions] == [{"n": n} for n in range(1200)]
    assert change.pk not in payloads


def test_record_many__one_bad_payload__writes_nothing(new_decision: NewDecision) -> None:
    with pytest.raises(UnfitPayload):
        record_many([(new_decision(), {"a": 1}), (new_decision(), {"a": object()})])
    assert not Decision.objects.exists()


def test_record_many__one_bad_row__writes_nothing(new_decision: NewDecision) -> None:
    row = new_decision()
    with pytest.raises(IntegrityError), transaction.atomic():
        record_many([(row, {"a": 1}), (new_decision(id=row.pk), None)])
    assert not Decision.objects.exists()
    assert not Payload.objects.exists()


def test_record_many__nothing__does_nothing(django_assert_num_queries: Any, db: None) -> None:
    with django_assert_num_queries(0):
        assert record_many([]) == []


def test_erase__one_subject__its_payloads_go_and_nothing_else(
    new_decision: NewDecision, subject: Subject, now: datetime
) -> None:
    other = Subject.objects.create(model_label="bank.customer", key="43", created_at=now)
    gone, kept = record(new_decision(), {"a": 1}), record(new_decision(subject_id=other.pk), {"a": 2})
    assert erase([subject.pk], now=now) == 1
    assert erase([subject.pk], now=now) == 0
    assert payload_of(gone.pk) is None
    assert payloads_of([gone.pk, kept.pk]) == {gone.pk: None, kept.pk: {"a": 2}}
    assert Payload.objects.get(pk=gone.pk).erased_at == now
    assert Decision.objects.get(pk=gone.pk).digest == gone.digest


def test_payloads_of__thousands_of_ids__stays_within_the_limits_of_one_statement(
    new_decision: NewDecision, now: datetime
) -> None:
    row = record(new_decision(), {"a": 1})
    ids = [row.pk, *(uuid7(now) for _ in range(3000))]
    assert payloads_of(ids) == {row.pk: {"a": 1}}
    assert erase(range(10**6, 10**6 + 3000), now=now) == 0
