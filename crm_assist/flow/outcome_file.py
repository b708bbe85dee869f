"""A file of outcomes (CSV, gzip too), read line by line: what is wrong is named by line, column and value."""

from __future__ import annotations

import csv
import gzip
import io
import zlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any, BinaryIO, cast

from django.utils.translation import gettext as _

from crm_assist.decisions.answers import BadAnswer
from crm_assist.decisions.outcomes import checked_kind, checked_moment, checked_texts, checked_version
from crm_assist.flow.outcomes import ToldOutcome

NEEDED = ("key", "product", "kind", "occurred_at", "external_id")
COLUMNS = (*NEEDED, "version", "tenant")
DELIMITERS = (",", ";", "\t", "|")
GZIP = b"\x1f\x8b"
LONGEST_KEY = 255
Watch = Callable[[int], object]
"""Told how many bytes of the file are read."""


class BadFile(ValueError):
    """A file that cannot be read as one of outcomes at all; says why and what to do."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Fault:
    """One cell that cannot be taken: where, what stands there, and what is wrong with it."""

    line: int
    column: str
    value: str
    message: str

    def __str__(self) -> str:
        return f"line {self.line}, {self.column} {self.value!r}: {self.message}"


@dataclass(frozen=True, kw_only=True, slots=True)
class Line:
    """One line as it was read: the outcome that it tells, or its fault."""

    number: int
    told: ToldOutcome | None = None
    fault: Fault | None = None


def read_outcomes(path: Path, *, now: datetime, watch: Watch = lambda done: None) -> Iterator[Line]:
    """Every line of a UTF-8 file with a header, checked for itself; never more than one line is in memory.

    Raises BadFile for a file that cannot be read, and for a header that lacks a column or has one that is not known.
    """
    try:
        with path.open("rb") as raw:
            start = raw.read(len(GZIP))
            raw.seek(0)
            stream = cast(BinaryIO, gzip.GzipFile(fileobj=raw)) if start == GZIP else raw
            text = io.TextIOWrapper(stream, encoding="utf-8-sig", newline="")
            for line in _lines(text, now):
                yield line
                watch(raw.tell())
    except UnicodeDecodeError as error:
        raise BadFile(_("%(path)s is not UTF-8; save it as UTF-8.") % {"path": path}) from error
    except (OSError, EOFError, zlib.error, csv.Error) as error:
        words = {"path": path, "error": error}
        raise BadFile(_("%(path)s cannot be read: %(error)s; give a whole file of text or gzip.") % words) from error


def _lines(text: io.TextIOWrapper, now: datetime) -> Iterator[Line]:
    header = text.readline()
    delimiter = max(DELIMITERS, key=header.count)
    names = _checked([name.strip() for name in next(csv.reader([header], delimiter=delimiter), [])])
    rows = csv.reader(text, delimiter=delimiter)
    begins = 2
    for cells in rows:
        if cells:
            yield _line(begins, names, cells, now)
        begins = rows.line_num + 2


def _checked(names: list[str]) -> list[str]:
    known = ", ".join(COLUMNS)
    for name in names:
        if name not in COLUMNS:
            words = {"name": name[:40], "known": known}
            message = _("Column “%(name)s” is not known; use %(known)s. An outcome holds no amount and no currency.")
            raise BadFile(message % words)
        if names.count(name) > 1:
            raise BadFile(_("Column “%(name)s” appears twice; give each column once.") % {"name": name})
    for name in NEEDED:
        if name not in names:
            words = {"name": name, "known": known}
            raise BadFile(_("Column “%(name)s” is missing; the first line names the columns: %(known)s.") % words)
    return names


def _line(number: int, names: list[str], cells: list[str], now: datetime) -> Line:
    if len(cells) != len(names):
        words = {"cells": len(cells), "columns": len(names)}
        message = _(
            "%(cells)d cells where the header has %(columns)d; put quotes around cells that hold the delimiter."
        )
        fault = Fault(line=number, column=names[0], value=cells[0][:40], message=message % words)
        return Line(number=number, fault=fault)
    values = dict(zip(names, cells, strict=True))
    try:
        return Line(number=number, told=outcome_of(values, now=now))
    except BadAnswer as error:
        value = values.get(error.field, "")[:40]
        return Line(number=number, fault=Fault(line=number, column=error.field, value=value, message=error.message))


def outcome_of(values: Mapping[str, str], *, now: datetime) -> ToldOutcome:
    """One outcome from texts by column, or BadAnswer with the column; an id is needed, so that twice is once."""
    for name in ("key", "external_id"):
        if not values[name]:
            raise BadAnswer(name, _("This must not be empty."))
    if len(values["key"]) > LONGEST_KEY:
        raise BadAnswer(
            "key", _("This text is too long: use at most %(longest)d characters.") % {"longest": LONGEST_KEY}
        )
    checked_texts(product=values["product"], external_id=values["external_id"])
    version = _version(values.get("version", ""))
    checked_version(version, external_id=values["external_id"])
    return ToldOutcome(
        key=values["key"],
        product=values["product"],
        kind=checked_kind(values["kind"]).value,
        occurred_at=checked_moment(_moment(values["occurred_at"]), now=now),
        tenant=values.get("tenant", ""),
        external_id=values["external_id"],
        version=version,
    )


def read_message(outcomes: Sequence[Mapping[str, Any]], *, now: datetime) -> list[ToldOutcome]:
    """The outcomes of a message, whose values are those of a file; BadAnswer names the place, as `outcomes[3].kind`."""
    read = []
    for place, values in enumerate(outcomes):
        try:
            for name in sorted({*values, *NEEDED}):
                if name not in COLUMNS or name not in values:
                    message = _("This field is not known; use %(known)s.") if name in values else _("This is missing.")
                    raise BadAnswer(name[:40], message % {"known": ", ".join(COLUMNS)})
            told = {name: "" if value is None else str(value) for name, value in values.items()}
            read.append(outcome_of(told, now=now))
        except BadAnswer as error:
            raise BadAnswer(f"outcomes[{place}].{error.field}", error.message) from error
    return read


def _moment(text: str) -> datetime:
    try:
        return datetime.fromisoformat(text)
    except ValueError:
        words = {"value": text[:40]}
        message = _("“%(value)s” is not a moment; write it as 2026-11-30T09:00:00Z.") % words
        raise BadAnswer("occurred_at", message) from None


def _version(text: str) -> int | None:
    if not text:
        return None
    if not (text.isascii() and text.isdecimal() and len(text) < 20):
        message = _("“%(value)s” is not a version; use a whole number.") % {"value": text[:40]}
        raise BadAnswer("version", message)
    return int(text)
