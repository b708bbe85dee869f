"""Triggers that refuse to change the log, whoever asks: on PostgreSQL and on SQLite, as IntegrityError.

The one change they let through is an erasure: the body of a payload about a customer becomes NULL and gets its
`erased_at`, once. On PostgreSQL that customer must be erased, or the payload a day old, which is the shortest
retention; SQLite cannot say so, for a trigger that names a second table keeps Django from ever rebuilding that table.
They read no setting that could be forged; only the owner can lift them, and here only on a test database. Whatever
they let through that was no erasure and no retention, verification names.
SQLite drops triggers when Django rebuilds a table, so they are installed anew after every `migrate`.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import PurePath
from typing import Any

from django.db import connections, models, transaction
from django.db.backends.base.base import BaseDatabaseWrapper

from crm_assist.journal.models import Payload
from crm_assist.journal.parts import parts_of
from crm_assist.journal.tables import append_only_models, subject_model

# A guard whose definition changes needs a new name: one that is found by name is not created again.
ERASURE = (
    "NEW.body IS NULL AND NEW.erased_at IS NOT NULL AND OLD.erased_at IS NULL AND NEW.row_id = OLD.row_id "
    "AND NEW.tenant = OLD.tenant AND NEW.subject_id = OLD.subject_id"
)
REFUSAL = "RAISE EXCEPTION '% is append-only: % refused', TG_TABLE_NAME, TG_OP USING ERRCODE = 'restrict_violation';"
REFUSE = f"""
CREATE OR REPLACE FUNCTION crm_assist_refuse() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    {REFUSAL}
END $$
"""
# The first 48 bits of an id are the milliseconds of its row.
ERASE_ONLY = f"""
CREATE OR REPLACE FUNCTION crm_assist_erase_only() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF {ERASURE} AND (
        ('x' || substr(replace(OLD.row_id::text, '-', ''), 1, 12))::bit(48)::bigint
            < extract(epoch FROM now() - interval '1 day') * 1000
        OR EXISTS (SELECT 1 FROM {{subjects}} WHERE id = OLD.subject_id AND erased_at IS NOT NULL)
    ) THEN
        RETURN NEW;
    END IF;
    {REFUSAL}
END $$
"""
FUNCTIONS = ("crm_assist_refuse", "crm_assist_erase_only")


class GuardsKept(RuntimeError):
    """The guards may not be lifted here; the message says what to do instead."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Guard:
    """One trigger: its name, its table, and the statement that creates it."""

    name: str
    table: str
    sql: str


def expected(using: str) -> list[Guard]:
    """The guards that this database should have; none where it is neither PostgreSQL nor SQLite.

    Partitions have them too, behind those of their table: whoever writes to one directly is refused alike.
    """
    build = {"postgresql": _postgresql_guards, "sqlite": _sqlite_guards}.get(connections[using].vendor)
    if build is None:
        return []
    found = {model._meta.db_table: build(model) for model in append_only_models(using)}
    of_parts = [_inherited(guard, part.name) for part in parts_of(using, found) for guard in found[part.table]]
    return [*(guard for of_table in found.values() for guard in of_table), *of_parts]


def missing(using: str) -> list[Guard]:
    """The guards that are absent or disabled."""
    present = _present(connections[using])
    return [guard for guard in expected(using) if (guard.table, guard.name) not in present]


def install(using: str) -> list[Guard]:
    """Create what is missing, and say what that was."""
    absent = missing(using)
    prepare = _functions(using) if absent and connections[using].vendor == "postgresql" else []
    _execute(using, [*prepare, *(guard.sql for guard in absent)])
    return absent


def install_after_migrate(*, using: str, **kwargs: Any) -> None:
    """Receiver of `post_migrate`; once our tables are gone, so are the functions that their triggers called."""
    install(using)
    if connections[using].vendor == "postgresql" and not append_only_models(using):
        _execute(using, [f"DROP FUNCTION IF EXISTS {name}()" for name in FUNCTIONS])


def is_test_database(connection: BaseDatabaseWrapper) -> bool:
    """Whether nothing of value can be in it: it lives in memory, or a test runner of this process made it.

    The name alone proves nothing, for a bank may call its database `test_bank`: a runner would have put another
    `test_` before it.
    """
    if connection.vendor == "sqlite" and connection.is_in_memory_db():  # type: ignore[attr-defined]
        return True
    return _tests_run_here() and PurePath(str(connection.settings_dict["NAME"])).name.startswith("test_")


def _tests_run_here() -> bool:
    """Whether a test runner set up Django's test environment in this process; asked without loading any of it."""
    loaded = sys.modules.get("django.test.utils")
    return loaded is not None and hasattr(loaded._TestState, "saved_data")


@contextmanager
def lifted(using: str) -> Iterator[None]:
    """No guards for the length of a block, on a test database; GuardsKept on any other."""
    connection = connections[using]
    if not is_test_database(connection):
        raise GuardsKept(
            f"Database “{connection.settings_dict['NAME']}” holds an append-only log and is no test database "
            "(made by a test runner, or in memory); to start afresh, drop the database and migrate a new one."
        )
    # In one transaction: a block that fails leaves the guards, and the rows, as they were.
    with transaction.atomic(using):
        _lift(using)
        yield
        install(using)


