"""Rows of a log as CSV or JSON lines, streamed: chunk by chunk, never the whole in memory.

CSV is for spreadsheets: text that one would run as a formula gets a quote in front, and what is nested
stands as JSON in its cell. JSON lines are for machines: nothing is altered, values are written as in
payloads (`journal.canonical`).
"""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from itertools import islice
from typing import Any, TypeVar
from uuid import UUID

from django.db import models

from crm_assist.journal.canonical import canonical

M = TypeVar("M", bound=models.Model)
Lookup = Callable[[list[M]], Mapping[UUID, Any]]
"""What stands beside rows, by row id: asked once for each chunk."""

CHUNK = 500
FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r")


class TooManyRows(ValueError):
    """The export would hold more rows than it may; nothing was written."""


def bounded(rows: models.QuerySet[M], limit: int) -> models.QuerySet[M]:
    """The queryset as it came, if it has at most `limit` rows; TooManyRows otherwise."""
    if rows.order_by()[: limit + 1].count() > limit:
        raise TooManyRows(f"More than {limit:,} rows pass the filters; narrow them, for example by date.")
    return rows


def joined(rows: Iterable[M], lookups: Mapping[str, Lookup[M]]) -> Iterator[tuple[M, dict[str, Any]]]:
    """Each row with what each lookup has beside it (None where it has nothing)."""
    stream = iter(rows)
    while chunk := list(islice(stream, CHUNK)):
        found = {name: lookup(chunk) for name, lookup in lookups.items()}
        for row in chunk:
            yield row, {name: beside.get(row.pk) for name, beside in found.items()}


def csv_lines(columns: Sequence[str], records: Iterable[Mapping[str, Any]]) -> Iterator[str]:
    """A header and a line per record, in RFC 4180's form; columns that a record lacks are empty."""
    buffer = io.StringIO()
    writer = csv.writer(buffer)
    writer.writerow([_cell(name) for name in columns])
    yield _drained(buffer)
    for record in records:
        writer.writerow([_cell(record.get(name)) for name in columns])
        yield _drained(buffer)


def json_lines(columns: Sequence[str], records: Iterable[Mapping[str, Any]]) -> Iterator[str]:
    """One JSON object per line, with the columns in their order; what a record lacks is null."""
    for record in records:
        members = (f"{json.dumps(name)}:{canonical(record.get(name))}" for name in columns)
        yield "{" + ",".join(members) + "}\n"


def _drained(buffer: io.StringIO) -> str:
    text = buffer.getvalue()
    buffer.seek(0)
    buffer.truncate()
    return text


def _cell(value: Any) -> Any:
    """A value as a spreadsheet may see it."""
    if value is None or isinstance(value, (bool, int, float)):
        return "" if value is None else value
    text = value if isinstance(value, str) else canonical(value).strip('"')
    # Behind quotes of its own too, so that one quote less is the text again, whatever it was.
    return f"'{text}" if text.lstrip("'").startswith(FORMULA_STARTS) else text
