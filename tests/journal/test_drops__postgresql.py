"""Months of payloads that retention dropped: what is held stays, what went is explained, and all else is found."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.core.management import call_command
from django.db import connection
from django.utils import timezone

from crm_assist import flow
from crm_assist.decisions.models import Decision
from crm_assist.flow.keeping import kept_from, retain
from crm_assist.flow.months import drop_months
from crm_assist.journal import guards
from crm_assist.journal.drops import drop, droppable
from crm_assist.journal.faults import Tally
from crm_assist.journal.ids import uuid7
from crm_assist.journal.models import DroppedMonth, Payload
from crm_assist.journal.parts import Month, parts_of
from crm_assist.journal.sealing import seal_all
from crm_assist.journal.verify import verify
from crm_assist.journal.writer import payload_of, record
from crm_assist.privacy import holds
from crm_assist.rollout.models import PhaseChange
from tests.journal.parted import MONTHS, NOW, decided, owner_does, partition, someone

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.xdist_group("parted")]
JANUARY = datetime(2026, 1, 10, tzinfo=UTC)


@pytest.fixture(autouse=True)
def plain_again() -> Iterator[None]:
    """Whatever a test leaves behind, the next one finds plain tables."""
    yield
    partition("unpartition")


@pytest.fixture(autouse=True)
def thirty_days(settings: Any) -> None:
    """Retention keeps a month: of now, all that is from before the middle of February goes."""
    settings.CRM_ASSIST = {"RETENTION_DAYS": 30}


def faults(**options: Any) -> list[tuple[str, str, str]]:
    for tenant in ("", "north"):
        list(seal_all(tenant=tenant, now=NOW + timedelta(hours=1)))
    found = verify(**{"kept_from": kept_from(NOW)} | options)
    return [(str(one.kind), one.table.split(".")[1], one.row_id) for one in found]


def kept() -> dict[str, int]:
    """How many payloads with a body there are, by month."""
    found: dict[str, int] = {}
    for row_id in Payload.objects.exclude(body=None).exclude(subject_id=None).values_list("row_id", flat=True):
        month = str(Month.of(row_id))
        found[month] = found.get(month, 0) + 1
    return found


def months_there() -> set[str]:
    parts = parts_of("default", ["crm_assist_payload"])
    return {str(part.month) for part in parts if part.month}


def test_retain__whole_months_past_retention__go_and_are_explained() -> None:
    decided()
    partition()
    assert faults() == []
    notes = [step.note for step in retain(now=NOW)]
    assert notes[:2] == ["payloads of 2025-12 dropped; 0 kept", "payloads of 2026-01 dropped; 0 kept"]
    assert kept() == {"2026-03": 3}
    assert months_there().isdisjoint({"2025-12", "2026-01"})
    told = DroppedMonth.objects.order_by("month").values_list("month", "payloads", "kept", "retention_days")
    assert list(told) == [("2025-12", 3, 0, 30), ("2026-01", 3, 0, 30)]
    tally = Tally()
    assert faults(tally=tally) == []
    assert (tally.dropped, tally.erased) == (6, 3)
    assert Decision.objects.count() == 12
    assert guards.missing("default") == []
    assert [step.note for step in retain(now=NOW)] == []


def test_retain__payloads_under_a_hold_and_about_nobody__are_kept_until_it_is_over() -> None:
    held, tenant = someone("7"), ""
    mine = decided([JANUARY], each=2, subject=held)
    decided(each=3)
    change = PhaseChange(id=uuid7(JANUARY), at=JANUARY, after="score", by="9", reason="start")
    record(change, {"note": "about nobody"})
    partition()
    hold = holds.place(tenant=tenant, subject=held, by="dpo", reason="Court file", now=NOW)
    list(retain(now=NOW + timedelta(seconds=1)))
    assert kept() == {"2026-01": 2, "2026-03": 3}
    assert payload_of(mine[0].pk) == {"note": str(mine[0].at)}
    assert payload_of(change.pk) == {"note": "about nobody"}
    assert DroppedMonth.objects.get(month="2026-01").kept == 3
    assert faults() == []
    assert guards.missing("default") == []
    owner_does("ALTER TABLE crm_assist_payload_y2026m01 DISABLE TRIGGER crm_assist_no_delete")
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM crm_assist_payload_y2026m01 WHERE row_id = %s", [mine[1].pk])
    guards.install("default")
    assert faults() == [("missing", "payload", str(mine[1].pk))]
    holds.lift(tenant=tenant, hold_id=hold.pk, by="dpo", reason="settled", now=NOW + timedelta(seconds=2))
    list(retain(now=NOW + timedelta(seconds=3)))
    assert kept() == {"2026-03": 3}
    assert payload_of(change.pk) == {"note": "about nobody"}


def test_retain__most_of_a_month_is_held__is_emptied_row_by_row() -> None:
    decided([JANUARY], each=5, subject=someone("7"))
    decided([JANUARY], each=2)
    partition()
    holds.place(tenant="", subject=someone("7"), by="dpo", reason="Court file", now=NOW)
    list(retain(now=NOW + timedelta(seconds=1)))
    assert not DroppedMonth.objects.exists()
    assert kept() == {"2026-01": 5}
    assert faults() == []


def test_retain__two_tenants__each_has_its_own_record() -> None:
    decided([JANUARY], each=2)
    decided([JANUARY], each=3, subject=someone("8", "north"))
    partition()
    list(retain(now=NOW))
    told = set(DroppedMonth.objects.values_list("tenant", "payloads"))
    assert told == {("", 2), ("north", 3)}
    assert faults() == []


def test_verify__part_dropped_without_a_record__is_one_fault_and_not_many() -> None:
    decided(each=20)
    partition()
    assert faults() == []
    owner_does("DROP TABLE crm_assist_payload_y2026m01")
    assert faults() == [("missing", "payload", "2026-01")]
    owner_does("DROP TABLE crm_assist_decision_y2026m02")
    assert faults() == [("missing", "payload", "2026-01"), ("missing", "decision", "2026-02")]
    owner_does("ALTER TABLE crm_assist_payload DETACH PARTITION crm_assist_payload_y2026m03")
    assert ("missing", "payload", "2026-03") in faults()
    owner_does("DROP TABLE crm_assist_payload_y2026m03")


def test_verify__one_payload_gone_from_a_part__is_named_itself() -> None:
    rows = decided()
    partition()
    with guards.lifted("default"):
        Payload._base_manager.filter(pk=rows[4].pk).delete()
    assert faults() == [("missing", "payload", str(rows[4].pk))]


def test_verify__record_that_was_forged__explains_nothing() -> None:
    decided()
    partition()
    list(drop_months(now=NOW, before=kept_from(NOW), after="", done=0))
    assert faults() == []
    with guards.lifted("default"):
        record_ids = list(DroppedMonth.objects.filter(month="2026-01").values_list("pk", flat=True))
        Payload._base_manager.filter(pk__in=record_ids).update(body='{"kept":[]}')
    assert ("missing", "payload", "2026-01") in faults()


def test_verify__retention_longer_than_when_the_month_was_dropped__says_so_once(settings: Any) -> None:
    decided()
    partition()
    list(retain(now=NOW))
    settings.CRM_ASSIST = {"RETENTION_DAYS": 0}
    emptied = [fault for fault in faults() if fault[2] in ("2025-12", "2026-01")]
    assert emptied == [("emptied", "payload", "2025-12"), ("emptied", "payload", "2026-01")]


def test_retain__plain_log__empties_as_before() -> None:
    decided()
    list(retain(now=NOW))
    assert not DroppedMonth.objects.exists()
    assert kept() == {"2026-03": 3}
    assert faults() == []


def test_unpartition__months_were_dropped__is_still_explained() -> None:
    decided()
    partition()
    list(retain(now=NOW))
    partition("unpartition")
    assert faults() == []
    assert len(MONTHS) == 4


def test_broken__month_dropped_over_a_hold__says_how_many_it_covered() -> None:
    """As a drop would that looked for no holds."""
    held = someone("7")
    decided([JANUARY], each=2, subject=held)
    decided(each=2)
    partition()
    place = {"tenant": "", "by": "dpo", "reason": "Court file"}
    period = {"rows_from": JANUARY - timedelta(days=1), "rows_until": JANUARY + timedelta(days=1)}
    holds.place(subject=held, now=NOW, **place)
    holds.place(subject=None, now=NOW, **period, **place)
    [december, january] = droppable(before=kept_from(NOW) or NOW)
    later = NOW + timedelta(minutes=1)
    for part in (december, january):
        assert drop(part, kept=None, retention_days=30, now=later) is not None
    found = list(holds.broken(tenant=None, now=NOW + timedelta(days=1)))
    assert [(str(one.kind), one.row_id, one.message[:21]) for one in found] == [
        ("emptied", "2026-01", "2 payloads were dropp"),
        ("emptied", "2026-01", "2 payloads were dropp"),
    ]
    holds.place(subject=held, now=later + timedelta(minutes=1), **place)
    assert len(list(holds.broken(tenant=None, now=NOW + timedelta(days=1)))) == 2


def test_retain_command__nothing_to_keep_for__makes_months_ahead(settings: Any) -> None:
    settings.CRM_ASSIST = {"RETENTION_DAYS": 0}
    partition(months_ahead=1)
    call_command("crm_assist_retain")
    for table in ("crm_assist_payload", "crm_assist_decision"):
        months = {part.month for part in parts_of("default", [table])}
        assert Month.of(timezone.now()).later(3) in months


def test_health__month_missing_or_rows_in_none__is_said() -> None:
    partition(months_ahead=1)
    [months] = [one for one in flow.health(now=timezone.now()) if one.name == "months"]
    assert (months.ok, months.needed) == (True, False)
    soon = Month.of(timezone.now()).later().start
    [months] = [one for one in flow.health(now=soon) if one.name == "months"]
    assert not months.ok
    assert f"crm_assist_payload {Month.of(soon).later()}" in months.message
    decided([datetime(1999, 1, 1, tzinfo=UTC)])
    [months] = [one for one in flow.health(now=timezone.now()) if one.name == "months"]
    assert "crm_assist_decision_rest" in months.message
