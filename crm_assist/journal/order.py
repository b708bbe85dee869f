"""In which order rows are sealed, and which of them are settled: no row may still appear in front of them.

PostgreSQL: by `(tx, id)`, and settled below the oldest transaction that still runs. Never by id or
time: both are drawn before the commit, so a row can become visible behind the sealer's back.
Transactions of other databases of the same server count as running, so a very long one delays the
seals.

SQLite: one table after the other, by rowid. It has a single writer: whoever holds the write lock sees
every row there is, rowids only grow as long as nothing is deleted, and rebuilding a table keeps their
order.
"""

from __future__ import annotations

import hashlib
import heapq
from abc import ABC, abstractmethod
from collections.abc import Iterator, Mapping
from typing import Any
from uuid import UUID

from django.db import NotSupportedError, connections, models
from django.db.models import QuerySet
from django.db.models.expressions import RawSQL

from crm_assist.journal.hashing import Entry, hashed_columns, parse_entries
from crm_assist.journal.models import LogRow, Seal
from crm_assist.journal.tables import log_model, log_models

Mark = tuple[int, UUID]
Marks = Mapping[str, Mark]
"""Up to where rows are sealed: on PostgreSQL one mark for all tables, on SQLite one for each."""

CHUNK = 2000
ZERO = UUID(int=0)


class SealingError(RuntimeError):
    """Rows cannot be sealed here; the message says why and what to do."""


class Order(ABC):
    """The order of one tenant's rows in one database."""

    def __init__(self, using: str, tenant: str) -> None:
        self.using = using
        self.tenant = tenant

    @abstractmethod
    def lock(self) -> None:
        """Be the only sealer of the tenant until the transaction ends."""

    @abstractmethod
    def look(self, last: Seal | None) -> None:
        """Learn what is settled behind `last`, before any row is read; SealingError if it cannot be told."""

    @abstractmethod
    def settled(self, after: Marks) -> Iterator[tuple[str, dict[str, Any]]]:
        """Label and values of the settled rows behind these marks, in order."""

    @abstractmethod
    def between(self, model: type[LogRow], after: Marks, upto: Marks | None) -> QuerySet[Any, Any]:
        """The rows of one table behind `after`, up to and with `upto`, in order."""

    @abstractmethod
    def marks_before(self, entries: list[Entry], seal: Seal) -> Marks:
        """The marks in front of a seal's first row."""

    @abstractmethod
    def marks_after(self, entries: list[Entry], seal: Seal, earlier: Marks) -> Marks:
        """The marks at a seal's last row, given those of the seals before."""

    @abstractmethod
    def current(self, upto: int | None = None) -> Marks:
        """The marks at the last row that is sealed, or that seal number `upto` and those before it cover."""

    @abstractmethod
    def reached(self) -> Marks:
        """The marks at the last row that is settled, sealed or not; after `look`."""

    @abstractmethod
    def bounds(self, rows: list[tuple[str, dict[str, Any]]], last: Seal | None) -> tuple[int, int]:
        """What a new seal states as its low and high."""

    def rows(self, model: type[LogRow]) -> QuerySet[Any, Any]:
        """Every row of the tenant in one table."""
        return model._base_manager.using(self.using).filter(tenant=self.tenant)

    def seals(self, upto: int | None = None) -> QuerySet[Seal]:
        """The tenant's seals, the last one first, or those up to a number."""
        found = Seal._base_manager.using(self.using).filter(tenant=self.tenant).order_by("-sequence")
        return found if upto is None else found.filter(sequence__lte=upto)


def order_for(using: str, tenant: str) -> Order:
    """The order that fits the database; NotSupportedError for one that is neither PostgreSQL nor SQLite."""
    vendor = connections[using].vendor
    if vendor == "postgresql":
        return TransactionOrder(using, tenant)
    if vendor == "sqlite":
        return RowidOrder(using, tenant)
    raise NotSupportedError(f"Rows are sealed on PostgreSQL and SQLite; database {using!r} is {vendor}.")


