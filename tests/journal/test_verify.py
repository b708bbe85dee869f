"""Each kind of tampering, done by an owner of the tables who lifts the guards, is found and named."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any
from uuid import UUID

import pytest
from django.db import connection

from crm_assist.decisions.models import Decision
from crm_assist.journal.faults import Tally
from crm_assist.journal.hashing import parse_entries, row_hash, seal_hash
from crm_assist.journal.ids import uuid7
from crm_assist.journal.models import Seal
from crm_assist.journal.sealing import seal, seal_all
from crm_assist.journal.verify import head_of, verify
from crm_assist.journal.writer import record
from crm_assist.rollout.models import PhaseChange

Tamper = Callable[..., None]
pytestmark = pytest.mark.django_db(transaction=True)
PLACE = "tx" if connection.vendor == "postgresql" else "rowid"


@pytest.fixture
def rows(log: Callable[..., list[PhaseChange]], now: datetime) -> list[PhaseChange]:
    """Nine rows in three seals, written in three transactions."""
    written = []
    for _ in range(3):
        written += log(3)
        seal(tenant="", now=now)
    return written


def found(**options: Any) -> list[tuple[str, str, str]]:
    """Kind, table and row of each fault."""
    return [(fault.kind, fault.table.split(".")[1], fault.row_id) for fault in verify(**options)]


def row_at(rows: list[PhaseChange], number: int) -> tuple[str, str]:
    return "phasechange", str(rows[number].pk)


def test_verify__untouched_log__finds_nothing_and_counts(rows: list[PhaseChange]) -> None:
    tally = Tally()
    assert found(tally=tally) == []
    assert (tally.seals, tally.rows, tally.payloads, tally.erased) == (3, 9, 9, 0)


def test_verify__empty_log__finds_nothing() -> None:
    assert found() == []
    assert head_of("") == ""


@pytest.mark.parametrize("column", ["team", "by", "digest", "reason"])
def test_verify__changed_row__is_named(rows: list[PhaseChange], tamper: Tamper, column: str) -> None:
    tamper(f"UPDATE crm_assist_phasechange SET \"{column}\" = 'x' WHERE id = %s", rows[4].pk)
    assert found() == [("changed", *row_at(rows, 4))]


def test_verify__row_given_to_another_tenant__is_named_once(rows: list[PhaseChange], tamper: Tamper) -> None:
    tamper("UPDATE crm_assist_phasechange SET tenant = 'other' WHERE id = %s", rows[4].pk)
    assert found() == [("changed", *row_at(rows, 4))]


@pytest.mark.parametrize("number", [0, 4, 8])
def test_verify__deleted_row__is_named(rows: list[PhaseChange], tamper: Tamper, number: int) -> None:
    tamper("DELETE FROM crm_assist_phasechange WHERE id = %s", rows[number].pk)
    assert found() == [("missing", *row_at(rows, number))]


def test_verify__row_slipped_in_between__is_named(rows: list[PhaseChange], tamper: Tamper, now: datetime) -> None:
    forged = PhaseChange(id=uuid7(now), at=now, after="off", by="0", reason="forged")
    if connection.vendor == "postgresql":
        forged.tx = PhaseChange.objects.get(pk=rows[4].pk).tx
        forged.save()
    else:
        # A free rowid among sealed ones: below the first.
        forged.save()
        tamper("UPDATE crm_assist_phasechange SET rowid = -1 WHERE id = %s", forged.pk)
    assert found() == [("inserted", "phasechange", str(forged.pk))]


def test_verify__two_rows_that_changed_places__are_named(rows: list[PhaseChange], tamper: Tamper) -> None:
    first, second = rows[1], rows[7]
    places = {row.pk: place_of(row.pk) for row in (first, second)}
    for row, place in ((first, -5), (second, places[first.pk]), (first, places[second.pk])):
        tamper(f"UPDATE crm_assist_phasechange SET {PLACE} = {place} WHERE id = %s", row.pk)
    assert found() == [("reordered", *row_at(rows, 1)), ("reordered", *row_at(rows, 7))]


def test_verify__swapped_within_one_seal__is_named(rows: list[PhaseChange], tamper: Tamper) -> None:
    first, second = rows[3], rows[4]
    place = place_of(first.pk), place_of(second.pk)
    if connection.vendor == "postgresql":
        # Within a transaction the order is that of the ids, which cannot change without changing the row.
        tamper("UPDATE crm_assist_phasechange SET tx = tx - 1 WHERE id = %s", second.pk)
    else:
        for row_id, value in ((first.pk, -5), (second.pk, place[0]), (first.pk, place[1])):
            tamper(f"UPDATE crm_assist_phasechange SET rowid = {value} WHERE id = %s", row_id)
    assert [fault[0] for fault in found()] == ["reordered"]


def place_of(row_id: UUID) -> int:
    with connection.cursor() as cursor:
        key = row_id.hex if connection.vendor == "sqlite" else row_id
        cursor.execute(f"SELECT {PLACE} FROM crm_assist_phasechange WHERE id = %s", [key])
        return int(cursor.fetchone()[0])


def test_verify__emptied_table__is_one_fault(rows: list[PhaseChange], tamper: Tamper) -> None:
    tamper("DELETE FROM crm_assist_phasechange")
    assert found() == [("truncated", "phasechange", "-")]


@pytest.mark.parametrize("column", ["rows", "low", "high"])
def test_verify__changed_seal__is_named(rows: list[PhaseChange], tamper: Tamper, column: str) -> None:
    tamper(f'UPDATE crm_assist_seal SET "{column}" = "{column}" + 1 WHERE sequence = 2')
    assert found() == [("changed", "seal", "2")]


def test_verify__seal_dated_anew__is_named(rows: list[PhaseChange], tamper: Tamper) -> None:
    tamper("UPDATE crm_assist_seal SET at = %s WHERE sequence = 2", "2020-01-01 00:00:00+00:00")
    assert found() == [("changed", "seal", "2")]


def test_verify__damaged_entries__are_named_and_the_rest_is_checked(rows: list[PhaseChange], tamper: Tamper) -> None:
    tamper("UPDATE crm_assist_seal SET entries = 'lost' WHERE sequence = 2")
    tamper("DELETE FROM crm_assist_phasechange WHERE id = %s", rows[7].pk)
    assert found() == [("changed", "seal", "2"), ("missing", *row_at(rows, 7))]


def test_verify__seal_rewritten_with_a_new_hash__breaks_the_chain(rows: list[PhaseChange], tamper: Tamper) -> None:
    """Who changes a row and seals it anew would have to rewrite every later link too."""
    tamper("UPDATE crm_assist_phasechange SET reason = 'x' WHERE id = %s", rows[4].pk)
    link = Seal.objects.get(sequence=2)
    entries = parse_entries(link.entries)
    assert entries is not None
    row = PhaseChange.objects.get(pk=rows[4].pk)
    link.entries = link.entries.replace(entries[1].hash, row_hash(row))
    tamper("UPDATE crm_assist_seal SET entries = %s, hash = %s WHERE sequence = 2", link.entries, seal_hash(link))
    assert found() == [("reordered", "seal", "3")]


def test_verify__removed_link__is_named_and_its_rows_are_not_taken_for_forged(
    rows: list[PhaseChange], tamper: Tamper
) -> None:
    tamper("DELETE FROM crm_assist_seal WHERE sequence = 2")
    assert found() == [("missing", "seal", "2")]


def test_verify__chain_cut_at_its_beginning__is_named(rows: list[PhaseChange], tamper: Tamper) -> None:
    tamper("DELETE FROM crm_assist_seal WHERE sequence < 3")
    assert found() == [("truncated", "seal", "1-2")]


def test_verify__chain_cut_at_its_end__shows_against_a_head_kept_elsewhere(
    rows: list[PhaseChange], tamper: Tamper, now: datetime
) -> None:
    head = head_of("")
    assert head.startswith("3:")
    assert found(tenant="", head=head) == []
    tamper("DELETE FROM crm_assist_seal WHERE sequence = 3")
    assert found() == []
    assert found(tenant="", head=head) == [("truncated", "seal", "3")]
    list(seal_all(tenant="", now=now.replace(year=2027)))
    assert found(tenant="", head=head) == [("changed", "seal", "3")]


def test_verify__one_tenant__leaves_the_others_alone(
    rows: list[PhaseChange], log: Callable[..., list[PhaseChange]], tamper: Tamper, now: datetime
) -> None:
    log(2, tenant="north")
    seal(tenant="north", now=now)
    tamper("DELETE FROM crm_assist_phasechange WHERE id = %s", rows[0].pk)
    assert found(tenant="north") == []
    assert found(tenant="") == found() == [("missing", *row_at(rows, 0))]


def test_verify__many_faults_in_several_tables__are_all_named(
    rows: list[PhaseChange], new_decision: Callable[..., Decision], tamper: Tamper, now: datetime
) -> None:
    decisions = [record(new_decision(id=uuid7(now)), {"n": n}) for n in range(3)]
    seal(tenant="", now=now)
    tamper("UPDATE crm_assist_decision SET probability = 0.9 WHERE id = %s", decisions[0].pk)
    tamper("DELETE FROM crm_assist_decision WHERE id = %s", decisions[1].pk)
    tamper("UPDATE crm_assist_phasechange SET percent = 1 WHERE id = %s", rows[0].pk)
    assert sorted(found()) == sorted(
        [
            ("changed", "decision", str(decisions[0].pk)),
            ("missing", "decision", str(decisions[1].pk)),
            ("changed", *row_at(rows, 0)),
        ]
    )


def test_verify__fault__says_what_is_wrong_in_words(rows: list[PhaseChange], tamper: Tamper) -> None:
    tamper("DELETE FROM crm_assist_phasechange WHERE id = %s", rows[0].pk)
    [fault] = verify()
    assert str(fault) == (f"missing crm_assist.phasechange {rows[0].pk} (tenant ''): seal 1 has it, the table does not")
