"""A table of the log made anew in another form, parted by month or plain, while the host goes on writing.

The rows are copied, a chunk at a time, into a table beside it; meanwhile a trigger on the old one copies what is
written, in the same transaction. Then, in a moment, the copy takes its place. Until that moment the old table is the
log and lacks nothing, so that the work may be cut off anywhere: it goes on from the last chunk, or is taken back.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.db import connections, models, transaction

from crm_assist.journal import guards
from crm_assist.journal.briefly import act_as, briefly, lock_whole
from crm_assist.journal.parts import Month, is_parted, rest_of
from crm_assist.journal.table_shape import Shape, refuse_obstacles, shape_of

ALL = "all rows are copied"
LIKE = "INCLUDING DEFAULTS INCLUDING CONSTRAINTS INCLUDING STORAGE INCLUDING COMMENTS INCLUDING COMPRESSION"
TIME = "at"
"""The column of log rows that gets one more index in tables parted by month: a BRIN, which costs next to nothing."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Unfinished:
    """A copy that has not taken its table's place yet."""

    parted: bool
    reached: str


def beside(table: str) -> str:
    """What the copy is called until it takes the table's place."""
    return f"{table}_next"


def unfinished(using: str, table: str) -> Unfinished | None:
    """The copy that was begun, if any."""
    name = beside(table)
    if connections[using].vendor != "postgresql":
        return None
    with connections[using].cursor() as cursor:
        cursor.execute(
            "SELECT obj_description(oid, 'pg_class') FROM pg_class WHERE relname = %s AND pg_table_is_visible(oid)",
            [name],
        )
        found = cursor.fetchone()
    return None if found is None else Unfinished(parted=is_parted(using, name), reached=found[0] or "")


def begin(using: str, model: type[models.Model], *, months: Collection[Month]) -> None:
    """Make the copy, empty, and have everything copied that is written from here on; plain without months.

    Writers wait until those before them are done: SHARE ROW EXCLUSIVE on the table and on that of its subjects.
    """
    shape = shape_of(using, model)
    refuse_obstacles(using, shape.table)
    made = _copy_of(shape, months)

    def act(cursor: Any) -> None:
        for statement in made:
            cursor.execute(statement)

    briefly(using, act, owner=shape.owner, about=shape.table)


def copy(using: str, model: type[models.Model], *, rows: int) -> int | None:
    """Copy the next chunk, and say how many; None when all are. Only those who also copy wait for it."""
    shape = shape_of(using, model)
    table, columns = shape.table, ", ".join(shape.columns)
    with transaction.atomic(using), connections[using].cursor() as cursor:
        act_as(cursor, shape.owner)
        cursor.execute(f'LOCK TABLE "{beside(table)}" IN SHARE UPDATE EXCLUSIVE MODE')
        cursor.execute("SELECT obj_description(%s::regclass, 'pg_class')", [beside(table)])
        reached = cursor.fetchone()[0] or ""
        if reached == ALL:
            return None
        key, behind = f'"{shape.key}"', f"\"{shape.key}\" > '{UUID(reached)}'" if reached else "true"
        cursor.execute(
            f'SELECT {key} FROM "{table}" WHERE {behind} ORDER BY {key} OFFSET %s LIMIT 1',
            [rows - 1],
        )
        last = cursor.fetchone()
        some = behind if last is None else f"{behind} AND {key} <= '{last[0]}'"
        # What the trigger copied meanwhile is newer: it stays.
        cursor.execute(
            f'INSERT INTO "{beside(table)}" ({columns}) SELECT {columns} FROM "{table}" WHERE {some} '
            f"ON CONFLICT ({key}) DO NOTHING"
        )
        count = int(cursor.rowcount)
        cursor.execute(f"COMMENT ON TABLE \"{beside(table)}\" IS '{ALL if last is None else last[0]}'")
        return count


def differences(using: str, model: type[models.Model]) -> int:
    """How many rows the table and its copy do not have alike, of one and the same moment."""
    shape = shape_of(using, model)
    there, here = (", ".join(f"{name}.{column}" for column in shape.columns) for name in ("t", "s"))
    key = f'"{shape.key}"'
    with connections[using].cursor() as cursor:
        cursor.execute(
            f'SELECT count(*) FROM "{shape.table}" t FULL JOIN "{beside(shape.table)}" s ON t.{key} = s.{key} '
            f"WHERE t.{key} IS NULL OR s.{key} IS NULL OR ROW({there}) IS DISTINCT FROM ROW({here})"
        )
        return int(cursor.fetchone()[0])


