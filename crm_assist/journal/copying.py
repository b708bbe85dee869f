"""A view by COPY, where PostgreSQL and psycopg are: the same lines as record by record, many times as fast.

How people are called is computed here and lent to the database in temporary tables of this session, so that the key of
the names is in no statement.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from itertools import islice
from typing import Any

from django.db import DatabaseError, connections, transaction

from crm_assist.journal.export import safe_text
from crm_assist.journal.order import Mark
from crm_assist.journal.pseudonyms import Names
from crm_assist.journal.settled import Selection
from crm_assist.journal.views import Column, Copied, Kind, View

LENT = 20_000
"""How many names are lent at a time."""

TABLES = {"crm_assist_c": "id bigint, name text, model text", "crm_assist_a": "key text, name text"}
NEVER = r"E'\x01'"
"""What stands for NULL, which no column gives: so an empty text is written as nothing, and not as two quotes."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Lines:
    """The lines of a view as CSV, some at a time, by COPY; `safe` ones hold no formula."""

    view: View
    selection: Selection
    copied: Copied
    safe: bool

    def between(self, after: Mark | None, upto: Mark | None) -> list[bytes]:
        """One line for each row, as `journal.export` writes it."""
        sql, values = self.select(after, upto)
        using = self.selection.using
        connection: Any = connections[using]
        with transaction.atomic(using), connection.cursor() as cursor:
            cursor.execute("SET LOCAL TIME ZONE 'UTC'")
            # Rows come in order from the index. Hashing or sorting the names anew for each chunk would cost more.
            for way in ("hashjoin", "mergejoin", "sort", "bitmapscan", "seqscan"):
                cursor.execute(f"SET LOCAL enable_{way} = off")
            cursor.execute("SET LOCAL max_parallel_workers_per_gather = 0")
            statement = connection.ops.compose_sql(f"COPY ({sql}) TO STDOUT (FORMAT csv, NULL {NEVER})", values)
            with cursor.copy(statement) as copy:
                return [bytes(line[:-1]) + b"\r\n" for line in copy]

    def select(self, after: Mark | None, upto: Mark | None) -> tuple[str, list[Any]]:
        """The statement behind the lines, and its values."""
        select = self.selection
        where, values = select.where(after, upto)
        columns = ", ".join(_cell(column, self.copied.columns[column.name], self.safe) for column in self.view.columns)
        joined = (
            f"{select.table} LEFT JOIN pg_temp.crm_assist_c c ON c.id = {select.table}.subject_id "
            f"LEFT JOIN pg_temp.crm_assist_a a ON a.key = {select.table}.agent_key"
        )
        return f"SELECT {columns} FROM {joined} WHERE {where} ORDER BY {select.order}", values


def places(selection: Selection, rows: int) -> Iterator[tuple[Mark | None, Mark | None]]:
    """The chunks of so many rows that a selection falls into: behind which mark, and up to which."""
    after = selection.after
    while (upto := selection.boundary(after, rows)) is not None:
        yield after, upto
        after = upto
    yield after, selection.upto


def can_copy(view: View, using: str) -> bool:
    """Whether this view can be had by COPY from this database."""
    connection = connections[using]
    if view.copied is None or connection.vendor != "postgresql":
        return False
    with connection.cursor() as cursor:
        return hasattr(cursor, "copy")  # psycopg 3; its predecessor has other words for it


@contextmanager
def copied_lines(view: View, selection: Selection, names: Names, *, safe: bool) -> Iterator[Lines]:
    """The view by COPY for the length of the block; ask `can_copy` before."""
    copied = view.copied
    assert copied is not None, f"view {view.name} cannot be copied"
    kept = safe_text if safe else str
    customers = ((pk, kept(name), kept(model)) for pk, name, model in copied.customers(selection, names))
    agents = ((key, kept(name)) for key, name in copied.agents(selection, names))
    with connections[selection.using].cursor() as cursor:
        _drop(cursor)
        for table, columns in TABLES.items():
            cursor.execute(f"CREATE TEMPORARY TABLE {table} ({columns})")
        try:
            _lend(cursor, "crm_assist_c", customers, key="id")
            _lend(cursor, "crm_assist_a", agents, key="key")
            yield Lines(view=view, selection=selection, copied=copied, safe=safe)
        except BaseException:
            # Whatever went wrong is what is told, not that a broken connection cannot clear up.
            with suppress(DatabaseError):
                _drop(cursor)
            raise
        _drop(cursor)


def _lend(cursor: Any, table: str, named: Iterable[tuple[Any, ...]], *, key: str) -> None:
    rest = iter(named)
    # A batch at a time: while one is copied in, nothing else can be read on this connection.
    while batch := list(islice(rest, LENT)):
        with cursor.copy(f"COPY pg_temp.{table} FROM STDIN") as copy:
            for row in batch:
                copy.write_row(row)
    cursor.execute(f"ALTER TABLE pg_temp.{table} ADD PRIMARY KEY ({key})")
    cursor.execute(f"ANALYZE pg_temp.{table}")


def _drop(cursor: Any) -> None:
    for table in TABLES:
        cursor.execute(f"DROP TABLE IF EXISTS pg_temp.{table}")


def _cell(column: Column, sql: str, safe: bool) -> str:
    """A column as `journal.export` writes it into a cell."""
    if column.kind is Kind.MOMENT:
        return f"""to_char({sql}, 'YYYY-MM-DD"T"HH24:MI:SS.US"+00:00"')"""
    if column.kind is Kind.NUMBER:
        return f"coalesce({sql}::text, '')"
    if sql.startswith(("c.", "a.")):  # lent, and safe already
        return f"coalesce({sql}, '')"
    if column.kind is not Kind.TEXT or not safe:
        return sql
    # Every formula starts below "A": most texts need no closer look.
    return (
        f"""CASE WHEN {sql} = '' OR {sql} COLLATE "C" >= 'A' THEN {sql} """
        f"WHEN ltrim({sql}, '''') ~ E'^[=+@\\t\\r-]' THEN '''' || {sql} ELSE {sql} END"
    )
