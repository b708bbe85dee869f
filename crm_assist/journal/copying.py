"""A view by COPY, where PostgreSQL and psycopg are: the same lines as record by record, many times as fast.

The database writes whole lines but for the people in them: how they are called is put in here, so that the key of the
names stays in this process. Each customer is looked up once, as long as there are not more than may be kept.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from django.db import connections, transaction

from crm_assist.journal.export import safe_text
from crm_assist.journal.order import Mark
from crm_assist.journal.pseudonyms import Names
from crm_assist.journal.settled import Selection
from crm_assist.journal.views import PEOPLE, Column, Copied, Kind, View

ID = 36 + 1
"""Bytes of the first column, a UUID, and the comma after it: the people stand behind it."""

MOST_KEPT = 1_000_000
"""How many customers' names are kept at a time, some 200 bytes each."""

NEVER = r"E'\x01'"
"""What stands for NULL, which no column gives: so an empty text is written as nothing, and not as two quotes."""

QUOTED = re.compile(rb'"((?:[^"]|"")*)",')


@dataclass(frozen=True, kw_only=True, slots=True)
class Lines:
    """The lines of a view as CSV, some at a time, by COPY; `safe` ones hold no formula."""

    view: View
    selection: Selection
    names: Names
    safe: bool
    customers: dict[bytes, bytes] = field(default_factory=dict)
    agents: dict[bytes, bytes] = field(default_factory=dict)

    def between(self, after: Mark | None, upto: Mark | None) -> list[bytes]:
        """One line for each row, as `journal.export` writes it."""
        parted = [_parted(line) for line in self._copied(after, upto)]
        self._look_up({customer for customer, _agent, _rest in parted}, {agent for _customer, agent, _rest in parted})
        customers, agents = self.customers, self.agents
        return [
            b"%b%b%b%b\r\n" % (rest[:ID], customers[customer], agents[agent], rest[ID:-1])
            for customer, agent, rest in parted
        ]

    def _copied(self, after: Mark | None, upto: Mark | None) -> list[bytes]:
        sql, values = self._select(after, upto)
        using = self.selection.using
        connection: Any = connections[using]
        with transaction.atomic(using), connection.cursor() as cursor:
            cursor.execute("SET LOCAL TIME ZONE 'UTC'")
            # Rows come in order from the index: to sort those of each chunk would cost more.
            for way in ("sort", "bitmapscan", "seqscan"):
                cursor.execute(f"SET LOCAL enable_{way} = off")
            cursor.execute("SET LOCAL max_parallel_workers_per_gather = 0")
            statement = connection.ops.compose_sql(f"COPY ({sql}) TO STDOUT (FORMAT csv, NULL {NEVER})", values)
            with cursor.copy(statement) as copy:
                return [bytes(line) for line in copy]

    def _select(self, after: Mark | None, upto: Mark | None) -> tuple[str, list[Any]]:
        """Lines that begin with the subject's id and the agent's key, and have no people otherwise."""
        select, copied = self.selection, _copied_of(self.view)
        where, values = select.where(after, upto)
        plain = [column for column in self.view.columns if column.name not in PEOPLE]
        columns = ", ".join(_cell(column, copied.columns[column.name], self.safe) for column in plain)
        people = f"{select.table}.subject_id, {select.table}.agent_key"
        return f"SELECT {people}, {columns} FROM {select.table} WHERE {where} ORDER BY {select.order}", values

    def _look_up(self, customers: set[bytes], agents: set[bytes]) -> None:
        """Know how all of these are called."""
        if len(self.customers) > MOST_KEPT:
            self.customers.clear()
        missing = [int(one) for one in customers - self.customers.keys()]
        if missing:
            for pk, model, name in _copied_of(self.view).customers(self.selection, self.names, missing):
                self.customers[b"%d" % pk] = self._cells(model, name)
        tenant = self.selection.tenant
        for agent in agents - self.agents.keys():
            quoted = QUOTED.fullmatch(agent + b",")
            key = (quoted[1].replace(b'""', b'"') if quoted else agent).decode()
            self.agents[agent] = self._cells(self.names.agent(tenant=tenant, key=key))

    def _cells(self, *texts: str) -> bytes:
        """Texts as cells of a line, with a comma after each."""
        cells = [safe_text(text) if self.safe else text for text in texts]
        return "".join(f'"{c.replace(chr(34), chr(34) * 2)}",' if SPECIAL.search(c) else f"{c}," for c in cells).encode()


SPECIAL = re.compile('[",\r\n]')


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


def _copied_of(view: View) -> Copied:
    assert view.copied is not None, f"view {view.name} cannot be copied"
    return view.copied


def _parted(line: bytes) -> tuple[bytes, bytes, bytes]:
    """The subject's id, the agent's key as it stands in the line, and the rest of the line."""
    customer, rest = line.split(b",", 1)
    quoted = QUOTED.match(rest) if rest.startswith(b'"') else None
    if quoted is not None:
        return customer, rest[: quoted.end() - 1], rest[quoted.end() :]
    agent, rest = rest.split(b",", 1)
    return customer, agent, rest


def _cell(column: Column, sql: str, safe: bool) -> str:
    """A column as `journal.export` writes it into a cell."""
    if column.kind is Kind.MOMENT:
        return f"""to_char({sql}, 'YYYY-MM-DD"T"HH24:MI:SS.US"+00:00"')"""
    if column.kind is Kind.NUMBER:
        return f"coalesce({sql}::text, '')"
    if column.kind is not Kind.TEXT or not safe:
        return sql
    # Every formula starts below "A": most texts need no closer look.
    return (
        f"""CASE WHEN {sql} = '' OR {sql} COLLATE "C" >= 'A' THEN {sql} """
        f"WHEN ltrim({sql}, '''') ~ E'^[=+@\\t\\r-]' THEN '''' || {sql} ELSE {sql} END"
    )
