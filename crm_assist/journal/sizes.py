"""What the log takes of the disk: a table's bytes for each row, and what payloads would take written whole."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.db import connections, models, router
from django.db.models.functions import Length
from django.db.utils import OperationalError

from crm_assist.journal.canonical import canonical
from crm_assist.journal.models import LogRow, Payload
from crm_assist.journal.writer import SALT, payloads_of

SAMPLE = 1_000

POSTGRESQL = """
SELECT coalesce(sum(pg_table_size(relid)), 0), coalesce(sum(pg_indexes_size(relid)), 0)
FROM (SELECT relid FROM pg_partition_tree(%s::regclass) UNION SELECT %s::regclass) AS parts
"""
SQLITE = """
SELECT coalesce(sum(pgsize) FILTER (WHERE name = tbl_name), 0), coalesce(sum(pgsize) FILTER (WHERE name <> tbl_name), 0)
FROM dbstat JOIN sqlite_schema USING (name) WHERE tbl_name = %s
"""


@dataclass(frozen=True, kw_only=True, slots=True)
class TableSize:
    """One table on the disk: its rows, their bytes, and those of its indexes."""

    rows: int
    table: int
    indexes: int

    @property
    def of_a_row(self) -> tuple[float, float]:
        """Bytes of one row and of its entries in the indexes; none where there are no rows."""
        return (self.table / self.rows, self.indexes / self.rows) if self.rows else (0.0, 0.0)


@dataclass(frozen=True, kw_only=True, slots=True)
class PayloadSize:
    """The latest payloads of a kind of row, in bytes: as they are stored, compressed or not, and their text.

    `whole` is the same text with every object written out, as by schema 1.
    """

    count: int
    stored: int
    text: int
    whole: int


def table_size(model: type[models.Model]) -> TableSize | None:
    """The size of a model's table, all its partitions included; None where the database does not tell."""
    using = router.db_for_read(model)
    connection, name = connections[using], model._meta.db_table
    if connection.vendor not in ("postgresql", "sqlite"):
        return None
    asked = (POSTGRESQL, [name, name]) if connection.vendor == "postgresql" else (SQLITE, [name])
    try:
        with connection.cursor() as cursor:
            cursor.execute(*asked)
            table, indexes = cursor.fetchone()
    except OperationalError:  # an SQLite that was built without its table of sizes
        return None
    return TableSize(rows=model._base_manager.using(using).count(), table=int(table), indexes=int(indexes))


def payload_size(model: type[LogRow], *, sample: int = SAMPLE) -> PayloadSize:
    """How large the payloads of the latest rows of this kind are that still have one."""
    ids = list(model._base_manager.order_by("-id").values_list("pk", flat=True)[:sample])
    kept = Payload.objects.filter(row_id__in=ids, body__isnull=False)
    stored = list(kept.values_list(_column_size(), Length("body")))
    whole = sum(map(_whole, payloads_of(kept.values_list("row_id", flat=True)).values()))
    return PayloadSize(
        count=len(stored), stored=sum(size for size, _ in stored), text=sum(text for _, text in stored), whole=whole
    )


def _whole(payload: Any) -> int:
    return len(canonical(payload)) + len(f'"{SALT}":"",') + 32


def _column_size() -> Any:
    """Canonical text is ASCII: where nothing is compressed, its length is its size."""
    if connections[router.db_for_read(Payload)].vendor == "postgresql":
        return models.Func("body", function="pg_column_size", output_field=models.IntegerField())
    return Length("body")
