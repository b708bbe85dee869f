from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.db import IntegrityError, connection, transaction
from django.test.utils import setup_test_environment, teardown_test_environment
from django.utils import timezone

from crm_assist.customers.models import Subject
from crm_assist.decisions.models import Decision, Response
from crm_assist.journal import guards
from crm_assist.journal.ids import uuid7
from crm_assist.journal.models import AppendOnlyError, Payload, Seal
from crm_assist.journal.tables import append_only_models, log_models
from crm_assist.journal.writer import record
from crm_assist.rollout.models import PhaseChange

NewDecision = Callable[..., Decision]


@pytest.fixture
def row(new_decision: NewDecision) -> Decision:
    return record(new_decision(), {"comment": "as it was"})


@pytest.fixture
def seal(now: datetime, db: None) -> Seal:
    return Seal.objects.create(sequence=1, at=now, low=0, high=0, rows=0, entries="[]", hash="0" * 64)


def refused(sql: str, *params: Any) -> None:
    """The statement raises IntegrityError and says why."""
    connection.check_constraints()
    with (
        pytest.raises(IntegrityError, match="is append-only"),
        transaction.atomic(),
        connection.cursor() as cursor,
    ):
        cursor.execute(sql, params or None)


def test_append_only_models__every_concrete_kind__is_among_them(db: None) -> None:
    assert {Decision, Response, PhaseChange} <= set(log_models())
    assert set(append_only_models("default")) == {*log_models(), Seal, Payload}


def test_save__row_in_the_log__raises(row: Decision) -> None:
    row.agent_key = "8"
    with pytest.raises(AppendOnlyError, match="in the log already"):
        row.save()
    with pytest.raises(AppendOnlyError):
        Decision.objects.get().save(update_fields=["agent_key"])


def test_delete__row_in_the_log__raises(row: Decision, seal: Seal) -> None:
    for written in (row, seal):
        with pytest.raises(AppendOnlyError):
            written.delete()
        with pytest.raises(AppendOnlyError):
            type(written).objects.all().delete()


def test_update__queryset_of_the_log__raises(row: Decision, seal: Seal) -> None:
    for model in (Decision, Seal):
        with pytest.raises(AppendOnlyError):
            model.objects.filter(tenant="").update(tenant="other")
    row.agent_key = "8"
    with pytest.raises(AppendOnlyError):
        Decision.objects.bulk_update([row], ["agent_key"])
    with pytest.raises(AppendOnlyError):
        Decision.objects.update_or_create(pk=row.pk, defaults={"agent_key": "8"})


def test_bulk_create__row_in_the_log__raises(row: Decision, new_decision: NewDecision) -> None:
    twin = new_decision(id=row.pk, agent_key="8")
    with pytest.raises(IntegrityError), transaction.atomic():
        Decision.objects.bulk_create([twin])
    for conflicts in (
        {"ignore_conflicts": True},
        {"update_conflicts": True, "unique_fields": ["id"], "update_fields": ["agent_key"]},
    ):
        with pytest.raises(AppendOnlyError):
            Decision.objects.bulk_create([twin], **conflicts)
    assert Decision.objects.get().agent_key == "7"


def test_save__second_row_with_the_same_id__raises(row: Decision, new_decision: NewDecision) -> None:
    with pytest.raises(IntegrityError), transaction.atomic():
        new_decision(id=row.pk, agent_key="8").save()


def test_guard__sql_on_every_kind_of_row__is_refused(row: Decision, now: datetime, seal: Seal) -> None:
    change = record(PhaseChange(at=now, after="score", by="9", reason="start"), None)
    for written in (row, change, seal):
        table = type(written)._meta.db_table
        refused(f"UPDATE {table} SET tenant = 'x'")
        refused(f"DELETE FROM {table}")
    assert Decision.objects.get().tenant == ""


