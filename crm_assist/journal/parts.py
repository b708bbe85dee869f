"""Monthly partitions of log tables on PostgreSQL: which there are, and the bounds of a month by the ids of its rows.

The ids of the log sort by time, so the primary key itself is what the tables are parted by: no key, no foreign key and
no model changes. Months are those of UTC, as the ids are.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from uuid import UUID

from django.db import connections

from crm_assist.journal.ids import moment_of, uuid7

BOUND = re.compile(r"FOR VALUES FROM \('([0-9a-f-]{36})'\) TO \('([0-9a-f-]{36})'\)")
REST = "rest"
"""Ends the name of the partition for ids of no month that there is."""


@dataclass(frozen=True, kw_only=True, slots=True, order=True)
class Month:
    """A calendar month in UTC."""

    year: int
    month: int

    def __str__(self) -> str:
        return f"{self.year:04d}-{self.month:02d}"

    @classmethod
    def of(cls, moment: datetime | UUID) -> Month:
        """The month of a moment, or of when a row with this id was written."""
        utc = (moment_of(moment) if isinstance(moment, UUID) else moment).astimezone(UTC)
        return cls(year=utc.year, month=utc.month)

    @classmethod
    def read(cls, text: str) -> Month:
        """The month that a text such as `2026-03` says."""
        year, month = text.split("-")
        return cls(year=int(year), month=int(month))

    @property
    def start(self) -> datetime:
        """Its first moment."""
        return datetime(self.year, self.month, 1, tzinfo=UTC)

    @property
    def lowest(self) -> UUID:
        """The lowest id of its rows, and so the first that the month before it does not have."""
        return uuid7(self.start, bytes(10))

    def later(self, months: int = 1) -> Month:
        """The month so many months on, or back."""
        year, month = divmod(self.year * 12 + self.month - 1 + months, 12)
        return Month(year=year, month=month + 1)

    def upto(self, last: Month) -> Iterator[Month]:
        """This month and those behind it, up to and with the last."""
        month = self
        while month <= last:
            yield month
            month = month.later()

    def named(self, table: str) -> str:
        """What the partition of a table for this month is called."""
        return f"{table}_y{self.year:04d}m{self.month:02d}"

    @property
    def bounds(self) -> str:
        """Which ids its partition takes, as SQL."""
        return f"FOR VALUES FROM ('{self.lowest}') TO ('{self.later().lowest}')"


@dataclass(frozen=True, kw_only=True, slots=True)
class Part:
    """One partition; `month` is None for that of all other ids, and for one that is no month of ours."""

    table: str
    name: str
    month: Month | None


def parts_of(using: str, tables: Collection[str]) -> list[Part]:
    """The partitions of these tables, by name; none where a table is plain."""
    connection = connections[using]
    if connection.vendor != "postgresql" or not tables:
        return []
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT p.relname, c.relname, pg_get_expr(c.relpartbound, c.oid) FROM pg_inherits i "
            "JOIN pg_class c ON c.oid = i.inhrelid JOIN pg_class p ON p.oid = i.inhparent "
            "WHERE p.relkind = 'p' AND p.relname = ANY(%s) AND pg_table_is_visible(p.oid) ORDER BY 1, 2",
            [list(tables)],
        )
        return [Part(table=table, name=name, month=_month(bound)) for table, name, bound in cursor.fetchall()]


def is_parted(using: str, table: str) -> bool:
    """Whether the table has partitions, or could have."""
    connection = connections[using]
    if connection.vendor != "postgresql":
        return False
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT 1 FROM pg_class WHERE relkind = 'p' AND relname = %s AND pg_table_is_visible(oid)", [table]
        )
        return cursor.fetchone() is not None


def rest_of(table: str) -> str:
    """What the partition for ids of no month is called."""
    return f"{table}_{REST}"


def _month(bound: str) -> Month | None:
    found = BOUND.fullmatch(bound)
    if found is None:
        return None
    month = Month.of(UUID(found[1]))
    return month if (UUID(found[1]), UUID(found[2])) == (month.lowest, month.later().lowest) else None
