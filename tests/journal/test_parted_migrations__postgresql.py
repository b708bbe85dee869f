"""Migrations of later versions, and a backup, on tables that are parted by month."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from django.apps import apps
from django.core.management import call_command
from django.db import connection, models
from django.db.migrations import AddField, AddIndex, AlterField, RemoveField, RemoveIndex, RenameField
from django.db.migrations.state import ProjectState

from crm_assist.journal import guards
from crm_assist.journal.models import Payload
from crm_assist.journal.parts import is_parted
from tests.journal.parted import decided, partition

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.xdist_group("parted")]


@pytest.fixture(autouse=True)
def parted() -> Iterator[None]:
    """Rows in parted tables, and plain tables again after."""
    decided()
    partition()
    yield
    partition("unpartition")


def migrated(*operations: Any) -> list[ProjectState]:
    """Apply these as one migration after another would; every state between."""
    states = [ProjectState.from_apps(apps)]
    for operation in operations:
        after = states[-1].clone()
        operation.state_forwards("crm_assist", after)
        with connection.schema_editor() as editor:
            operation.database_forwards("crm_assist", editor, states[-1], after)
        states.append(after)
    return states


def columns(table: str) -> set[str]:
    with connection.cursor() as cursor:
        return {column.name for column in connection.introspection.get_table_description(cursor, table)}


@pytest.mark.parametrize("name", ["decision", "payload"])
def test_migration__field_with_default_and_index__reach_every_part(name: str) -> None:
    table = f"crm_assist_{name}"
    index = models.Index(fields=["later"], name=f"crm_assist_{name}_later")
    migrated(
        AddField(name, "later", models.CharField(max_length=9, default="none")),
        AddIndex(name, index),
        AlterField(name, "later", models.CharField(max_length=20, default="none", db_default="none")),
        RenameField(name, "later", "afterwards"),
    )
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT afterwards, count(*) FROM {table}_y2026m01 GROUP BY 1")
        assert cursor.fetchall() == [("none", 3)]
        cursor.execute("SELECT count(*) FROM pg_indexes WHERE tablename = %s", [f"{table}_y2026m01"])
        after = cursor.fetchone()
    assert guards.missing("default") == []
    with connection.cursor() as cursor:
        cursor.execute(f"ALTER TABLE {table} DROP COLUMN afterwards")
        cursor.execute("SELECT count(*) FROM pg_indexes WHERE tablename = %s", [f"{table}_y2026m01"])
        assert cursor.fetchone() == (after[0] - 1,)


def test_migration__index_and_field_that_go__are_found_by_their_names() -> None:
    later = models.PositiveIntegerField(default=0)
    migrated(
        RemoveIndex("decision", "crm_assist_decision_subject"),
        AddField("decision", "later", later),
        RemoveField("decision", "later"),
        AddIndex("decision", models.Index(fields=["subject", "at"], name="crm_assist_decision_subject")),
    )
    assert "later" not in columns("crm_assist_decision")
    assert is_parted("default", "crm_assist_decision")


def test_unpartition__after_a_migration__keeps_what_it_added() -> None:
    migrated(AddField("payload", "later", models.CharField(max_length=9, default="", db_default="x")))
    partition("unpartition")
    assert "later" in columns("crm_assist_payload")
    assert Payload.objects.count() == 12
    with connection.cursor() as cursor:
        cursor.execute("ALTER TABLE crm_assist_payload DROP COLUMN later")


def test_migrate__to_zero_and_back__leaves_no_part_behind() -> None:
    call_command("migrate", "crm_assist", "zero", verbosity=0)
    with connection.cursor() as cursor:
        cursor.execute("SELECT relname FROM pg_class WHERE relname LIKE 'crm_assist_%%'")
        left = cursor.fetchall()
        cursor.execute("SELECT proname FROM pg_proc WHERE proname LIKE 'crm_assist_%%'")
        left += cursor.fetchall()
    call_command("migrate", verbosity=0)
    assert left == []
    assert guards.missing("default") == []
