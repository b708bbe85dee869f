from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta, timezone
from uuid import UUID

import pytest

from crm_assist.decisions.models import Decision
from crm_assist.journal.hashing import (
    Entry,
    dump_entries,
    hash_of,
    hashed_columns,
    parse_entries,
    row_hash,
    seal_hash,
)
from crm_assist.journal.models import Seal
from crm_assist.journal.writer import record
from crm_assist.rollout.models import PhaseChange

NOW = datetime(2026, 3, 1, 9, 30, tzinfo=UTC)
CHANGE = {
    "id": UUID("019cb8a5-0000-7000-8000-000000000001"),
    "at": NOW,
    "team": "branch-1",
    "after": "score",
    "by": "9",
    "reason": "start",
}


def test_row_hash__known_row__is_frozen() -> None:
    """If this fails, every seal ever made fails too: never change the expected value."""
    row = PhaseChange(**CHANGE, schema=1, percent=100)
    assert row_hash(row) == "6595dd894cbebf88de411e27d9670a7bc27202638ca33251da5197f359e04de9"


def test_row_hash__row_read_back__is_that_of_the_row_written(new_decision: Callable[..., Decision], db: None) -> None:
    row = record(new_decision(), {"a": 1})
    stored = Decision.objects.get()
    assert row_hash(stored) == row_hash(row)
    values = Decision.objects.values("tx", *hashed_columns(Decision)).get()
    assert hash_of("crm_assist.decision", values) == row_hash(row)


@pytest.mark.parametrize("column", [name for name in hashed_columns(PhaseChange) if name not in ("id", "at")])
def test_row_hash__any_column_changed__differs(column: str) -> None:
    row = PhaseChange(**CHANGE)
    before = row_hash(row)
    setattr(row, column, 77)
    assert row_hash(row) != before


def test_hash_of__transaction_number_and_empty_columns__do_not_count() -> None:
    assert hash_of("a.b", {"id": 1, "tx": 5, "new": None, "other": ""}) == hash_of("a.b", {"id": 1, "tx": 6})


def test_hash_of__zero_and_false__do_count() -> None:
    hashes = {hash_of("a.b", values) for values in ({}, {"n": 0}, {"n": False}, {"n": 0.0}, {"m": 0})}
    assert len(hashes) == 5


def test_hash_of__same_moment_in_another_zone__is_the_same() -> None:
    there = NOW.astimezone(timezone(timedelta(hours=5)))
    assert hash_of("a.b", {"at": NOW}) == hash_of("a.b", {"at": there})


@pytest.mark.parametrize("name", ["tenant", "sequence", "low", "high", "rows", "entries", "previous"])
def test_seal_hash__any_part_changed__differs(name: str) -> None:
    seal = Seal(sequence=1, at=NOW, low=0, high=3, rows=3, entries="[]", previous="")
    before = seal_hash(seal)
    setattr(seal, name, "7")
    assert seal_hash(seal) != before


def test_parse_entries__dumped_entries__come_back() -> None:
    entries = [Entry(label="a.b", row_id=UUID(int=n), hash=str(n) * 64) for n in range(3)]
    assert parse_entries(dump_entries(entries)) == entries


@pytest.mark.parametrize("text", ["", "{}x", "[1]", '[["a","b"]]', '[["a","no uuid","c"]]', '[["a",5,"c"]]', "null"])
def test_parse_entries__damaged_text__is_none(text: str) -> None:
    assert parse_entries(text) is None