def _lift(using: str) -> None:
    off = {
        "sqlite": 'DROP TRIGGER "{0.name}"',
        "postgresql": 'ALTER TABLE "{0.table}" DISABLE TRIGGER "{0.name}"',
    }
    present = _present(connections[using])
    ours = [guard for guard in expected(using) if (guard.table, guard.name) in present]
    _execute(using, [off[connections[using].vendor].format(guard) for guard in ours])


def _execute(using: str, statements: list[str]) -> None:
    with transaction.atomic(using):
        if statements and connections[using].vendor == "postgresql":
            # PostgreSQL alters no table that still has deferred checks of this transaction before it.
            connections[using].check_constraints()
        with connections[using].cursor() as cursor:
            for statement in statements:
                cursor.execute(statement)


def _present(connection: BaseDatabaseWrapper) -> set[tuple[str, str]]:
    """Table and name of every trigger in force."""
    queries = {
        "sqlite": "SELECT tbl_name, name FROM sqlite_master WHERE type = 'trigger'",
        "postgresql": (
            "SELECT c.relname, t.tgname FROM pg_trigger t JOIN pg_class c ON c.oid = t.tgrelid "
            # Those that a partition has from its table are internal before PostgreSQL 15.
            "WHERE (NOT t.tgisinternal OR t.tgparentid <> 0) AND t.tgenabled <> 'D' AND pg_table_is_visible(c.oid)"
        ),
    }
    if connection.vendor not in queries:
        return set()
    with connection.cursor() as cursor:
        cursor.execute(queries[connection.vendor])
        return {(str(table), str(name)) for table, name in cursor.fetchall()}


def _postgresql_guards(model: type[models.Model]) -> list[Guard]:
    table = model._meta.db_table
    changes, function = ("erase_only", FUNCTIONS[1]) if model is Payload else ("no_update", FUNCTIONS[0])
    events = {
        changes: (f'BEFORE UPDATE ON "{table}" FOR EACH ROW', function),
        "no_delete": (f'BEFORE DELETE ON "{table}" FOR EACH ROW', FUNCTIONS[0]),
        "no_truncate": (f'BEFORE TRUNCATE ON "{table}" FOR EACH STATEMENT', FUNCTIONS[0]),
    }
    return [
        Guard(
            name=f"crm_assist_{name}",
            table=table,
            sql=f"CREATE OR REPLACE TRIGGER crm_assist_{name} {event} EXECUTE FUNCTION {called}()",
        )
        for name, (event, called) in events.items()
    ]


def _inherited(guard: Guard, part: str) -> Guard:
    """The same guard on a partition: those for each row come with the table's, and can only be off; others do not."""
    sql = f'ALTER TABLE "{part}" ENABLE TRIGGER {guard.name}'
    if "FOR EACH STATEMENT" in guard.sql:
        sql = guard.sql.replace(f'"{guard.table}"', f'"{part}"')
    return Guard(name=guard.name, table=part, sql=sql)


def _functions(using: str) -> list[str]:
    """What the triggers call; the table of subjects is found as the writing session finds its own."""
    subjects = connections[using].ops.quote_name(subject_model()._meta.db_table)
    return [REFUSE, ERASE_ONLY.format(subjects=subjects)]


def _sqlite_guards(model: type[models.Model]) -> list[Guard]:
    table = model._meta.db_table
    # NULL where a payload is about nobody: such a one is never emptied.
    erasure = f"WHEN ({ERASURE}) IS NOT TRUE" if model is Payload else ""
    events = {
        "erase_only" if model is Payload else "no_update": f'UPDATE ON "{table}" {erasure}',
        "no_delete": f'DELETE ON "{table}"',
        # INSERT OR REPLACE deletes without firing delete triggers.
        "no_replace": f'INSERT ON "{table}" WHEN EXISTS ({_same_row(model)})',
    }
    return [
        Guard(
            name=f"{table}_{name}",
            table=table,
            sql=f'CREATE TRIGGER "{table}_{name}" BEFORE {event} '
            f"BEGIN SELECT RAISE(ABORT, '{table} is append-only'); END",
        )
        for name, event in events.items()
    ]


def _same_row(model: type[models.Model]) -> str:
    """A query for rows that an insert would replace: same rowid, primary key or unique columns."""
    keys = [["rowid"], [str(model._meta.pk.column)]]
    for constraint in model._meta.constraints:
        if isinstance(constraint, models.UniqueConstraint):
            # No field of the log is stored under another name than its own.
            keys.append(list(constraint.fields))
    same = " OR ".join("(" + " AND ".join(f'"{column}" = NEW."{column}"' for column in key) + ")" for key in keys)
    return f'SELECT 1 FROM "{model._meta.db_table}" WHERE {same}'