def exchange(using: str, model: type[models.Model]) -> None:
    """Let the copy take the table's place, with its names, rights and guards: ACCESS EXCLUSIVE for a moment."""
    shape = shape_of(using, model)
    table = shape.table
    statements = [
        f'DROP TABLE "{table}"',
        f'DROP FUNCTION "{table}_copy"()',
        f'ALTER TABLE "{beside(table)}" RENAME TO "{table}"',
        f'COMMENT ON TABLE "{table}" IS NULL',
        f'ALTER TABLE "{table}" RENAME CONSTRAINT "{beside(table)}_pkey" TO "{shape.primary}"',
        *(f'ALTER INDEX "{new}" RENAME TO "{old}"' for new, (old, _definition) in _new_indexes(shape)),
        *(grant.format(table=table) for grant in shape.grants),
    ]

    def act(cursor: Any) -> None:
        lock_whole(cursor, shape)
        if unfinished(using, table) is None:
            return  # somebody else was faster
        for statement in statements:
            cursor.execute(statement)
        guards.install(using)

    briefly(using, act, owner=shape.owner, about=table)
    with connections[using].cursor() as cursor:
        # Nothing else looks at a table that has partitions as a whole, and plans would be blind.
        cursor.execute(f'ANALYZE "{table}"')


def abandon(using: str, table: str, *, owner: str) -> None:
    """Take back a copy that has not taken its table's place; nothing of the log is in it alone."""

    def act(cursor: Any) -> None:
        cursor.execute(f'DROP TRIGGER IF EXISTS crm_assist_copy ON "{table}"')
        cursor.execute(f'DROP FUNCTION IF EXISTS "{table}_copy"()')
        cursor.execute(f'DROP TABLE IF EXISTS "{beside(table)}"')

    briefly(using, act, owner=owner, about=table)


def abandon_before_migrate(*, using: str, plan: Collection[Any] = (), **kwargs: Any) -> None:
    """Receiver of `pre_migrate`: a copy that is not finished goes before our tables change under its trigger."""
    connection = connections[using]
    if connection.vendor != "postgresql" or not any(migration.app_label == "crm_assist" for migration, _back in plan):
        return
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT c.relname, pg_get_userbyid(c.relowner) FROM pg_trigger t JOIN pg_class c ON c.oid = t.tgrelid "
            "WHERE t.tgname = 'crm_assist_copy' AND pg_table_is_visible(c.oid)"
        )
        found = cursor.fetchall()
    for table, owner in found:
        abandon(using, table, owner=owner)


def _copy_of(shape: Shape, months: Collection[Month]) -> list[str]:
    """The statements that make the copy, and the trigger that fills it."""
    new = beside(shape.table)
    brin = f'CREATE INDEX "{_brin(shape)}" ON "{new}" USING brin ("{TIME}") WITH (autosummarize = on)'
    return [
        f'CREATE TABLE "{new}" (LIKE "{shape.table}" {LIKE})'
        + (f' PARTITION BY RANGE ("{shape.key}")' if months else ""),
        *(f'CREATE TABLE "{month.named(shape.table)}" PARTITION OF "{new}" {month.bounds}' for month in months),
        *([f'CREATE TABLE "{rest_of(shape.table)}" PARTITION OF "{new}" DEFAULT'] if months else []),
        f'ALTER TABLE "{new}" ADD CONSTRAINT "{new}_pkey" PRIMARY KEY ("{shape.key}")',
        *(f'CREATE INDEX "{name}" ON "{new}" {definition}' for name, (_old, definition) in _new_indexes(shape)),
        *([brin] if months and TIME in shape.columns else []),
        *(f'ALTER TABLE "{new}" ADD CONSTRAINT "{name}" {definition}' for name, definition in shape.foreign_keys),
        _filling(shape),
        f'CREATE TRIGGER crm_assist_copy AFTER INSERT OR UPDATE ON "{shape.table}" '
        f'FOR EACH ROW EXECUTE FUNCTION "{shape.table}_copy"()',
    ]


def _filling(shape: Shape) -> str:
    """What the trigger calls; it writes as the owner, for whoever writes to the table has no right on the copy."""
    values = ", ".join(f"NEW.{column}" for column in shape.columns)
    changes = ", ".join(f"{column} = EXCLUDED.{column}" for column in shape.columns)
    return (
        f'CREATE OR REPLACE FUNCTION "{shape.table}_copy"() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER '
        f"SET search_path FROM CURRENT AS $$ BEGIN "
        f'INSERT INTO "{beside(shape.table)}" ({", ".join(shape.columns)}) VALUES ({values}) '
        f'ON CONFLICT ("{shape.key}") DO UPDATE SET {changes}; RETURN NULL; END $$'
    )


def _new_indexes(shape: Shape) -> list[tuple[str, tuple[str, str]]]:
    """A name for each index of the copy, beside the one that it shall have and its definition; the BRIN is not one."""
    kept = [index for index in shape.indexes if index[0] != _brin(shape)]
    return [(f"{beside(shape.table)}_{number}", index) for number, index in enumerate(kept)]


def _brin(shape: Shape) -> str:
    return f"{shape.table}_{TIME}_brin"