def test_guard__every_table_of_the_log__has_its_guards(db: None) -> None:
    tables = {model._meta.db_table for model in (*log_models(), Seal, Payload)}
    assert {guard.table for guard in guards.expected("default")} == tables
    assert guards.missing("default") == []
    assert len(guards.expected("default")) == 3 * len(tables)


def test_guard__base_manager_and_raw_delete__are_refused(row: Decision) -> None:
    with pytest.raises(IntegrityError), transaction.atomic():
        Decision._base_manager.update(tenant="x")
    with pytest.raises(IntegrityError), transaction.atomic():
        Decision.objects.all()._raw_delete("default")


def test_guard__payload__may_be_erased_once_and_nothing_else(row: Decision, now: datetime) -> None:
    for change in (
        {"body": "{}"},
        {"body": None},
        {"erased_at": now},
        {"body": None, "erased_at": now, "tenant": "x"},
        {"body": None, "erased_at": now, "subject_id": 999},
        {"body": None, "erased_at": now, "row_id": uuid7(now)},
    ):
        with pytest.raises(IntegrityError), transaction.atomic():
            Payload.objects.filter(pk=row.pk).update(**change)
    refused("DELETE FROM crm_assist_payload")
    assert Payload.objects.filter(pk=row.pk).update(body=None, erased_at=now) == 1
    with pytest.raises(IntegrityError), transaction.atomic():
        Payload.objects.filter(pk=row.pk).update(body='{"other":1}', erased_at=None)
    with pytest.raises(IntegrityError), transaction.atomic():
        Payload.objects.filter(pk=row.pk).update(body=None, erased_at=now)


def test_guard__payload_of_today__is_emptied_only_with_its_customer(
    new_decision: NewDecision, subject: Subject
) -> None:
    now = timezone.now()
    row = record(new_decision(id=uuid7(now), at=now), {"comment": "as it was"})
    payload = Payload.objects.filter(pk=row.pk)
    if connection.vendor == "postgresql":
        # SQLite cannot tell: verification names what was emptied without an erasure.
        with pytest.raises(IntegrityError, match="is append-only"), transaction.atomic():
            payload.update(body=None, erased_at=now)
    Subject.objects.filter(pk=subject.pk).update(erased_at=now)
    assert payload.update(body=None, erased_at=now) == 1


def test_guard__payload_about_nobody__is_never_emptied(now: datetime, db: None) -> None:
    row = record(PhaseChange(at=now, after="score", by="9", reason="start"), {"note": "as it was"})
    with pytest.raises(IntegrityError, match="is append-only"), transaction.atomic():
        Payload.objects.filter(pk=row.pk).update(body=None, erased_at=now)


def test_guard__table_of_subjects__can_still_be_rebuilt(row: Decision) -> None:
    """A trigger on SQLite that named it would keep Django from ever altering it."""
    if connection.vendor == "sqlite":
        assert not [guard for guard in guards.expected("default") if Subject._meta.db_table in guard.sql]


def test_guard__insert_that_replaces__is_refused(row: Decision, seal: Seal) -> None:
    if connection.vendor == "postgresql":
        refused(
            "INSERT INTO crm_assist_payload (row_id, tenant, body) VALUES (%s, '', 'x') "
            "ON CONFLICT (row_id) DO UPDATE SET body = 'x'",
            row.pk,
        )
        refused("TRUNCATE crm_assist_decision")
        refused("TRUNCATE crm_assist_payload, crm_assist_seal")
        return
    columns = ", ".join(field.column for field in Seal._meta.concrete_fields if field.name != "id")
    for table in ("crm_assist_decision", "crm_assist_payload", "crm_assist_seal"):
        refused(f"REPLACE INTO {table} SELECT * FROM {table}")
    refused(f"REPLACE INTO crm_assist_seal ({columns}) SELECT {columns} FROM crm_assist_seal")
    refused(
        "REPLACE INTO crm_assist_payload (rowid, row_id, tenant, body) "
        "SELECT rowid, 'other', tenant, 'x' FROM crm_assist_payload"
    )


