"""The log parted by month, or plain again, step by step; and months made ahead of time.

Parted are the tables that grow with every look at a customer and that are read by time or emptied by age: payloads and
decisions. What follows a decision is looked up by it, and never goes: those tables stay plain.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import connections, models

from crm_assist.journal import guards, rebuild
from crm_assist.journal.briefly import briefly, lock_whole
from crm_assist.journal.parts import Month, is_parted, parts_of, rest_of
from crm_assist.journal.table_shape import PartsError, Shape, shape_of

ROWS = 5_000
AHEAD = 3
"""Months made ahead when nobody says how many."""
TRIES = 10
OLDEST = 12 * 15
"""Months back for which there are partitions; ids of before that are of no month."""
HIGHEST = Month(year=9000, month=1).lowest


@dataclass(frozen=True, kw_only=True, slots=True)
class Parted:
    """How far a table is: rows copied so far in this attempt, and what happens now."""

    table: str
    rows: int
    note: str


def months_for(using: str, model: type[models.Model], *, now: datetime, ahead: int) -> list[Month]:
    """The months that a table needs: from that of its first row to so many ahead of now."""
    current, key = Month.of(now), model._meta.pk.column
    with connections[using].cursor() as cursor:
        cursor.execute(f'SELECT "{key}" FROM "{model._meta.db_table}" ORDER BY "{key}" LIMIT 1')
        lowest = cursor.fetchone()
    first = current if lowest is None else min(max(Month.of(lowest[0]), current.later(-OLDEST)), current)
    return list(first.upto(current.later(ahead)))


def part(
    using: str, model: type[models.Model], *, now: datetime, ahead: int = AHEAD, rows: int = ROWS
) -> Iterator[Parted]:
    """Part a table by month; goes on from where an earlier attempt ended, and ends at once where all is done."""
    shape = shape_of(using, model)
    if not is_parted(using, shape.table):
        yield from _rebuilt(using, model, months_for(using, model, now=now, ahead=ahead), rows)
    elif rebuild.unfinished(using, shape.table) is not None:
        rebuild.abandon(using, shape.table, owner=shape.owner)
        yield Parted(table=shape.table, rows=0, note="stays parted: a plain copy of it was taken back")
    made = make_ahead(using, model, now=now, ahead=ahead)
    yield Parted(table=shape.table, rows=0, note=f"is parted by month; {len(made)} months made ahead")


def unpart(using: str, model: type[models.Model], *, rows: int = ROWS) -> Iterator[Parted]:
    """Make a table plain again, or take back a parting that is not finished; nothing where it is plain."""
    shape = shape_of(using, model)
    if not is_parted(using, shape.table):
        if rebuild.unfinished(using, shape.table) is not None:
            rebuild.abandon(using, shape.table, owner=shape.owner)
            yield Parted(table=shape.table, rows=0, note="stays plain: a copy by month was taken back")
        else:
            yield Parted(table=shape.table, rows=0, note="is plain")
        return
    yield from _rebuilt(using, model, [], rows)


def make_ahead(using: str, model: type[models.Model], *, now: datetime, ahead: int = AHEAD) -> list[Month]:
    """Make the months from now on that are missing; rows that came to lie in no month are put into theirs."""
    table = model._meta.db_table
    if not is_parted(using, table):
        return []
    last = Month.of(now).later(ahead)
    there = {part.month for part in parts_of(using, [table])}
    missing = [month for month in Month.of(now).upto(last) if month not in there]
    stray = [month for month in _stray(using, model) if month not in there and last.later(-OLDEST) <= month <= last]
    wanted = sorted({*missing, *stray})
    if wanted:
        shape = shape_of(using, model)
        briefly(using, lambda cursor: _add(cursor, using, shape, wanted), owner=shape.owner, about=table, tries=TRIES)
    return wanted


def wanting(using: str, models_parted: Sequence[type[models.Model]], *, now: datetime) -> list[str]:
    """The parted tables that lack the next month, or whose rows lie in no month; asks nothing that could take long."""
    tables = [model._meta.db_table for model in models_parted]
    parts, following, found = parts_of(using, tables), Month.of(now).later(), []
    for table in tables:
        mine = [part for part in parts if part.table == table]
        if mine and not {Month.of(now), following} <= {part.month for part in mine}:
            found.append(f"{table} {following}")
        elif any(part.name == rest_of(table) for part in mine) and _has_rows(using, rest_of(table)):
            found.append(rest_of(table))
    return found


def _has_rows(using: str, table: str) -> bool:
    """Whether there are any; who may not read the table itself, as web processes may not, goes by its size."""
    with connections[using].cursor() as cursor:
        cursor.execute("SELECT pg_relation_size(%s), has_table_privilege(%s, 'SELECT')", [table, table])
        size, may_read = cursor.fetchone()
        if size and may_read:
            cursor.execute(f'SELECT EXISTS (SELECT FROM "{table}")')
            return bool(cursor.fetchone()[0])
        return bool(size)


def _add(cursor: Any, using: str, shape: Shape, months: Sequence[Month]) -> None:
    """New months; the partition of all other ids is made anew where it has rows, which find their own place then."""
    table, rest = shape.table, rest_of(shape.table)
    made = [f'CREATE TABLE "{month.named(table)}" PARTITION OF "{table}" {month.bounds}' for month in months]
    lock_whole(cursor, shape)
    if any(part.name == rest for part in parts_of(using, [table])):
        columns = ", ".join(shape.columns)
        made = [
            f'ALTER TABLE "{table}" DETACH PARTITION "{rest}"',
            f'ALTER TABLE "{rest}" RENAME TO "{rest}_was"',
            *made,
            f'CREATE TABLE "{rest}" PARTITION OF "{table}" DEFAULT',
            f'INSERT INTO "{table}" ({columns}) SELECT {columns} FROM "{rest}_was"',
            "SET CONSTRAINTS ALL IMMEDIATE",
            f'DROP TABLE "{rest}_was"',
        ]
    else:
        made.append(f'CREATE TABLE "{rest}" PARTITION OF "{table}" DEFAULT')
    for statement in made:
        cursor.execute(statement)
    guards.install(using)


def _stray(using: str, model: type[models.Model]) -> list[Month]:
    """The months of rows that lie in none; they are of no month, too, for who may not look there."""
    table, key, rest = model._meta.db_table, model._meta.pk.column, rest_of(model._meta.db_table)
    if not any(part.name == rest for part in parts_of(using, [table])):
        return []
    # The first 48 bits of an id are the milliseconds of its row.
    written = f"to_timestamp(('x' || substr(replace(\"{key}\"::text, '-', ''), 1, 12))::bit(48)::bigint / 1000.0)"
    with connections[using].cursor() as cursor:
        cursor.execute("SELECT has_table_privilege(%s, 'SELECT')", [rest])
        if not cursor.fetchone()[0]:
            return []
        cursor.execute(
            f"SELECT DISTINCT date_trunc('month', {written} AT TIME ZONE 'UTC') FROM \"{rest}\" "
            f"WHERE \"{key}\" < '{HIGHEST}'"
        )
        return [Month(year=found.year, month=found.month) for (found,) in cursor.fetchall()]


def _rebuilt(using: str, model: type[models.Model], months: Sequence[Month], rows: int) -> Iterator[Parted]:
    table = model._meta.db_table
    begun = rebuild.unfinished(using, table)
    if begun is None:
        rebuild.begin(using, model, months=months)
    yield Parted(table=table, rows=0, note="is copied" if begun is None else "is copied, from where it ended")
    done = 0
    while (count := rebuild.copy(using, model, rows=rows)) is not None:
        done += count
        yield Parted(table=table, rows=done, note="is copied")
    yield Parted(table=table, rows=done, note="is compared with its copy")
    wrong = rebuild.differences(using, model)
    if wrong:
        rebuild.abandon(using, table, owner=shape_of(using, model).owner)
        raise PartsError(
            f"{table} and its copy differ in {wrong:,} rows: somebody wrote into the copy, or past the triggers. The "
            "table is as it was, and the copy is gone. Run the command again."
        )
    rebuild.exchange(using, model)
    yield Parted(table=table, rows=done, note="is parted by month" if months else "is plain again")
