"""Scores written over those that stand; a score that did not change is not touched."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from django.db import connections, router, transaction

from crm_assist.scoring.stored import Scored, Table

COLUMNS = ("scope_id", "key", "card", "probability", "scored_at")
WRITTEN = ("card", "probability", "scored_at")


def store(
    table: Table, rows: Sequence[Scored], *, scope: int, card: int, now: datetime, later_stands: bool = False
) -> None:
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
            cursor.execute(
                into(connection, table, source, later_stands=later_stands),
                [*kept, keys, [row.probability for row in rows]],
            )
        else:
            values = [[scope, k, card, row.probability, kept[2]] for k, row in zip(keys, rows, strict=True)]
            source = "VALUES (%s, %s, %s, %s, %s)"
            cursor.executemany(into(connection, table, source, later_stands=later_stands), values)


def into(connection: Any, table: Table, source: str, *, later_stands: bool) -> str:
    """The statement that writes what `source` gives over the scores that stand, leaving equal ones alone.

    With `later_stands` those of a later moment too: a chunk reads its customers before it writes, and whoever changed
    one of them meanwhile has written the score of the change.
    """
    quote = connection.ops.quote_name
    name = quote(table._meta.db_table)
    fresh = ", ".join(f"{column} = EXCLUDED.{column}" for column in map(quote, WRITTEN))
    differs = "IS DISTINCT FROM" if connection.vendor == "postgresql" else "IS NOT"
    changed = " OR ".join(f"{name}.{column} {differs} EXCLUDED.{column}" for column in map(quote, WRITTEN[:2]))
    earlier = f" AND {name}.{quote('scored_at')} <= EXCLUDED.{quote('scored_at')}" if later_stands else ""
    columns = ", ".join(map(quote, COLUMNS))
    return (
        f"INSERT INTO {name} ({columns}) {source} "
        f"ON CONFLICT ({quote('scope_id')}, {quote('key')}) DO UPDATE SET {fresh} WHERE ({changed}){earlier}"
    )