def test_install__disabled_or_dropped_guard__comes_back(row: Decision) -> None:
    guard = next(guard for guard in guards.expected("default") if guard.table == "crm_assist_decision")
    connection.check_constraints()
    with connection.cursor() as cursor:
        if connection.vendor == "sqlite":
            cursor.execute(f"DROP TRIGGER {guard.name}")
        else:
            cursor.execute(f"ALTER TABLE {guard.table} DISABLE TRIGGER {guard.name}")
    assert guards.missing("default") == [guard]
    assert guards.install("default") == [guard]
    assert guards.install("default") == []
    refused("UPDATE crm_assist_decision SET tenant = 'x'")


def test_lifted__test_database__has_no_guards_inside_and_all_of_them_after(row: Decision) -> None:
    with guards.lifted("default"):
        assert guards.missing("default") == guards.expected("default")
        Decision._base_manager.update(tenant="x")
    assert Decision.objects.get().tenant == "x"
    assert guards.missing("default") == []


def test_lifted__error_inside__guards_are_back(db: None) -> None:
    with pytest.raises(ZeroDivisionError), guards.lifted("default"):
        raise ZeroDivisionError
    assert guards.missing("default") == []


def _change_and_fail(row: Decision) -> None:
    with guards.lifted("default"):
        Decision._base_manager.update(tenant="x")
        record(Decision(id=row.pk, at=row.at, subject_id=row.subject_id), {})


def test_lifted__failed_statement_inside__guards_are_back(row: Decision) -> None:
    with pytest.raises(IntegrityError):
        _change_and_fail(row)
    assert Decision.objects.get().tenant == ""
    assert guards.missing("default") == []


@pytest.mark.parametrize("name", ["bank", "contest_bank", "/srv/test_bank/log.sqlite3"])
def test_lifted__any_other_database__is_refused(db: None, monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    monkeypatch.setitem(connection.settings_dict, "NAME", name)
    with pytest.raises(guards.GuardsKept, match="no test database"), guards.lifted("default"):
        pytest.fail("the block must not run")
    with pytest.raises(CommandError, match="drop the database"):
        call_command("flush", interactive=False, verbosity=0)


@pytest.mark.parametrize("name", ["test_bank", Path("/srv/test_bank.sqlite3")])
def test_lifted__database_that_is_merely_called_test__is_refused_outside_a_test_runner(
    db: None, monkeypatch: pytest.MonkeyPatch, name: str | Path
) -> None:
    monkeypatch.setitem(connection.settings_dict, "NAME", name)
    teardown_test_environment()
    try:
        with pytest.raises(CommandError, match=f"“{name}” holds an append-only log"):
            call_command("flush", interactive=False, verbosity=0)
    finally:
        setup_test_environment()
    assert guards.missing("default") == []


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("turn", [1, 2])
def test_flush__transactional_test__empties_the_log_and_the_guards_are_back(turn: int, now: datetime) -> None:
    assert not PhaseChange.objects.exists()
    record(PhaseChange(at=now, after="score", by="9", reason="start"), {"turn": turn})
    call_command("flush", interactive=False, verbosity=0)
    assert not PhaseChange.objects.exists()
    assert not Payload.objects.exists()
    record(PhaseChange(at=now, after="score", by="9", reason="start"), {"turn": turn})
    assert guards.missing("default") == []
    refused("DELETE FROM crm_assist_phasechange")


@pytest.mark.django_db(transaction=True)
def test_install_after_migrate__table_rebuilt__guards_are_back(now: datetime) -> None:
    record(PhaseChange(at=now, after="score", by="9", reason="start"), None)
    if connection.vendor == "sqlite":
        with connection.schema_editor() as editor:
            editor._remake_table(PhaseChange)  # type: ignore[attr-defined]
        assert {guard.table for guard in guards.missing("default")} == {"crm_assist_phasechange"}
    call_command("migrate", verbosity=0)
    assert guards.missing("default") == []
    refused("DELETE FROM crm_assist_phasechange")
