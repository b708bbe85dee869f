"""The settled rows of one table, in the log's own order, from a mark on: what an export can take without a gap.

On PostgreSQL rows are taken by `(tx, id)` and only below the oldest transaction that still runs: a row that is
committed later than a newer one lies behind the mark, never in front of it. On SQLite by rowid: it has a single writer.
A mark says up to where rows were taken: `tx.id`, or on SQLite the rowid.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import connections, models, router
from django.db.models.expressions import RawSQL

from crm_assist.journal.ids import behind_month, lowest_of_month
from crm_assist.journal.models import LogRow
from crm_assist.journal.order import ZERO, Mark, TransactionOrder, order_for

WRITTEN = re.compile(r"(?P<number>\d{1,18})(?:\.(?P<id>[0-9a-f]{32}))?", re.ASCII)


class BadMark(ValueError):
    """A mark does not belong to this database's log; the message names it and says what to give."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Selection:
    """The rows of one tenant and table behind `after`, up to and with `upto`, of a time; none when `upto` is None."""

    model: type[LogRow]
    using: str
    tenant: str
    after: Mark | None = None
    upto: Mark | None = None
    since: datetime | None = None
    until: datetime | None = None

    @property
    def in_transactions(self) -> bool:
        """Whether rows are ordered by transaction; by rowid otherwise."""
        return connections[self.using].vendor == "postgresql"

    @property
    def table(self) -> str:
        """The table's name, quoted."""
        return f'"{self.model._meta.db_table}"'

    @property
    def order(self) -> str:
        """What the rows are ordered by, as SQL."""
        return f"{self.table}.tx, {self.table}.id" if self.in_transactions else f"{self.table}.rowid"

    def where(self, after: Mark | None = None, upto: Mark | None = None) -> tuple[str, list[Any]]:
        """The condition on rows behind `after`, or else the selection's own mark, up to `upto`, and its values."""
        table, values = self.table, list[Any]([self.tenant])
        parts = [f"{table}.tenant = %s"]
        for sign, mark in ((">", after or self.after), ("<=", upto or self.upto)):
            if mark is not None and self.in_transactions:
                # Compared as a pair: by tx alone a large transaction would be read again for each chunk of it.
                parts.append(f"({table}.tx, {table}.id) {sign} (%s, %s)")
                values += mark
            elif mark is not None:
                parts.append(f"{table}.rowid {sign} %s")
                values.append(mark[0])
        for sign, moment, bound in ((">=", self.since, lowest_of_month), ("<", self.until, behind_month)):
            if moment is not None:
                # The id as well: of a table that is parted by month only those months are read.
                parts.append(f"{table}.at {sign} %s AND {table}.id {sign} %s")
                values.append(connections[self.using].ops.adapt_datetimefield_value(moment))
                values.append(self._id(bound(moment)))
        if self.upto is None:
            parts.append("1 = 0")
        return " AND ".join(parts), values

    def _id(self, row_id: UUID) -> Any:
        """An id as this database keeps it."""
        return row_id if self.in_transactions else row_id.hex

    def count(self) -> int:
        """How many rows there are to take."""
        return self.rows().count()

    def take(self, after: Mark | None, most: int, related: Sequence[str]) -> list[Any]:
        """The next rows, in order, with these relations."""
        rows = self.rows(after).order_by(*(("tx", "id") if self.in_transactions else ("place",)))
        return list(rows.select_related(*related)[:most] if related else rows[:most])

    def place_of(self, row: Any) -> Mark:
        """The mark of a row that was taken."""
        return (row.tx, row.id) if self.in_transactions else (row.place, ZERO)

    def boundary(self, after: Mark | None, rows: int) -> Mark | None:
        """The mark of the row so many further on; None when there are not so many. PostgreSQL alone."""
        where, values = self.where(after)
        sql = f"SELECT tx, id FROM {self.table} WHERE {where} ORDER BY {self.order} OFFSET %s LIMIT 1"
        with connections[self.using].cursor() as cursor:
            cursor.execute(sql, [*values, rows - 1])
            found = cursor.fetchone()
        return (int(found[0]), found[1]) if found else None

    def rows(self, after: Mark | None = None) -> models.QuerySet[Any, Any]:
        """The rows behind `after`, or all of the selection, in no order yet."""
        where, values = self.where(after)
        rows: models.QuerySet[Any, Any] = self.model._base_manager.using(self.using)
        rows = rows.filter(RawSQL(where, values, output_field=models.BooleanField()))
        if not self.in_transactions:
            rows = rows.annotate(place=RawSQL(f"{self.table}.rowid", [], output_field=models.BigIntegerField()))
        return rows


def select(
    model: type[LogRow],
    *,
    tenant: str,
    after: Mark | None = None,
    since: datetime | None = None,
    until: datetime | None = None,
) -> Selection:
    """What of a table is settled at this moment; BadMark for a mark that lies ahead of it."""
    using = router.db_for_write(model)
    order = order_for(using, tenant)
    order.look(None)
    table, values = f'"{model._meta.db_table}"', list[Any]()
    if isinstance(order, TransactionOrder):
        if after is not None and (after[0] >= order.settled_below or not after[1].int):
            raise _foreign(after)
        sql = f"SELECT tx, id FROM {table} WHERE tenant = %s AND tx < %s ORDER BY tx DESC, id DESC LIMIT 1"
        values = [tenant, order.settled_below]
    else:
        sql = f"SELECT max(rowid) FROM {table}"
    with connections[using].cursor() as cursor:
        cursor.execute(sql, values)
        found = cursor.fetchone()
    last: Mark | None = None
    if found and found[0] is not None:
        last = (int(found[0]), found[1] if len(found) == 2 else ZERO)
    if after is not None and not isinstance(order, TransactionOrder) and (last is None or after > last or after[1].int):
        raise _foreign(after)
    return Selection(model=model, using=using, tenant=tenant, after=after, upto=last, since=since, until=until)


def written(mark: Mark | None) -> str:
    """A mark as people keep it; empty for the beginning."""
    if mark is None:
        return ""
    return f"{mark[0]}.{mark[1].hex}" if mark[1].int else str(mark[0])


def read_mark(text: str) -> Mark:
    """The mark behind a text; BadMark when it is none."""
    found = WRITTEN.fullmatch(text.strip())
    if found is None:
        raise BadMark(f"mark {text[:60]!r} is none; give a mark that an export printed, or a day such as 2026-11-30.")
    return int(found["number"]), UUID(found["id"]) if found["id"] else ZERO


def _foreign(mark: Mark) -> BadMark:
    return BadMark(
        f"mark {written(mark)!r} lies ahead of this database's log: it comes from another database, or this one was "
        "restored from a backup. Export from a day on, and keep the mark that is printed then."
    )
