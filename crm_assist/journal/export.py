"""Rows of a log as CSV or JSON lines, streamed: chunk by chunk, never the whole in memory.

CSV is for spreadsheets: text that one would run as a formula gets a quote in front, and what is nested
stands as JSON in its cell; numbers and moments are written as PostgreSQL's COPY writes them. JSON lines are for
machines: nothing is altered, values are written as in payloads (`journal.canonical`).
"""

from __future__ import annotations

import csv
import io
import json
import math
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import UTC, datetime
from decimal import Decimal
from itertools import islice
from typing import Any, TypeVar

from django.db import models

from crm_assist.journal.canonical import canonical
from crm_assist.journal.pseudonyms import Names

M = TypeVar("M", bound=models.Model)
CHUNK = 500
FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r")


class TooManyRows(ValueError):
    """The export would hold more rows than it may; nothing was written."""


def bounded(rows: models.QuerySet[M], limit: int) -> models.QuerySet[M]:
    """The queryset as it came, if it has at most `limit` rows; TooManyRows otherwise."""
    if rows.order_by()[: limit + 1].count() > limit:
        raise TooManyRows(f"More than {limit:,} rows pass the filters; narrow them, for example by date.")
    return rows


def joined_records(
    rows: models.QuerySet[M], records: Callable[[list[M], Names], Iterable[Mapping[str, Any]]], names: Names
) -> Iterator[Mapping[str, Any]]:
    """The records of rows, a chunk of them at a time: what stands beside them is asked once for each chunk."""
    stream = rows.iterator(CHUNK)
    while chunk := list(islice(stream, CHUNK)):
        yield from records(chunk, names)


def csv_lines(columns: Sequence[str], records: Iterable[Mapping[str, Any]]) -> Iterator[str]:
    """A header and a line per record, in RFC 4180's form; columns that a record lacks are empty."""
    yield from csv_rows(columns, [{name: name for name in columns}])
    yield from csv_rows(columns, records)


def csv_rows(columns: Sequence[str], records: Iterable[Mapping[str, Any]]) -> Iterator[str]:
    """The same without the header."""
    buffer = io.StringIO()
    writer = csv.writer(buffer)
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
        if isinstance(value, float):
            return number_text(value)
        return "" if value is None else value
    if isinstance(value, datetime):
        return moment_text(value)
    return safe_text(value if isinstance(value, str) else canonical(value).strip('"'))


def safe_text(text: str) -> str:
    """A text that no spreadsheet runs: with a quote in front, if it would be a formula."""
    # Behind quotes of its own too, so that one quote less is the text again, whatever it was.
    return f"'{text}" if text.lstrip("'").startswith(FORMULA_STARTS) else text


def moment_text(value: datetime) -> str:
    """An aware moment in UTC, in PostgreSQL's form: `2026-03-01 09:30:00.5+00`."""
    text = value.astimezone(UTC).replace(tzinfo=None).isoformat(sep=" ")
    return f"{text.rstrip('0') if '.' in text else text}+00"


def number_text(value: float) -> str:
    """The shortest text that is this number again, in PostgreSQL's form: `3` and not `3.0`, `1e+15`, `NaN`."""
    if not math.isfinite(value):
        return "NaN" if value != value else "Infinity" if value > 0 else "-Infinity"
    text = repr(value).removesuffix(".0")
    if not 1e15 <= abs(value) < 1e16:
        return text
    sign, digits, exponent = Decimal(text).normalize().as_tuple()
    first, rest = str(digits[0]), "".join(map(str, digits[1:]))
    return f"{'-' if sign else ''}{first}{'.' if rest else ''}{rest}e+{int(exponent) + len(digits) - 1}"
