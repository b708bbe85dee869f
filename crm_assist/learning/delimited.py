"""A file of delimited text (CSV, gzip too) as columns of raw texts; what is wrong is named by line and column."""

from __future__ import annotations

import csv
import gzip
import io
import zlib
from array import array
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import BinaryIO, cast

from .errors import FitError

DELIMITERS = (",", ";", "\t", "|")
GZIP = b"\x1f\x8b"
SAMPLE_BYTES = 65_536
SAMPLE_LINES = 20
CHUNK = 20_000
Watch = Callable[[int], object]
"""Told how many bytes of the file are read."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Delimited:
    """A file as it was read: n raw texts per column, the line (from 1) at which each row begins, the delimiter."""

    columns: dict[str, list[str]]
    lines: Sequence[int]
    delimiter: str


def read_delimited(path: Path, *, delimiter: str = "", watch: Watch = lambda done: None) -> Delimited:
    """Return the columns of a UTF-8 file with a header line; the delimiter is found where none is given.

    Raises FitError for a file that cannot be read, a header with an empty or a double name, and a row of another
    length than the header, with its line. Blank lines are left out.
    """
    try:
        with path.open("rb") as raw:
            return _read(raw, delimiter, watch)
    except (OSError, EOFError, zlib.error) as error:
        # An error of the system repeats the path; its own words are enough.
        why = getattr(error, "strerror", None) or error
        raise FitError(f"it cannot be read: {why}; give a whole file of text, or of text in gzip") from error


def found_delimiter(lines: Sequence[str]) -> str:
    """Return the delimiter with which the first lines have the most cells, alike in each; FitError if none has two."""
    if not any(line.strip() for line in lines):
        raise FitError("the file is empty; its first line must name the columns")
    best, most = "", 1
    for candidate in DELIMITERS:
        counts = {len(row) for row in csv.reader(lines, delimiter=candidate) if row}
        if len(counts) == 1 and (count := counts.pop()) > most:
            best, most = candidate, count
    if not best:
        known = ", ".join(map(repr, DELIMITERS))
        raise FitError(f"no delimiter of {known} divides the first lines alike; name it, or mend the lines")
    return best


def _read(raw: BinaryIO, delimiter: str, watch: Watch) -> Delimited:
    start = raw.read(len(GZIP))
    raw.seek(0)
    stream = cast(BinaryIO, gzip.GzipFile(fileobj=raw)) if start == GZIP else raw
    delimiter = delimiter or found_delimiter(_first_lines(stream))
    stream.seek(0)
    text = io.TextIOWrapper(stream, encoding="utf-8-sig", newline="")
    reader = csv.reader(text, delimiter=delimiter)
    try:
        header = next(reader, [])
        names = _checked(header)
        lines, columns = array("L"), [[] for _ in names]  # type: ignore[var-annotated]
        # One text for equal cells: a category of few levels takes no more room than its places.
        known: list[dict[str, str]] = [{} for _ in names]
        rows = _rows(reader, len(names))
        while chunk := list(islice(rows, CHUNK)):
            lines.extend(line for line, _row in chunk)
            for column, seen, cells in zip(
                columns, known, zip(*(row for _line, row in chunk), strict=True), strict=True
            ):
                column.extend([seen.setdefault(cell, cell) for cell in cells])
            watch(raw.tell())
    except UnicodeDecodeError as error:
        raise FitError(
            f"line {_line_of_fault(stream)} is not UTF-8 ({error.reason}); save the file as UTF-8"
        ) from error
    except csv.Error as error:
        raise FitError(f"line {reader.line_num}: {error}; mend the quotes there") from error
    finally:
        text.detach()  # closing it would close the file of the caller
    if not lines:
        raise FitError("the file has a header and no rows; give the past records to learn from")
    return Delimited(columns=dict(zip(names, columns, strict=True)), lines=lines, delimiter=delimiter)


def _line_of_fault(stream: BinaryIO) -> int:
    """The first line that is not UTF-8: a reader stops somewhere in its buffer, before or after."""
    stream.seek(0)
    for number, line in enumerate(stream, start=1):
        try:
            line.decode("utf-8")
        except UnicodeDecodeError:
            return number
    return 1


def _first_lines(stream: BinaryIO) -> list[str]:
    sample = stream.read(SAMPLE_BYTES)
    lines = sample.decode("utf-8-sig", errors="replace").splitlines(keepends=True)
    # The last line of a longer file may be cut off.
    return lines[: min(SAMPLE_LINES, max(1, len(lines) - (len(sample) == SAMPLE_BYTES)))]


def _checked(header: Sequence[str]) -> list[str]:
    names = [name.strip() for name in header]
    if not names:
        raise FitError("the file is empty; its first line must name the columns")
    for place, name in enumerate(names, start=1):
        if not name:
            raise FitError(f"line 1: column {place} has no name; name every column in the first line")
        if names.count(name) > 1:
            raise FitError(f"line 1: column {name!r} appears twice; give each column its own name")
    return names


def _rows(reader: Iterator[list[str]], width: int) -> Iterator[tuple[int, list[str]]]:
    """Give each row with the line it begins at."""
    begins = reader.line_num + 1  # type: ignore[attr-defined]
    for row in reader:
        if row and len(row) != width:
            raise FitError(
                f"line {begins} has {len(row)} cells, the header has {width}; "
                "mend the line, or put quotes around cells that hold the delimiter"
            )
        if row:
            yield begins, row
        begins = reader.line_num + 1  # type: ignore[attr-defined]
