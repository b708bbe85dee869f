"""The log parted by month and plain again: nothing is lost, and nothing is left over."""

from __future__ import annotations

import io
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.db import IntegrityError, connection, connections, transaction
from django.db.migrations import Migration
from django.utils import timezone

from crm_assist.decisions.models import Decision
from crm_assist.journal import guards, parting, rebuild
from crm_assist.journal.briefly import briefly
from crm_assist.journal.ids import uuid7
from crm_assist.journal.models import Payload
from crm_assist.journal.parts import Month, is_parted, parts_of
from crm_assist.journal.settled import select
from crm_assist.journal.table_shape import PartsError
from crm_assist.journal.writer import record
from tests.journal.parted import MONTHS, NOW, decided, owner_does, partition, relations, someone

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.xdist_group("parted")]
TABLES = ["crm_assist_payload", "crm_assist_decision"]


@pytest.fixture(autouse=True)
def plain_again() -> Iterator[None]:
    """Whatever a test leaves behind, the next one finds plain tables."""
    yield
    partition("unpartition")


def contents() -> tuple[list[Any], list[Any]]:
    return list(Decision.objects.order_by("id").values()), list(Payload.objects.order_by("row_id").values())


def shape() -> list[tuple[str, str]]:
    """Columns, constraints and indexes as the catalog has them."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT conname, pg_get_constraintdef(oid) FROM pg_constraint WHERE conrelid = ANY(%s::regclass[]) "
            "UNION ALL SELECT indexname, replace(indexdef, ' ON ONLY ', ' ON ') FROM pg_indexes "
            "WHERE tablename = ANY(%s) "
            "UNION ALL SELECT attname, format('%%s %%s %%s', atttypid::regtype, attnotnull, attnum) FROM pg_attribute "
            "WHERE attrelid = ANY(%s::regclass[]) AND attnum > 0 ORDER BY 1, 2",
            [TABLES] * 3,
        )
        return list(cursor.fetchall())


def test_partition__months_of_rows__each_in_its_own_and_all_there() -> None:
    decided()
    before, plain, names = contents(), shape(), relations()
    partition()
    assert contents() == before
    months = {part.month for part in parts_of("default", TABLES) if part.table == "crm_assist_payload"}
    last = Month.of(timezone.now()).later(3)
    assert months == {None, *Month(year=2025, month=12).upto(last)}
    for month, rows in (("y2025m12", 3), ("y2026m01", 3), ("rest", 0)):
        with connection.cursor() as cursor:
            for table in TABLES:
                cursor.execute(f"SELECT count(*) FROM {table}_{month}")
                assert cursor.fetchone() == (rows,)
    assert [one for one in shape() if "brin" not in one[0]] == plain
    assert not [name for name in relations() if "_next" in name or "_copy" in name]
    assert guards.missing("default") == []
    partition("unpartition")
    assert contents() == before
    assert (shape(), relations()) == (plain, names)
    assert guards.missing("default") == []


def test_partition__done_before__changes_nothing() -> None:
    decided()
    partition()
    before = relations()
    partition()
    assert relations() == before
    told = io.StringIO()
    call_command("crm_assist_log", "status", stdout=told)
    assert f"crm_assist_payload: by month, 2025-12 to {Month.of(timezone.now()).later(3)}" in told.getvalue()
    partition("unpartition")
    told = io.StringIO()
    call_command("crm_assist_log", "unpartition", stdout=told)
    assert "crm_assist_payload: is plain" in told.getvalue()


def test_partition__dry_run__says_what_it_would_do_and_changes_nothing() -> None:
    decided()
    before, told = relations(), io.StringIO()
    call_command("crm_assist_log", "partition", dry_run=True, stdout=told)
    assert relations() == before
    assert "crm_assist_decision: about" in told.getvalue()
    assert "2025-12 to" in told.getvalue()


def test_make_ahead__months_missed__are_made_and_rows_find_their_own() -> None:
    partition(months_ahead=1)
    late = Month.of(timezone.now()).later(2).start
    decided([late])
    assert parting.wanting("default", [Decision, Payload], now=timezone.now()) == [
        "crm_assist_decision_rest",
        "crm_assist_payload_rest",
    ]
    before = contents()
    for model in (Decision, Payload):
        made = parting.make_ahead("default", model, now=late, ahead=1)
        assert made == [Month.of(late), Month.of(late).later()]
    assert contents() == before
    assert parting.wanting("default", [Decision, Payload], now=late) == []
    assert guards.missing("default") == []


def test_wanting__next_month_missing__is_said() -> None:
    partition(months_ahead=1)
    later = Month.of(timezone.now()).later().start + timedelta(days=1)
    assert parting.wanting("default", [Payload], now=later) == [f"crm_assist_payload {Month.of(later).later()}"]
    assert parting.wanting("default", [], now=later) == []


def test_part__cut_off_and_gone_on_with__copies_what_is_written_and_erased_meanwhile() -> None:
    rows = decided(each=10)
    steps = parting.part("default", Payload, now=NOW, rows=7)
    for _step in range(4):
        next(steps)
    steps.close()
    assert rebuild.unfinished("default", "crm_assist_payload") is not None
    Payload.objects.filter(pk=rows[0].pk).update(body=None, erased_at=NOW)
    Payload.objects.filter(pk=rows[-1].pk).update(body=None, erased_at=NOW)
    decided([MONTHS[0], NOW], each=2)
    before = contents()
    told = [step.note for step in parting.part("default", Payload, now=NOW, rows=7)]
    assert told[0] == "is copied, from where it ended"
    assert contents() == before
    assert is_parted("default", "crm_assist_payload")


def test_unpart__copy_that_was_begun__is_taken_back() -> None:
    decided()
    before, names = contents(), relations()
    next(parting.part("default", Payload, now=NOW))
    told = io.StringIO()
    call_command("crm_assist_log", "status", stdout=told)
    assert "crm_assist_payload: a copy of it is not finished" in told.getvalue()
    partition("unpartition")
    assert (contents(), relations()) == (before, names)


def test_part__copy_that_was_tampered_with__is_thrown_away_and_the_log_is_as_it_was() -> None:
    decided()
    before = contents()
    steps = parting.part("default", Payload, now=NOW)
    next(steps)
    next(steps)
    owner_does(
        "DELETE FROM crm_assist_payload_next WHERE row_id = (SELECT min(row_id::text)::uuid FROM crm_assist_payload)"
    )
    with pytest.raises(PartsError, match="differ in 1 rows"):
        list(steps)
    assert contents() == before
    assert rebuild.unfinished("default", "crm_assist_payload") is None


def test_migrate__copy_half_made__is_taken_back_before_columns_change() -> None:
    decided()
    next(parting.part("default", Payload, now=NOW))
    for app, left in (("other", True), ("crm_assist", False)):
        rebuild.abandon_before_migrate(using="default", plan=[(Migration("0002_later", app), False)])
        assert (rebuild.unfinished("default", "crm_assist_payload") is not None) == left
    assert Payload.objects.count() == 12


def test_partition__things_hang_on_the_table__are_named() -> None:
    owner_does("CREATE VIEW of_mine AS SELECT id FROM crm_assist_decision")
    try:
        with pytest.raises(CommandError, match="view of_mine"):
            partition()
    finally:
        owner_does("DROP VIEW of_mine")


def test_record__parted_log__writes_both_and_refuses_the_same_id_again() -> None:
    partition()
    subject = someone()
    given = {"subject_id": subject.pk, "agent_key": "7", "phase": "score", "admission": "team", "code_version": "1"}
    row = record(Decision(id=uuid7(NOW), at=NOW, **given), {"a": 1})
    assert Payload.objects.filter(pk=row.pk).exists()
    with pytest.raises(IntegrityError), transaction.atomic():
        record(Decision(id=row.pk, at=NOW, **given), {"a": 2})


def test_dated__one_month_of_a_parted_log__is_read_alone() -> None:
    decided()
    partition()
    january = Month(year=2026, month=1)
    rows = Decision.objects.dated(january.start, january.later().start)
    assert rows.count() == 3
    plan = rows.explain()
    assert "crm_assist_decision_y2026m01" in plan
    assert "y2025m12" not in plan
    assert "y2026m02" not in plan
    with connection.cursor() as cursor:
        selection = select(Decision, tenant="", since=january.start, until=january.later().start)
        where, values = selection.where()
        cursor.execute(f"EXPLAIN SELECT * FROM crm_assist_decision WHERE {where}", values)
        assert "y2026m02" not in str(cursor.fetchall())
    assert selection.count() == 3


def test_briefly__somebody_reads_all_the_time__gives_way_and_says_so() -> None:
    other, pauses = connections.create_connection("default"), list[float]()
    try:
        other.set_autocommit(False)
        with other.cursor() as cursor:
            cursor.execute("SELECT count(*) FROM crm_assist_payload")
        with connection.cursor() as cursor:
            cursor.execute("SELECT current_user, current_setting('lock_timeout')")
            before = cursor.fetchone()
        with pytest.raises(PartsError, match="crm_assist_payload is in use without a pause"):
            briefly("default", _lock, owner=before[0], about="crm_assist_payload", tries=3, sleep=pauses.append)
        assert len(pauses) == 2
    finally:
        other.rollback()
        other.close()
    with transaction.atomic():
        briefly("default", _lock, owner=before[0], about="crm_assist_payload", tries=1)
        with connection.cursor() as cursor:
            cursor.execute("SELECT current_user, current_setting('lock_timeout')")
            assert cursor.fetchone() == before


def _lock(cursor: Any) -> None:
    cursor.execute("LOCK TABLE crm_assist_payload IN ACCESS EXCLUSIVE MODE")
