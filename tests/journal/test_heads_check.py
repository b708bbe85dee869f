"""A file of heads against the log: what the database alone could not tell, and what was done to the file itself."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest

from crm_assist import flow
from crm_assist.journal.faults import Tally
from crm_assist.journal.hashing import parse_entries
from crm_assist.journal.heads_check import HeadsCheck
from crm_assist.journal.models import Seal
from crm_assist.journal.sealing import seal, seal_all
from crm_assist.journal.verify import verify
from crm_assist.rollout.models import PhaseChange

Log = Callable[..., list[PhaseChange]]
Tamper = Callable[..., None]
pytestmark = pytest.mark.django_db(transaction=True)
OTHER = "another secret of more than 32 characters"


@pytest.fixture
def heads(log: Log, tmp_path: Path, now: datetime) -> Path:
    """Three seals without a tenant and one of the north, with a head for each in the order of the seals."""
    path = tmp_path / "heads.jsonl"
    for number in range(3):
        log(2)
        seal(tenant="", now=now + timedelta(minutes=number))
        flow.keep_heads(path, now=now + timedelta(minutes=number))
    log(1, tenant="north")
    seal(tenant="north", now=now + timedelta(minutes=3))
    flow.keep_heads(path, now=now + timedelta(minutes=3))
    return path


def found(path: Path, **options: Any) -> list[tuple[str, str, str, str]]:
    """Kind, tenant, table and row of each fault."""
    check = HeadsCheck(path=path, using="default", tenant=options.get("tenant"))
    faults = verify(heads=check, **options)
    return [(one.kind, one.tenant, one.table.removeprefix("crm_assist."), one.row_id) for one in faults]


def sealed_in(sequence: int) -> UUID:
    """A row of the chain without a tenant that this seal covers."""
    entries = parse_entries(Seal.objects.get(tenant="", sequence=sequence).entries)
    assert entries
    return entries[0].row_id


def change_line(path: Path, number: int, old: str, new: str) -> None:
    pieces = path.read_text().splitlines(keepends=True)
    assert old in pieces[number - 1]
    pieces[number - 1] = pieces[number - 1].replace(old, new, 1)
    path.write_text("".join(pieces))


def drop_line(path: Path, *numbers: int) -> None:
    pieces = path.read_text().splitlines(keepends=True)
    path.write_text("".join(piece for place, piece in enumerate(pieces, start=1) if place not in numbers))


def test_heads__untouched__agree_with_every_chain(heads: Path) -> None:
    check = HeadsCheck(path=heads, using="default")
    assert list(verify(heads=check)) == []
    assert (check.lines, check.agreed, check.torn, check.starts_inside) == (4, {"": 3, "north": 1}, 0, False)
    assert check.last is not None
    assert (check.last.tenant, check.last.rows) == ("north", 1)


def test_keep__chain_that_did_not_grow__is_not_written_again(heads: Path, now: datetime) -> None:
    before = heads.read_bytes()
    assert flow.keep_heads(heads, now=now) == []
    assert heads.read_bytes() == before


def test_keep__within_one_tenant__leaves_the_others_out(heads: Path, log: Log, now: datetime) -> None:
    for tenant in ("", "north"):
        log(1, tenant=tenant)
        seal(tenant=tenant, now=now)
    assert [(head.tenant, head.sequence, head.rows) for head in flow.keep_heads(heads, now=now, tenants=[""])] == [
        ("", 4, 7)
    ]


def test_chain__cut_at_its_end__is_told_once_by_its_first_lost_seal(heads: Path, tamper: Tamper) -> None:
    tamper("DELETE FROM crm_assist_phasechange WHERE tenant = ''")
    tamper("DELETE FROM crm_assist_payload WHERE tenant = ''")
    tamper("DELETE FROM crm_assist_seal WHERE tenant = '' AND sequence > 1")
    assert ("truncated", "", "seal", "2") in found(heads)
    assert [one for one in found(heads) if one[2] == "seal"] == [("truncated", "", "seal", "2")]


def test_chain__gone_with_its_tenant__is_told(heads: Path, tamper: Tamper) -> None:
    for table in ("phasechange", "payload", "seal"):
        tamper(f"DELETE FROM crm_assist_{table} WHERE tenant = 'north'")
    assert list(verify()) == []
    assert found(heads) == [("truncated", "north", "seal", "1")]


def test_chain__written_anew__is_told_by_its_first_other_seal(heads: Path, tamper: Tamper, now: datetime) -> None:
    """The owner of the database changes a row and seals everything again: only the file knows."""
    tamper("UPDATE crm_assist_phasechange SET reason = 'x' WHERE id = %s", sealed_in(3))
    tamper("DELETE FROM crm_assist_seal WHERE tenant = '' AND sequence > 1")
    list(seal_all(tenant="", now=now))
    assert list(verify()) == []
    assert ("changed", "", "seal", "2") in found(heads)


@pytest.mark.parametrize(
    ("old", "new"), [('"sequence":2', '"sequence":9'), ('"rows":4', '"rows":5'), ('"hash":"', '"hash":"0'), ("{", "")]
)
def test_line__forged_or_malformed__is_named(heads: Path, old: str, new: str) -> None:
    change_line(heads, 2, old, new)
    assert ("changed", "", "head file", "line 2") in found(heads)


def test_line__signed_by_somebody_else__is_named(heads: Path, settings: Any) -> None:
    settings.CRM_ASSIST = {"SEAL_KEY": OTHER}
    assert [one[3] for one in found(heads) if one[2] == "head file" and one[0] == "changed"] == [
        f"line {number}" for number in (1, 2, 3, 4)
    ]


@pytest.mark.parametrize(("gone", "named"), [((2,), "line 2"), ((2, 3), "line 2")])
def test_line__taken_out__is_named_where_it_is_missing(heads: Path, gone: tuple[int, ...], named: str) -> None:
    drop_line(heads, *gone)
    assert found(heads) == [("missing", "", "head file", named)]


def test_line__put_at_another_place__is_named(heads: Path) -> None:
    first, second, *rest = heads.read_text().splitlines(keepends=True)
    heads.write_text("".join([second, first, *rest]))
    assert {one[:3] for one in found(heads)} == {("missing", "", "head file")}


def test_file__continued_after_it_was_moved_away__says_that_it_begins_inside(heads: Path) -> None:
    drop_line(heads, 1, 2)
    check = HeadsCheck(path=heads, using="default")
    assert list(verify(heads=check)) == []
    assert check.starts_inside


def test_file__without_a_head_of_a_tenant__is_told(heads: Path, log: Log, now: datetime) -> None:
    log(1, tenant="south")
    seal(tenant="south", now=now)
    assert found(heads) == [("missing", "south", "head file", "-")]
    assert found(heads, tenant="north") == []


def test_file__chain_that_began_after_its_last_line__is_no_fault(heads: Path, log: Log, now: datetime) -> None:
    log(1, tenant="south")
    seal(tenant="south", now=now + timedelta(hours=1))
    assert found(heads) == []


def test_file__empty__lacks_every_head(tmp_path: Path, heads: Path) -> None:
    empty = tmp_path / "empty"
    empty.touch()
    assert found(empty) == [("missing", "", "head file", "-"), ("missing", "north", "head file", "-")]


def test_line__cut_off_in_writing__is_no_fault_and_counted(heads: Path, log: Log, now: datetime) -> None:
    heads.write_bytes(heads.read_bytes()[:-50])
    check = HeadsCheck(path=heads, using="default", tenant="")
    assert list(verify(tenant="", heads=check)) == []
    assert (check.is_unfinished, check.torn) == (True, 0)
    flow.keep_heads(heads, now=now)
    check = HeadsCheck(path=heads, using="default")
    assert list(verify(heads=check)) == []
    assert (check.is_unfinished, check.torn, check.lines) == (False, 1, 5)


def test_since__seal__what_is_before_is_counted_and_not_looked_at(heads: Path, tamper: Tamper) -> None:
    tamper("UPDATE crm_assist_phasechange SET reason = 'x' WHERE id = %s", sealed_in(1))
    tally = Tally()
    assert list(verify(tenant="", since=3, tally=tally)) == []
    assert (tally.seals, tally.rows, tally.passed_over, tally.rows_passed_over) == (1, 2, 2, 4)
    assert [one.kind for one in verify(tenant="", since=1)] == ["changed"]
    assert found(heads, tenant="", since=3) == []


def test_since__moment__begins_with_the_first_seal_made_then(heads: Path, now: datetime) -> None:
    for moment, seals in ((now, 4), (now + timedelta(seconds=1), 3), (now + timedelta(days=1), 0)):
        tally = Tally()
        assert list(verify(since=moment, tally=tally)) == []
        assert (tally.seals, tally.passed_over) == (seals, 4 - seals)


def test_since__link_before_it_changed__is_named(heads: Path, tamper: Tamper) -> None:
    tamper("UPDATE crm_assist_seal SET rows = 3 WHERE tenant = '' AND sequence = 2")
    assert [(one.kind, one.row_id) for one in verify(tenant="", since=3)] == [("changed", "2")]


def test_since__rows_and_payloads_behind_it__are_looked_at(heads: Path, tamper: Tamper) -> None:
    row = sealed_in(3)
    tamper("DELETE FROM crm_assist_phasechange WHERE id = %s", row)
    assert [(one.kind, one.row_id) for one in verify(tenant="", since=3)] == [("missing", str(row))]
