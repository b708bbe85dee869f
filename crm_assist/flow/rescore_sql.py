"""Scores that the database computes: a chunk of customers is one statement, and no row leaves the database."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from django.core.exceptions import EmptyResultSet
from django.db import connections, router
from django.db.models import QuerySet

from crm_assist import features
from crm_assist.customers.bulk import unmerged
from crm_assist.features.selecting import select
from crm_assist.flow.rescore_batch import Batch
from crm_assist.scorecards.sql import probability_sql
from crm_assist.scoring.upsert import COLUMNS, into

LEFT_OUT = ("jit", "enable_hashagg")
"""Compiling a statement anew for each chunk costs more than it saves; a hash of a million sums, each in another place
of the memory, more than sorting narrow rows."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Chunk:
    """Customers between two keys, the first left out, None for no end; and how many there are."""

    rows: QuerySet[Any]
    after: Any
    upto: Any
    count: int


def chunks(batch: Batch, *, after: str, size: int) -> Iterator[Chunk]:
    """The batch's customers in the order of their keys; each chunk is found when it is asked for."""
    path = batch.adapter.key_path
    rows = batch.customers()
    last = batch.adapter.parse_key(after) if after else None
    while True:
        rest = rows if last is None else rows.filter(**{f"{path}__gt": last})
        ends = list(rest.order_by(path).values_list(path, flat=True)[size - 1 : size])
        whole = bool(ends)
        ends = ends or list(rest.order_by(f"-{path}").values_list(path, flat=True)[:1])
        if not ends:
            return
        some = rest.filter(**{f"{path}__lte": ends[0]})
        yield Chunk(rows=some, after=last, upto=ends[0], count=size if whole else some.count())
        if not whole:
            return
        last = ends[0]


def write_over(batch: Batch, chunk: Chunk) -> None:
    """Score the chunk over what is stored; a score that did not change is not touched, nor one written meanwhile."""
    source = scored(batch, chunk)
    if source is not None:
        with _cursor(batch) as cursor:
            later_stands = batch.keys is None
            statement = into(cursor.db, batch.table, f"{source[0]} WHERE true", later_stands=later_stands)
            cursor.execute(statement, source[1])


def write_new(batch: Batch, chunk: Chunk, *, name: str) -> None:
    """Score the chunk into the table `name`, which holds none of them yet."""
    source = scored(batch, chunk)
    if source is not None:
        with _cursor(batch) as cursor:
            cursor.execute(f'INSERT INTO "{name}" ({", ".join(COLUMNS)}) {source[0]}', source[1])


@contextmanager
def _cursor(batch: Batch) -> Iterator[Any]:
    """A cursor for one statement of a batch, which PostgreSQL plans without `LEFT_OUT`."""
    with connections[router.db_for_write(batch.table)].cursor() as cursor:
        if cursor.db.vendor != "postgresql":
            yield cursor
            return
        cursor.execute(f"SELECT {', '.join(f'current_setting({name!r})' for name in LEFT_OUT)}")
        before = cursor.fetchone()
        plan = f"SELECT {', '.join(f'set_config({name!r}, %s, true)' for name in LEFT_OUT)}"
        cursor.execute(plan, ["off"] * len(LEFT_OUT))
        yield cursor
        cursor.execute(plan, before)  # the transaction may be the host's


def scored(batch: Batch, chunk: Chunk) -> tuple[str, list[Any]] | None:
    """The SELECT that gives a chunk's rows of scores; None where there can be none."""
    card = batch.serving.card
    connection = connections[router.db_for_write(batch.table)]
    span = None if batch.keys is not None else (chunk.after, chunk.upto)
    try:
        rows = unmerged(chunk.rows, batch.adapter, tenant=batch.tenant)
        source = select(batch.adapter, rows, card.features, batch.now, span=span)
    except EmptyResultSet:
        return None
    points = probability_sql(card, source.columns, connection.vendor)
    moment = connection.ops.adapt_datetimefield_value(features.moment(batch.now))
    stamp = "%s::timestamptz" if connection.vendor == "postgresql" else "%s"
    sql = f"SELECT {batch.scope}, {source.key}, {batch.serving.id}, {points.sql}, {stamp} FROM {source.sql}"
    return sql, [*points.params, moment, *source.params]
