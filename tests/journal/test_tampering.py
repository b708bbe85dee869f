"""The table of tampering: what an owner of the tables may do, and by which kind and row `verify` names it.

Each case is done to the same log: three seals of three decisions each, with payloads and a signed head per seal.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from uuid import UUID

import pytest
from django.db import connection

from crm_assist import flow
from crm_assist.decisions.models import Decision
from crm_assist.journal.faults import Tally
from crm_assist.journal.hashing import seal_hash
from crm_assist.journal.heads_check import HeadsCheck
from crm_assist.journal.ids import uuid7
from crm_assist.journal.models import Seal
from crm_assist.journal.sealing import seal, seal_all
from crm_assist.journal.verify import verify
from crm_assist.journal.writer import record

Tamper = Callable[..., None]
pytestmark = pytest.mark.django_db(transaction=True)
ON_POSTGRESQL = connection.vendor == "postgresql"
PLACE = "tx" if ON_POSTGRESQL else "rowid"


@dataclass(frozen=True, kw_only=True, slots=True)
class World:
    """A sealed log, what may be done to it, and the file of its heads."""

    rows: list[Decision]
    tamper: Tamper
    heads: Path
    now: datetime
    write: Callable[[datetime], Decision]

    def set(self, row: int, change: str, *values: object, table: str = "decision", key: str = "id") -> str:
        self.tamper(f"UPDATE crm_assist_{table} SET {change} WHERE {key} = %s", *values, self.rows[row].pk)
        return str(self.rows[row].pk)

    def place(self, row: int) -> int:
        with connection.cursor() as cursor:
            key: UUID | str = self.rows[row].pk if ON_POSTGRESQL else self.rows[row].pk.hex
            cursor.execute(f"SELECT {PLACE} FROM crm_assist_decision WHERE id = %s", [key])
            return int(cursor.fetchone()[0])

    def found(self, tally: Tally | None = None) -> list[tuple[str, str, str]]:
        check = HeadsCheck(path=self.heads, using="default")
        faults = verify(heads=check, tally=tally)
        return sorted((one.kind, one.table.removeprefix("crm_assist."), one.row_id) for one in faults)


@pytest.fixture
def world(new_decision: Callable[..., Decision], tamper: Tamper, tmp_path: Path, now: datetime) -> World:
    def write(at: datetime) -> Decision:
        return record(new_decision(id=uuid7(at), at=at), {"note": f"{at:%H:%M}"})

    rows, heads = [], tmp_path / "heads.jsonl"
    for link in range(3):
        rows += [write(now + timedelta(minutes=link)) for _ in range(3)]
        seal(tenant="", now=now + timedelta(minutes=link))
        flow.keep_heads(heads, now=now + timedelta(minutes=link))
    return World(rows=rows, tamper=tamper, heads=heads, now=now, write=write)


Faults = list[tuple[str, str, str]]


def change(world: World) -> Faults:
    return [("changed", "decision", world.set(4, "team = 'x'"))]


def backdate(world: World) -> Faults:
    return [("changed", "decision", world.set(4, "at = %s", "2020-01-01 00:00:00+00:00"))]


def delete(world: World) -> Faults:
    gone = str(world.rows[4].pk)
    world.tamper("DELETE FROM crm_assist_payload WHERE row_id = %s", world.rows[4].pk)
    world.tamper("DELETE FROM crm_assist_decision WHERE id = %s", world.rows[4].pk)
    return [("missing", "decision", gone)]


def insert(world: World) -> Faults:
    forged = world.write(world.now)
    place = world.place(4) if ON_POSTGRESQL else -1
    world.tamper(f"UPDATE crm_assist_decision SET {PLACE} = {place} WHERE id = %s", forged.pk)
    return [("inserted", "decision", str(forged.pk))]


def reorder(world: World) -> Faults:
    first, second = world.place(1), world.place(7)
    for row, place in ((1, -5), (7, first), (1, second)):
        world.set(row, f"{PLACE} = {place}")
    return sorted(("reordered", "decision", str(world.rows[row].pk)) for row in (1, 7))


def replace_payload(world: World) -> Faults:
    return [("changed", "payload", world.set(4, "body = '{}'", table="payload", key="row_id"))]


def empty_payload(world: World) -> Faults:
    moment = "2026-03-02 00:00:00+00:00"
    row = world.set(4, "body = NULL, erased_at = %s", moment, table="payload", key="row_id")
    return [("emptied", "payload", row)]


def exchange_payloads(world: World) -> Faults:
    """Each digest is that of some payload, but not of the one beside its row."""
    bodies = "SELECT body FROM crm_assist_payload WHERE row_id = %s"
    with connection.cursor() as cursor:
        found = []
        for row in (1, 2):
            cursor.execute(bodies, [world.rows[row].pk if ON_POSTGRESQL else world.rows[row].pk.hex])
            found.append(cursor.fetchone()[0])
    rows = [
        world.set(row, "body = %s", body, table="payload", key="row_id")
        for row, body in zip((1, 2), found[::-1], strict=True)
    ]
    return sorted(("changed", "payload", row) for row in rows)


def truncate(world: World) -> Faults:
    """The newest seal with all its rows and payloads: what stays is whole in itself, but not as the head says."""
    for row in world.rows[6:]:
        world.tamper("DELETE FROM crm_assist_payload WHERE row_id = %s", row.pk)
        world.tamper("DELETE FROM crm_assist_decision WHERE id = %s", row.pk)
    world.tamper("DELETE FROM crm_assist_seal WHERE sequence = 3")
    assert list(verify()) == []
    return [("truncated", "seal", "3")]


def write_anew(world: World) -> Faults:
    """A row changed and the chain from there on made again, as somebody can who has the database and the program."""
    world.set(4, "team = 'x'")
    world.tamper("DELETE FROM crm_assist_seal WHERE sequence > 1")
    list(seal_all(tenant="", now=world.now + timedelta(minutes=5)))
    assert list(verify()) == []
    return sorted([("changed", "seal", "2"), ("truncated", "seal", "3")])


def second_sealer(world: World) -> Faults:
    """A sealer elsewhere that goes on from the second seal, and whose link replaces the third."""
    fork = Seal.objects.get(sequence=3)
    fork.at += timedelta(seconds=30)
    fork.hash = seal_hash(fork)
    world.tamper("UPDATE crm_assist_seal SET at = %s, hash = %s WHERE sequence = 3", str(fork.at), fork.hash)
    assert list(verify()) == []
    return [("changed", "seal", "3")]


def date_anew_before_the_seal(world: World) -> Faults:
    """A row that is not sealed yet gets another date; its id still says the old one."""
    row = world.write(world.now + timedelta(hours=2))
    world.tamper("UPDATE crm_assist_decision SET at = %s WHERE id = %s", str(world.now), row.pk)
    seal(tenant="", now=world.now + timedelta(hours=2))
    return [("changed", "decision", str(row.pk))]


CASES = [
    change,
    backdate,
    delete,
    insert,
    reorder,
    replace_payload,
    exchange_payloads,
    empty_payload,
    truncate,
    write_anew,
    second_sealer,
    date_anew_before_the_seal,
]


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.__name__)
def test_tampering__is_found__by_its_kind_and_its_row(world: World, case: Callable[[World], Faults]) -> None:
    assert world.found() == []
    assert case(world) == world.found()


def test_clock__that_went_back__is_counted_and_no_fault(world: World) -> None:
    """Two rows and then a seal by a clock that is two hours behind; the next ones are right again."""
    behind = world.now - timedelta(hours=2)
    for _ in range(2):
        world.write(behind)
    seal(tenant="", now=behind)
    world.write(world.now + timedelta(minutes=9))
    seal(tenant="", now=world.now + timedelta(minutes=9))
    tally = Tally()
    assert world.found(tally) == []
    assert (tally.late, tally.ahead, tally.seals_back) == (2, 0, 1)


def test_clock__of_the_writer_ahead_of_the_sealers__is_counted_and_no_fault(world: World) -> None:
    world.write(world.now + timedelta(minutes=30))
    seal(tenant="", now=world.now + timedelta(minutes=10))
    tally = Tally()
    assert world.found(tally) == []
    assert (tally.late, tally.ahead, tally.seals_back) == (0, 1, 0)


def test_clock__rows_of_one_import__are_not_late(world: World) -> None:
    """They all bear the moment when it began, whatever was sealed meanwhile."""
    world.write(world.now - timedelta(minutes=50))
    seal(tenant="", now=world.now + timedelta(minutes=10))
    tally = Tally()
    assert world.found(tally) == []
    assert tally.late == 0
