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

MOST_KEPT = 1_000_000
"""How many customers' names are kept at a time, some 200 bytes each."""

NEVER = r"E'\x01'"
"""What stands for NULL, which no column gives: so an empty text is written as nothing, and not as two quotes."""

SPECIAL = re.compile('[",\r\n]')
END = b"\r\n"


@dataclass(frozen=True, kw_only=True, slots=True)
class Piece:
    """So many lines, each with its end."""

    rows: int
    text: bytes


@dataclass(frozen=True, kw_only=True, slots=True)
class Lines:
    """The lines of a view as CSV, some at a time, by COPY; `safe` ones hold no formula."""

    view: View
    selection: Selection
    names: Names
    safe: bool
    customers: dict[bytes, bytes] = field(default_factory=dict)
    agents: dict[bytes, bytes] = field(default_factory=dict)

    def between(self, after: Mark | None, upto: Mark | None) -> Piece:
        """A line for each row, as `journal.export` writes it."""
        rows, text, customers, agents = 0, bytearray(), self.customers, self.agents
        found, missed = list[bytes | bytearray]([text]), list[tuple[int, list[bytes]]]()
        # Put together while the database goes on; but nobody can be looked up before it has ended.
        for line in self._copied(after, upto):
            rows += 1
            parts = bytes(line[:-1]).split(b",", 3)
            customer, agent, row, rest = parts
            if customer in customers and agent in agents:
                text += row
                text += customers[customer]
                text += agents[agent]
                text += rest
                text += END
            else:
                missed.append((len(found), parts))
                text = bytearray()
                found += (b"", text)
        self._look_up([parts for _place, parts in missed])
        for place, (customer, agent, row, rest) in missed:
            found[place] = b"".join((row, customers[customer], agents[agent], rest, END))
        return Piece(rows=rows, text=b"".join(found))

    def _copied(self, after: Mark | None, upto: Mark | None) -> Iterator[Any]:
        """Lines of the subject's id, the agent's key in digits, the row's id, and the rest."""
        sql, values = self._select(after, upto)
        using = self.selection.using
        connection: Any = connections[using]
        with transaction.atomic(using), connection.cursor() as cursor:
            cursor.execute("SET LOCAL TIME ZONE 'UTC'; SET LOCAL DateStyle = 'ISO'")
            # Rows come in order from the index: to sort those of each chunk would cost more.
            for way in ("sort", "bitmapscan", "seqscan"):
                cursor.execute(f"SET LOCAL enable_{way} = off")
            cursor.execute("SET LOCAL max_parallel_workers_per_gather = 0")
            statement = connection.ops.compose_sql(f"COPY ({sql}) TO STDOUT (FORMAT csv, NULL {NEVER})", values)
            with cursor.copy(statement) as copy:
                yield from copy

    def _select(self, after: Mark | None, upto: Mark | None) -> tuple[str, list[Any]]:
        """Lines that begin with the subject's id and the agent's key, and name nobody otherwise."""
        select, copied = self.selection, _copied_of(self.view)
        where, values = select.where(after, upto)
        plain = [column for column in self.view.columns if column.name not in PEOPLE]
        columns = ", ".join(_cell(column, copied.columns[column.name], self.safe) for column in plain)
        # The key in digits, so that no comma can stand in it.
        people = f"{select.table}.subject_id, encode(convert_to({select.table}.agent_key, 'UTF8'), 'hex')"
        return f"SELECT {people}, {columns} FROM {select.table} WHERE {where} ORDER BY {select.order}", values

    def _look_up(self, missed: list[list[bytes]]) -> None:
        """Know how everybody in these lines is called."""
        customers, agents = ({parts[place] for parts in missed} for place in (0, 1))
        if len(self.customers) > MOST_KEPT:
            self.customers.clear()
        missing = [int(one) for one in customers - self.customers.keys()]
        if missing:
            models = dict[str, bytes]()
            for pk, model, name in _copied_of(self.view).customers(self.selection, self.names, missing):
                if model not in models:
                    models[model] = self._cells(model)
                # A pseudonym is a letter and digits: only a key in clear needs a closer look.
                self.customers[b"%d" % pk] = models[model] + (
                    self._cells(name) if self.names.clear else f",{name}".encode()
                )
        tenant = self.selection.tenant
        for agent in agents - self.agents.keys():
            key = bytes.fromhex(agent.decode()).decode()
            self.agents[agent] = self._cells(self.names.agent(tenant=tenant, key=key)) + b","

    def _cells(self, *texts: str) -> bytes:
        """Texts as cells of a line, with a comma in front of each."""
        cells = [safe_text(text) if self.safe else text for text in texts]
        return "".join(',"' + c.replace('"', '""') + '"' if SPECIAL.search(c) else f",{c}" for c in cells).encode()


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


def _cell(column: Column, sql: str, safe: bool) -> str:
    """A column as `journal.export` writes it into a cell."""
    if column.kind is Kind.NUMBER:
        return f"coalesce({sql}::text, '')"
    if column.kind is not Kind.TEXT or not safe:
        return sql
    # Every formula starts below "A": most texts need no closer look.
    return (
        f"""CASE WHEN {sql} = '' OR {sql} COLLATE "C" >= 'A' THEN {sql} """
        f"WHEN ltrim({sql}, '''') ~ E'^[=+@\\t\\r-]' THEN '''' || {sql} ELSE {sql} END"
    )
