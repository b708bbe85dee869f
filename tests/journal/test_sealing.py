from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.db import transaction

from crm_assist.customers.models import Subject
from crm_assist.decisions.models import Decision
from crm_assist.journal import sealing
from crm_assist.journal.hashing import parse_entries, row_hash, seal_hash
from crm_assist.journal.ids import uuid7
from crm_assist.journal.models import Seal
from crm_assist.journal.sealing import seal, seal_all, tenants, unsealed
from crm_assist.journal.verify import verify
from crm_assist.journal.writer import erase, record
from crm_assist.rollout.models import PhaseChange

Log = Callable[..., list[PhaseChange]]
pytestmark = pytest.mark.django_db(transaction=True)


def sealed_ids(tenant: str = "") -> list[Any]:
    """The ids of all sealed rows, in the order of the chain."""
    chain = Seal.objects.filter(tenant=tenant).order_by("sequence")
    return [entry.row_id for link in chain for entry in parse_entries(link.entries) or []]


def test_seal__rows_of_two_tables__are_in_it_with_their_hashes(
    log: Log, new_decision: Callable[..., Decision], now: datetime
) -> None:
    written = [*log(2), record(new_decision(), {"a": 1})]
    link = seal(tenant="", now=now)
    assert link is not None
    entries = parse_entries(link.entries)
    assert entries is not None
    assert {entry.row_id: entry.hash for entry in entries} == {row.pk: row_hash(row) for row in written}
    assert (link.sequence, link.rows, link.previous, link.at) == (1, 3, "", now)
    assert link.hash == seal_hash(Seal.objects.get())


def test_seal__nothing_new__makes_no_link(log: Log, now: datetime) -> None:
    assert seal(tenant="", now=now) is None
    log(1)
    assert seal(tenant="", now=now) is not None
    assert seal(tenant="", now=now) is None
    assert Seal.objects.count() == 1


def test_seal__more_rows_than_one_link_holds__goes_on_within_one_transaction(log: Log, now: datetime) -> None:
    written = log(7)
    links = [seal(tenant="", now=now, limit=3) for _ in range(4)]
    assert [link and link.rows for link in links] == [3, 3, 1, None]
    assert sealed_ids() == [row.pk for row in written]
    chain = list(Seal.objects.order_by("sequence"))
    assert [link.previous for link in chain] == ["", chain[0].hash, chain[1].hash]
    assert list(verify()) == []


def test_seal_all__rows_written_in_between__every_row_is_sealed_once(
    log: Log, now: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = log(3)
    assert len(list(seal_all(tenant="", now=now))) == 1
    second = [*log(2), *log(2)]
    assert len(list(seal_all(tenant="", now=now + timedelta(minutes=1)))) == 1
    assert sorted(sealed_ids()) == sorted(row.pk for row in [*first, *second])


def test_seal__two_tenants__have_a_chain_each(log: Log, now: datetime) -> None:
    north, south = log(2, tenant="north"), log(3, tenant="south")
    for tenant in tenants():
        seal(tenant=tenant, now=now)
    assert tenants() == ["north", "south"]
    assert sealed_ids("north") == [row.pk for row in north]
    assert sealed_ids("south") == [row.pk for row in south]
    assert set(Seal.objects.values_list("sequence", flat=True)) == {1}


def test_unsealed__rows_before_and_after_a_seal__are_counted_with_the_oldest(log: Log, now: datetime) -> None:
    assert (unsealed("").count, unsealed("").oldest) == (0, None)
    log(3)
    assert (unsealed("").count, unsealed("").oldest) == (3, now)
    seal(tenant="", now=now, limit=1)
    assert (unsealed("").count, unsealed("").oldest) == (2, now + timedelta(seconds=1))


def test_seal__row_with_an_earlier_id_written_later__is_sealed_in_its_turn(log: Log, now: datetime) -> None:
    early = PhaseChange(id=uuid7(now), at=now, after="off", by="9", reason="written late")
    later = log(2)
    seal(tenant="", now=now)
    record(early, None)
    seal(tenant="", now=now)
    assert sealed_ids() == [*(row.pk for row in later), early.pk]
    assert list(verify()) == []


def test_seal__rolled_back__leaves_the_chain_as_it_was(log: Log, now: datetime) -> None:
    log(2)
    with transaction.atomic():
        seal(tenant="", now=now)
        transaction.set_rollback(True)
    assert not Seal.objects.exists()
    link = seal(tenant="", now=now)
    assert link is not None
    assert (link.sequence, link.rows) == (1, 2)


def test_seal__erased_payloads__leave_the_chain_whole(
    log: Log, new_decision: Callable[..., Decision], now: datetime
) -> None:
    record(new_decision(), {"a": 1})
    seal(tenant="", now=now)
    Subject.objects.update(erased_at=now)
    assert erase([Subject.objects.get().pk], now=now) == 1
    assert list(verify()) == []


def test_rows_per_seal__default__bounds_a_link() -> None:
    assert sealing.ROWS_PER_SEAL == 5000