class TransactionOrder(Order):
    """PostgreSQL: all tables together, by the number of the writing transaction."""

    settled_below = 0

    def lock(self) -> None:
        """An advisory lock until the end of the transaction."""
        digest = hashlib.sha256(f"crm_assist.seal:{self.tenant}".encode()).digest()
        with connections[self.using].cursor() as cursor:
            cursor.execute("SELECT pg_advisory_xact_lock(%s)", [int.from_bytes(digest[:8], "big", signed=True)])

    def look(self, last: Seal | None) -> None:
        """Ask for the oldest running transaction before any row is read, and whether numbers still fit."""
        with connections[self.using].cursor() as cursor:
            cursor.execute(
                "SELECT pg_snapshot_xmin(s)::text::bigint, pg_snapshot_xmax(s)::text::bigint "
                "FROM pg_current_snapshot() AS s"
            )
            self.settled_below, next_number = cursor.fetchone()
        if last is not None and last.high >= next_number:
            raise SealingError(
                f"Seal {last.sequence} of tenant {self.tenant!r} ends at transaction {last.high}, but this "
                f"server has only come to {next_number}: the log was restored into a new cluster. Move its "
                "counter on with pg_resetwal --next-transaction-id and --epoch before new rows are written."
            )

    def settled(self, after: Marks) -> Iterator[tuple[str, dict[str, Any]]]:
        """Rows of all tables, merged."""
        return heapq.merge(
            *(self._settled_of(model, after) for model in log_models()),
            key=lambda row: (row[1]["tx"], row[1]["id"]),
        )

    def _settled_of(self, model: type[LogRow], after: Marks) -> Iterator[tuple[str, dict[str, Any]]]:
        found = self.between(model, after, None).filter(tx__lt=self.settled_below)
        for values in found.values("tx", *hashed_columns(model)).iterator(CHUNK):
            yield model._meta.label_lower, values

    def between(self, model: type[LogRow], after: Marks, upto: Marks | None) -> QuerySet[Any, Any]:
        """By transaction, then id."""
        found = self.rows(model).order_by("tx", "id")
        if after:
            tx, row_id = after[""]
            found = found.filter(tx__gte=tx).exclude(tx=tx, id__lte=row_id)
        if upto:
            tx, row_id = upto[""]
            found = found.filter(tx__lte=tx).exclude(tx=tx, id__gt=row_id)
        return found

    def marks_before(self, entries: list[Entry], seal: Seal) -> Marks:
        """The smallest place below the first row."""
        first = entries[0].row_id.int
        return {"": (seal.low, UUID(int=first - 1)) if first else (seal.low - 1, UUID(int=2**128 - 1))}

    def marks_after(self, entries: list[Entry], seal: Seal, earlier: Marks) -> Marks:
        """The place of the last row."""
        return {"": (seal.high, entries[-1].row_id)}

    def current(self, upto: int | None = None) -> Marks:
        """The place of the last row of the last seal."""
        last = self.seals(upto).first()
        entries = parse_entries(last.entries) if last is not None else None
        return self.marks_after(entries, last, {}) if last is not None and entries else {}

    def reached(self) -> Marks:
        """Behind every row of the transactions that are over."""
        return {"": (self.settled_below - 1, UUID(int=2**128 - 1))}

    def bounds(self, rows: list[tuple[str, dict[str, Any]]], last: Seal | None) -> tuple[int, int]:
        """The first and the last transaction."""
        return rows[0][1]["tx"], rows[-1][1]["tx"]


class RowidOrder(Order):
    """SQLite: table by table, in the order of insertion."""

    def lock(self) -> None:
        """A write that changes nothing takes the write lock before anything is read."""
        with connections[self.using].cursor() as cursor:
            cursor.execute(f'UPDATE "{Seal._meta.db_table}" SET tenant = tenant WHERE 0')

    def look(self, last: Seal | None) -> None:
        """Nothing can be in flight beside the holder of the lock."""

    def settled(self, after: Marks) -> Iterator[tuple[str, dict[str, Any]]]:
        """Rows of one table after the other."""
        for model in log_models():
            found = self.between(model, after, None)
            for values in found.values(*hashed_columns(model)).iterator(CHUNK):
                yield model._meta.label_lower, values

    def between(self, model: type[LogRow], after: Marks, upto: Marks | None) -> QuerySet[Any, Any]:
        """By rowid."""
        label = model._meta.label_lower
        found = self._placed(model).order_by("place")
        if label in after:
            found = found.filter(place__gt=after[label][0])
        if upto is not None:
            found = found.filter(place__lte=upto[label][0]) if label in upto else found.none()
        return found

    def marks_before(self, entries: list[Entry], seal: Seal) -> Marks:
        """In front of the rowid of each table's first row."""
        return {label: (place - 1, ZERO) for label, place in self._places(entries[::-1]).items()}

    def marks_after(self, entries: list[Entry], seal: Seal, earlier: Marks) -> Marks:
        """The rowid of each table's last row."""
        return {**earlier, **{label: (place, ZERO) for label, place in self._places(entries).items()}}

    def current(self, upto: int | None = None) -> Marks:
        """Go back through the seals until each table that has rows was met."""
        wanted = {model._meta.label_lower for model in log_models() if self.rows(model).exists()}
        marks: Marks = {}
        for seal in self.seals(upto).iterator(1):
            marks = {**self.marks_after(parse_entries(seal.entries) or [], seal, {}), **marks}
            if wanted <= set(marks):
                break
        return marks

    def reached(self) -> Marks:
        """At the highest rowid of each table."""
        newest = {model: self._placed(model).order_by("-place").first() for model in log_models()}
        return {model._meta.label_lower: (row.place, ZERO) for model, row in newest.items() if row is not None}

    def bounds(self, rows: list[tuple[str, dict[str, Any]]], last: Seal | None) -> tuple[int, int]:
        """How many rows were sealed before this seal, and with it."""
        low = last.high if last is not None else 0
        return low, low + len(rows)

    def _placed(self, model: type[LogRow]) -> QuerySet[Any, Any]:
        rowid = RawSQL(f'"{model._meta.db_table}"."rowid"', [], output_field=models.BigIntegerField())
        placed: QuerySet[Any, Any] = self.rows(model).annotate(place=rowid)
        return placed

    def _places(self, entries: list[Entry]) -> dict[str, int]:
        """The rowid of each table's last entry, among those rows that are still there."""
        found: dict[str, int] = {}
        for label in {entry.label for entry in entries}:
            ids = [entry.row_id for entry in entries if entry.label == label]
            model = log_model(label)
            if model is None:
                continue
            places = dict(self._placed(model).filter(id__in=ids).values_list("id", "place"))
            known = [places[row_id] for row_id in ids if row_id in places]
            if known:
                found[label] = known[-1]
        return found
