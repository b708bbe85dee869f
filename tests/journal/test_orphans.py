"""Payloads that belong to no row are found, whoever verifies and however much at a time; rows that are gone are not."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from uuid import UUID, uuid4

import pytest
from django.db import router

from crm_assist import flow
from crm_assist.customers.models import Subject
from crm_assist.journal.faults import Fault, Tally
from crm_assist.journal.ids import uuid7
from crm_assist.journal.models import Payload, Seal
from crm_assist.journal.order import order_for
from crm_assist.journal.orphans import orphans
from crm_assist.journal.sealing import seal
from crm_assist.journal.verify import Passed, links, verify
from crm_assist.rollout.models import PhaseChange
from tests.story import BOSS

Log = Callable[..., list[PhaseChange]]
Tamper = Callable[..., None]
pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def rows(log: Log, now: datetime) -> list[PhaseChange]:
    """Nine rows in three seals."""
    written = []
    for _ in range(3):
        written += log(3)
        seal(tenant="", now=now)
    return written


def slip_in(row_id: UUID, tenant: str = "") -> str:
    Payload.objects.create(row_id=row_id, tenant=tenant, body="{}")
    return str(row_id)


def found(faults: Iterator[Fault]) -> list[tuple[str, str, str, str]]:
    return [(fault.kind, fault.tenant, fault.table, fault.row_id) for fault in faults]


def by_links(after: int = 0) -> Iterator[Fault]:
    """What somebody finds who verifies a link at a time and comes back for the next."""
    order = order_for(router.db_for_write(Seal), "")
    passed = 0
    for one in links(order, Tally(), after=after):
        if isinstance(one, Passed):
            passed = one.sequence
            break
        yield one
    if passed > after:
        yield from by_links(passed)


@pytest.mark.parametrize("walk", [verify, by_links], ids=["at once", "link by link"])
@pytest.mark.parametrize("days", [-400, 0, 400])
def test_verify__payload_without_a_row__is_named_wherever_it_lies(
    rows: list[PhaseChange], now: datetime, walk: Callable[[], Iterator[Fault]], days: int
) -> None:
    orphan = slip_in(uuid7(now + timedelta(days=days, seconds=1)))
    assert found(walk()) == [("inserted", "", "crm_assist.payload", orphan)]


@pytest.mark.parametrize("walk", [verify, by_links], ids=["at once", "link by link"])
def test_verify__random_id__is_named(rows: list[PhaseChange], walk: Callable[[], Iterator[Fault]]) -> None:
    orphans_ = sorted(slip_in(uuid4()) for _ in range(5))
    assert sorted(row_id for *_, row_id in found(walk())) == orphans_


@pytest.mark.parametrize("walk", [verify, by_links], ids=["at once", "link by link"])
def test_verify__sealed_row_that_is_gone__is_missing_and_its_payload_no_second_fault(
    rows: list[PhaseChange], tamper: Tamper, walk: Callable[[], Iterator[Fault]]
) -> None:
    tamper("DELETE FROM crm_assist_phasechange WHERE id = %s", rows[4].pk)
    assert found(walk()) == [("missing", "", "crm_assist.phasechange", str(rows[4].pk))]
    tamper("DELETE FROM crm_assist_phasechange")
    assert next(kind for kind, *_ in found(walk())) == "truncated"
    assert "inserted" not in {kind for kind, *_ in found(walk())}


def test_verify__row_removed_before_it_was_sealed__leaves_a_payload_that_tells(
    rows: list[PhaseChange], log: Log, tamper: Tamper
) -> None:
    [young] = log(1)
    assert found(verify()) == []
    tamper("DELETE FROM crm_assist_phasechange WHERE id = %s", young.pk)
    assert found(verify()) == [("inserted", "", "crm_assist.payload", str(young.pk))]


def test_verify__nothing_sealed__finds_it_all_the_same(log: Log, now: datetime) -> None:
    log(2)
    orphan = slip_in(uuid7(now))
    assert [row_id for *_, row_id in found(verify())] == [orphan]
    [checked] = flow.verify_log(BOSS)
    assert ([fault.row_id for fault in checked.faults], checked.step.done) == ([orphan], 0)


def test_verify__tenant__has_its_own_and_nobodys_tenant_is_told_too(
    rows: list[PhaseChange], log: Log, now: datetime
) -> None:
    log(1, tenant="north")
    mine, theirs, nobodys = slip_in(uuid7(now)), slip_in(uuid7(now), "north"), slip_in(uuid7(now), "zz")
    assert [row_id for *_, row_id in found(verify(tenant=""))] == [mine]
    assert [row_id for *_, row_id in found(verify(tenant="north"))] == [theirs]
    assert {(tenant, row_id) for _, tenant, _, row_id in found(verify())} == {
        ("", mine),
        ("north", theirs),
        ("zz", nobodys),
    }


def test_orphans__many__come_in_the_order_of_their_ids(now: datetime, subject: Subject) -> None:
    ids = sorted(uuid7(now + timedelta(seconds=number)) for number in range(1_100))
    Payload.objects.bulk_create([Payload(row_id=row_id, body="{}") for row_id in ids])
    using = router.db_for_write(Payload)
    assert [fault.row_id for fault in orphans(using)] == [str(row_id) for row_id in ids]
    stretch = orphans(using, after=ids[9], upto=ids[1000])
    assert [fault.row_id for fault in stretch] == [str(row_id) for row_id in ids[10:1001]]


def test_orphans__damaged_seal__is_passed_over(rows: list[PhaseChange], tamper: Tamper) -> None:
    tamper("UPDATE crm_assist_seal SET entries = 'lost' WHERE sequence = 2")
    tamper("DELETE FROM crm_assist_phasechange WHERE id = %s", rows[7].pk)
    assert found(orphans("default")) == []
