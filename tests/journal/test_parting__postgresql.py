"""The log parted by month and plain again: nothing is lost, nothing is left over, and its guards hold on every part."""

from __future__ import annotations

import io
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.db import IntegrityError, connection, transaction
from django.db.migrations import Migration
from django.utils import timezone

from crm_assist import flow
from crm_assist.decisions.models import Decision
from crm_assist.journal import guards, parting, rebuild
from crm_assist.journal.ids import uuid7
from crm_assist.journal.models import DroppedMonth, Payload
from crm_assist.journal.parts import Month, is_parted, parts_of
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


@pytest.mark.parametrize("part", ["", "_y2026m01", "_y2026m03", "_rest"])
@pytest.mark.parametrize("table", TABLES)
def test_guard__parted_table_and_each_part__refuse_as_before(table: str, part: str) -> None:
    decided()
    partition()
    if part == "_rest":
        decided([datetime(1999, 5, 1, tzinfo=UTC)])
    for sql in (f"UPDATE {table}{part} SET tenant = 'x'", f"DELETE FROM {table}{part}", f"TRUNCATE {table}{part}"):
        with pytest.raises(IntegrityError, match="is append-only"), transaction.atomic():
            owner_does(sql)
    assert len(guards.expected("default")) > 3 * len(parts_of("default", TABLES))


def test_guard__off_or_gone_on_one_part__is_missed_and_comes_back() -> None:
    decided()
    partition()
    owner_does("ALTER TABLE crm_assist_payload_y2026m01 DISABLE TRIGGER crm_assist_no_delete")
    owner_does("DROP TRIGGER crm_assist_no_truncate ON crm_assist_decision_y2026m02")
    absent = {(guard.table, guard.name) for guard in guards.missing("default")}
    assert absent == {
        ("crm_assist_payload_y2026m01", "crm_assist_no_delete"),
        ("crm_assist_decision_y2026m02", "crm_assist_no_truncate"),
    }
    call_command("migrate", verbosity=0)
    assert guards.missing("default") == []
    with pytest.raises(IntegrityError, match="is append-only"), transaction.atomic():
        owner_does("DELETE FROM crm_assist_payload_y2026m01")


def test_guard__off_on_the_table__comes_back_with_its_parts() -> None:
    partition()
    owner_does("ALTER TABLE crm_assist_payload DISABLE TRIGGER crm_assist_no_delete")
    owner_does("DROP TRIGGER crm_assist_no_delete ON crm_assist_decision")
    assert guards.install("default")
    assert guards.missing("default") == []


def test_erase__payload_in_a_part__is_emptied_as_in_a_plain_table() -> None:
    row = decided()[0]
    partition()
    assert Payload.objects.filter(pk=row.pk).update(body=None, erased_at=NOW) == 1


def test_flush__parted_log__is_emptied_and_guarded_again() -> None:
    decided()
    partition()
    call_command("flush", interactive=False, verbosity=0)
    assert not Decision.objects.exists()
    assert is_parted("default", "crm_assist_payload")
    assert guards.missing("default") == []


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


def test_partition__rights_of_others__come_along() -> None:
    owner_does("DROP ROLE IF EXISTS crm_assist_reader")
    owner_does("CREATE ROLE crm_assist_reader")
    owner_does("GRANT SELECT ON crm_assist_decision TO crm_assist_reader")
    try:
        partition()
        with connection.cursor() as cursor:
            cursor.execute("SELECT has_table_privilege('crm_assist_reader', 'crm_assist_decision', 'SELECT')")
            assert cursor.fetchone() == (True,)
    finally:
        owner_does("DROP OWNED BY crm_assist_reader")
        owner_does("DROP ROLE crm_assist_reader")


def test_partition__role_that_does_not_own_the_table__is_told_who_does() -> None:
    owner_does("DROP ROLE IF EXISTS crm_assist_stranger")
    owner_does("CREATE ROLE crm_assist_stranger")
    owner_does("GRANT SELECT ON ALL TABLES IN SCHEMA public TO crm_assist_stranger")
    try:
        with transaction.atomic():
            owner_does("SET LOCAL ROLE crm_assist_stranger")
            with pytest.raises(CommandError, match=r"belongs to role .*, and crm_assist_stranger may not act for it"):
                partition()
    finally:
        owner_does("DROP OWNED BY crm_assist_stranger")
        owner_does("DROP ROLE crm_assist_stranger")


def test_record__parted_log__writes_both_and_refuses_the_same_id_again() -> None:
    partition()
    subject = someone()
    given = {"subject_id": subject.pk, "agent_key": "7", "phase": "score", "admission": "team", "code_version": "1"}
    row = record(Decision(id=uuid7(NOW), at=NOW, **given), {"a": 1})
    assert Payload.objects.filter(pk=row.pk).exists()
    with pytest.raises(IntegrityError), transaction.atomic():
        record(Decision(id=row.pk, at=NOW, **given), {"a": 2})


@contextmanager
def web_role() -> Iterator[None]:
    """A role that may read and write, as web processes have it, and owns nothing."""
    owner_does("DROP ROLE IF EXISTS crm_assist_web")
    owner_does("CREATE ROLE crm_assist_web")
    owner_does("GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA public TO crm_assist_web")
    owner_does("GRANT USAGE ON ALL SEQUENCES IN SCHEMA public TO crm_assist_web")
    owner_does("SET ROLE crm_assist_web")
    try:
        yield
    finally:
        owner_does("RESET ROLE")
        owner_does("DROP OWNED BY crm_assist_web")
        owner_does("DROP ROLE crm_assist_web")


def test_web_role__while_the_log_is_copied_and_after__writes_and_looks_as_before() -> None:
    decided()
    steps = parting.part("default", Payload, now=NOW)
    next(steps)
    with web_role():
        decided([NOW], each=2)
        owner_does("RESET ROLE")
        partition()
        owner_does("SET ROLE crm_assist_web")
        decided([NOW + timedelta(seconds=1), datetime(1999, 1, 1, tzinfo=UTC)], each=2)
        assert Payload.objects.count() == Decision.objects.count() == 18
        [months] = [one for one in flow.health(now=timezone.now()) if one.name == "months"]
        assert "crm_assist_payload_rest" in months.message
        assert parting.make_ahead("default", Payload, now=timezone.now(), ahead=1) == []
        with pytest.raises(PartsError, match="crm_assist_web may not act for it"):
            parting.make_ahead("default", Payload, now=timezone.now(), ahead=9)


def test_retain__role_that_may_not_drop__empties_row_by_row(settings: Any) -> None:
    settings.CRM_ASSIST = {"RETENTION_DAYS": 30}
    decided()
    partition()
    with web_role():
        list(flow.retain(now=NOW))
        assert not DroppedMonth.objects.exists()
        assert Payload.objects.filter(body=None).count() == 9
