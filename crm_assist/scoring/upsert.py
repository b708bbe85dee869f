"""Scores written over those that stand; a score that did not change is not touched."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from django.db import connections, router, transaction

from crm_assist.scoring.stored import Scored, Table

COLUMNS = ("scope_id", "key", "card", "probability", "scored_at")
WRITTEN = ("card", "probability", "scored_at")


def store(table: Table, rows: Sequence[Scored], *, scope: int, card: int, now: datetime) -> None:
    """Write the scores of a chunk, all or none; on PostgreSQL in one statement with two arrays."""
    if not rows:
        return
    using = router.db_for_write(table)
    connection = connections[using]
    kept = [scope, card, connection.ops.adapt_datetimefield_value(now)]
    key: Any = table._meta.get_field("key")
    keys = [key.get_db_prep_save(row.key, connection) for row in rows]
    with transaction.atomic(using, savepoint=False), connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            kind = key.db_type(connection).partition("(")[0]
            source = f"SELECT %s, k, %s, p, %s FROM unnest(%s::{kind}[], %s::float8[]) AS fresh (k, p)"
            cursor.execute(into(connection, table, source), [*kept, keys, [row.probability for row in rows]])
        else:
            values = [[scope, k, card, row.probability, kept[2]] for k, row in zip(keys, rows, strict=True)]
            cursor.executemany(into(connection, table, "VALUES (%s, %s, %s, %s, %s)"), values)


def into(connection: Any, table: Table, source: str) -> str:
    """The statement that writes what `source` gives over the scores that stand.

    Equal ones are left alone, and newer ones too: a process that was held up must not undo what came after it.
    """
    quote = connection.ops.quote_name
    name = quote(table._meta.db_table)
    fresh = ", ".join(f"{column} = EXCLUDED.{column}" for column in map(quote, WRITTEN))
    differs = "IS DISTINCT FROM" if connection.vendor == "postgresql" else "IS NOT"
    changed = " OR ".join(f"{name}.{column} {differs} EXCLUDED.{column}" for column in map(quote, WRITTEN[:2]))
    columns = ", ".join(map(quote, COLUMNS))
    return (
        f"INSERT INTO {name} ({columns}) {source} "
        f"ON CONFLICT ({quote('scope_id')}, {quote('key')}) DO UPDATE SET {fresh} "
        f"WHERE ({changed}) AND {name}.scored_at <= EXCLUDED.scored_at"
    )
