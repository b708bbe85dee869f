"""Payloads against their rows: each way to change, move or empty one is found and named, an erasure is not."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.utils import timezone

from crm_assist.customers.models import Subject
from crm_assist.decisions.models import Decision
from crm_assist.journal.faults import Tally
from crm_assist.journal.ids import uuid7
from crm_assist.journal.models import Payload
from crm_assist.journal.sealing import seal
from crm_assist.journal.verify import verify
from crm_assist.journal.writer import record
from crm_assist.rollout.models import PhaseChange

Tamper = Callable[..., None]
pytestmark = pytest.mark.django_db(transaction=True)
ERASED_AT = "2026-03-02 00:00:00+00:00"


@pytest.fixture
def rows(new_decision: Callable[..., Decision], now: datetime) -> list[Decision]:
    """Three sealed decisions about one customer."""
    written = [record(new_decision(id=uuid7(now)), {"n": number}) for number in range(3)]
    seal(tenant="", now=now)
    return written


def found(**options: Any) -> list[tuple[str, str, str]]:
    """Kind, row and message of each fault; all of them in the table of payloads."""
    faults = list(verify(**options))
    assert {fault.table for fault in faults} <= {"crm_assist.payload"}
    return [(fault.kind, fault.row_id, fault.message) for fault in faults]


def test_verify__untouched_payloads__are_counted(rows: list[Decision]) -> None:
    tally = Tally()
    assert found(tally=tally) == []
    assert (tally.rows, tally.payloads, tally.erased) == (3, 3, 0)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ("body = '{}'", "does not match the digest in its row"),
        ("tenant = 'other'", "names another tenant or another customer than its row"),
        ("subject_id = NULL", "names another tenant or another customer than its row"),
        ("subject_id = subject_id + 1", "names another tenant or another customer than its row"),
        ("body = NULL", "is empty, but bears no date of an erasure"),
        (f"erased_at = '{ERASED_AT}'", "bears the date of an erasure, but is not empty"),
        (f"body = NULL, erased_at = '{ERASED_AT}', subject_id = NULL", "names another tenant or another customer"),
    ],
)
def test_verify__changed_payload__is_named(rows: list[Decision], tamper: Tamper, change: str, message: str) -> None:
    tamper(f"UPDATE crm_assist_payload SET {change} WHERE row_id = %s", rows[1].pk)
    [(kind, row_id, told)] = found()
    assert (kind, row_id) == ("changed", str(rows[1].pk))
    assert told.startswith(message)


def test_verify__deleted_payload__is_named(rows: list[Decision], tamper: Tamper) -> None:
    tamper("DELETE FROM crm_assist_payload WHERE row_id = %s", rows[2].pk)
    assert [fault[:2] for fault in found()] == [("missing", str(rows[2].pk))]


def test_verify__payload_for_a_row_without_one__is_named(now: datetime) -> None:
    row = record(PhaseChange(at=now, after="off", by="9", reason="none"), None)
    seal(tenant="", now=now)
    Payload.objects.create(row_id=row.pk, body="{}")
    assert [fault[:2] for fault in found()] == [("inserted", str(row.pk))]


def test_verify__payload_of_an_erased_customer__is_no_fault_and_counted(
    rows: list[Decision], subject: Subject, now: datetime
) -> None:
    Subject.objects.filter(pk=subject.pk).update(erased_at=now)
    Payload.objects.filter(row_id=rows[2].pk).update(body=None, erased_at=now)
    tally = Tally()
    assert found(tally=tally) == []
    assert (tally.payloads, tally.erased) == (2, 1)


def test_verify__every_payload_emptied_though_nobody_was_erased__each_is_named(
    rows: list[Decision], tamper: Tamper
) -> None:
    tamper(f"UPDATE crm_assist_payload SET body = NULL, erased_at = '{ERASED_AT}'")
    message = "is empty, but its customer was not erased and it is younger than retention allows"
    assert found() == [("emptied", str(row.pk), message) for row in rows]


@pytest.mark.parametrize(("days", "faults"), [(0, 1), (10, 1), (9, 0)])
def test_verify__emptied_payload__is_no_fault_once_it_is_older_than_retention(
    rows: list[Decision], new_decision: Callable[..., Decision], tamper: Tamper, days: int, faults: int
) -> None:
    then = timezone.now() - timedelta(days=9, hours=1)
    row = record(new_decision(id=uuid7(then), at=then), {"n": 4})
    seal(tenant="", now=timezone.now())
    tamper("UPDATE crm_assist_payload SET body = NULL, erased_at = %s WHERE row_id = %s", timezone.now(), row.pk)
    kept_from = timezone.now() - timedelta(days=days) if days else None
    assert [fault[:2] for fault in found(kept_from=kept_from)][-1:] == [("emptied", str(row.pk))] * faults


def test_verify__emptied_payload_about_nobody__is_named_however_old(now: datetime, tamper: Tamper) -> None:
    row = record(PhaseChange(at=now, after="off", by="9", reason="none"), {"note": "x"})
    seal(tenant="", now=now)
    tamper(f"UPDATE crm_assist_payload SET body = NULL, erased_at = '{ERASED_AT}'")
    assert [fault[:2] for fault in found(kept_from=timezone.now())] == [("emptied", str(row.pk))]


def test_verify__customer_merged_since__is_no_fault(rows: list[Decision], subject: Subject, now: datetime) -> None:
    winner = Subject.objects.create(model_label="bank.customer", key="43", created_at=now)
    Subject.objects.filter(pk=subject.pk).update(merged_into=winner, gone_at=now)
    assert found() == []
    Subject.objects.filter(pk__in=[subject.pk, winner.pk]).update(erased_at=now)
    Payload.objects.filter(subject_id=subject.pk).update(body=None, erased_at=now)
    assert found() == []


def test_verify__decision_of_a_customer_erased_meanwhile__is_no_fault(
    new_decision: Callable[..., Decision], subject: Subject, now: datetime
) -> None:
    Subject.objects.filter(pk=subject.pk).update(erased_at=now)
    row = record(new_decision(), {"a": 1})
    seal(tenant="", now=now)
    assert Payload.objects.get(row_id=row.pk).body is None
    assert found() == []


def test_verify__empty_payloads__cost_one_more_statement_a_chunk(
    rows: list[Decision], tamper: Tamper, django_assert_max_num_queries: Any
) -> None:
    with django_assert_max_num_queries(40) as whole:
        assert found() == []
    tamper(f"UPDATE crm_assist_payload SET body = NULL, erased_at = '{ERASED_AT}'")
    with django_assert_max_num_queries(len(whole) + 1):
        assert len(found()) == 3
