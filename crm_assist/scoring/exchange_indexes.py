"""The indexes of a table that is to take the place of another: the same ones, sorted as fast as the server can."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.db import connections

PENDING = "crm_assist_new_"
"""What the indexes of the new table are called until the exchange, with the number of the one they replace."""

SORTED_KIB = 8 * 1024
"""What an index is sorted in at least: rows that fit a processor's cache are sorted in half the time."""

HELPERS = "parallel_workers"
"""The option that lets others of the server help to sort in so little: without it each must have 32 MB. It stays
within `max_parallel_maintenance_workers`, and goes when the indexes are built."""

MERGED_KIB = 264
"""What the server wants for each sorted part that it merges: a larger table is sorted in larger parts, merged once."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Index:
    """An index of the old table: its number, whether it is unique, and what stands after USING."""

    oid: int
    is_unique: bool
    columns: str

    @property
    def name(self) -> str:
        """What its successor is called until the exchange."""
        return f"{PENDING}{self.oid}"


def indexes(old: str, using: str) -> list[Index]:
    """The indexes that the new table needs: those of the old one, whatever a host has added."""
    with connections[using].cursor() as cursor:
        cursor.execute(
            "SELECT indexrelid::bigint, indisunique, split_part(pg_get_indexdef(indexrelid), ' USING ', 2) "
            "FROM pg_index WHERE indrelid = to_regclass(%s) ORDER BY indisprimary, indexrelid",
            [f'"{old}"'],
        )
        return [Index(oid=oid, is_unique=is_unique, columns=rest) for oid, is_unique, rest in cursor.fetchall()]


def build(cursor: Any, *, table: str, index: Index) -> None:
    """Build one index, unless an interrupted run has."""
    unique = "UNIQUE " if index.is_unique else ""
    cursor.execute(
        "SELECT set_config('maintenance_work_mem', LEAST(setting::bigint, GREATEST(%s, "
        "sqrt(pg_relation_size(to_regclass(%s)) / 1024 * %s)::bigint)) || 'kB', true) "
        "FROM pg_settings WHERE name = 'maintenance_work_mem'",
        [SORTED_KIB, f'"{table}"', MERGED_KIB],
    )
    cursor.execute(f'CREATE {unique}INDEX IF NOT EXISTS "{index.name}" ON "{table}" USING {index.columns}')
