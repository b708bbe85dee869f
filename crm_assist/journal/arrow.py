"""Views as Arrow tables and Parquet files; the only place that imports pyarrow, which the extra [parquet] brings.

Moments are UTC without a time zone: readers that know zones pay for them at every comparison. What is nested stands as
JSON text, since its shape may change with the schema of the log.
"""

from __future__ import annotations

import io
from collections.abc import Callable, Iterable, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from django.core.exceptions import ImproperlyConfigured

from crm_assist.journal.canonical import canonical
from crm_assist.journal.views import Kind, Record, View
from crm_assist.packages import remedy


def require() -> Any:
    """The package pyarrow; ImproperlyConfigured with the remedy where it is missing."""
    try:
        import pyarrow  # optional: [parquet]
    except ImportError as error:
        raise ImproperlyConfigured(f"Parquet and Arrow need pyarrow: {remedy('parquet')}") from error
    return pyarrow


def table(view: View, records: Iterable[Record]) -> Any:
    """Some records as a table with the view's columns."""
    pa, kept = require(), list(records)
    found = schema(view)
    columns = [
        pa.array([PLAIN[column.kind](record.get(column.name)) for record in kept], type=found.field(column.name).type)
        for column in view.columns
    ]
    return pa.Table.from_arrays(columns, schema=found)


def read_csv(view: View, lines: bytes) -> Any:
    """Lines of CSV without a header as the same table: empty text stays text, empty numbers are null."""
    pa = require()
    if not lines:
        return schema(view).empty_table()
    from pyarrow import csv  # optional: [parquet]

    wanted = schema(view)
    read_as = {name: pa.timestamp("us", tz="UTC") if str(t).startswith("timestamp") else t for name, t in _types(view)}
    found = csv.read_csv(
        pa.BufferReader(lines),
        read_options=csv.ReadOptions(column_names=view.names, use_threads=False),
        parse_options=csv.ParseOptions(newlines_in_values=True),
        convert_options=csv.ConvertOptions(column_types=read_as, null_values=[""], strings_can_be_null=False),
    )
    return found.cast(wanted)


def schema(view: View) -> Any:
    """The view's columns by type, with what they mean in the file's own metadata."""
    pa = require()
    told = {column.name: column.meaning for column in view.columns}
    return pa.schema([pa.field(name, kind, metadata={"meaning": told[name]}) for name, kind in _types(view)])


def stream(found: Any) -> bytes:
    """A table as one Arrow stream, which ends by itself."""
    pa, sink = require(), io.BytesIO()
    with pa.ipc.new_stream(sink, found.schema) as writer:
        writer.write_table(found)
    return sink.getvalue()


def write_parquet(view: View, streams: Path, target: Path) -> None:
    """The streams in a file as one Parquet file, one of them in memory at a time."""
    pa = require()
    from pyarrow import parquet  # optional: [parquet]

    size = streams.stat().st_size
    with streams.open("rb") as source, parquet.ParquetWriter(target, schema(view), compression="zstd") as writer:
        while source.tell() < size:
            with pa.ipc.open_stream(source) as reader:
                writer.write_table(reader.read_all())


def naive(moment: datetime | None) -> datetime | None:
    """A moment in UTC without its zone."""
    return None if moment is None else moment.astimezone(UTC).replace(tzinfo=None)


def text(value: Any) -> str | None:
    """An id or a nested value as text; None stays None."""
    return value if value is None or isinstance(value, str) else canonical(value)


def _types(view: View) -> list[tuple[str, Any]]:
    pa = require()
    kinds = {
        Kind.TEXT: pa.string(),
        Kind.CODE: pa.string(),
        Kind.ID: pa.string(),
        Kind.NESTED: pa.string(),
        Kind.WHOLE: pa.int64(),
        Kind.NUMBER: pa.float64(),
        Kind.YES_NO: pa.bool_(),
        Kind.MOMENT: pa.timestamp("us"),
    }
    return [(column.name, kinds[column.kind]) for column in view.columns]


PLAIN: Mapping[Kind, Callable[[Any], Any]] = {
    Kind.TEXT: lambda value: value,
    Kind.CODE: lambda value: value,
    Kind.ID: lambda value: None if value is None else str(value),
    Kind.NESTED: text,
    Kind.WHOLE: lambda value: value,
    Kind.NUMBER: lambda value: None if value is None else float(value),
    Kind.YES_NO: lambda value: value,
    Kind.MOMENT: naive,
}
