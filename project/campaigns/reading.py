"""A Bank Marketing file, plain or gzip, `;` or `,`, into checked records; the first fault stops it and is named."""

from __future__ import annotations

import csv
import gzip
import math
import zlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TextIO

from project.campaigns.layout import COLUMNS, DATED_HEADER, MONTHS, ORIGINAL_HEADER, Column

Value = str | int | float
FIRST_BYTES_OF_GZIP = b"\x1f\x8b"
LONGEST_LINE = 10_000


class CampaignFileError(ValueError):
    """The file cannot be loaded; the message names file, line, column, value and remedy."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Record:
    """One data line: its line number, its position in the original file, its month if given, its checked values."""

    line: int
    row: int
    period: str | None
    values: dict[str, Value]


def read_records(path: Path, *, limit: int | None = None) -> Iterator[Record]:
    """Each record of the file in its order, at most `limit`."""
    try:
        with _opened(path) as stream:
            yield from _records(stream, limit)
    except CampaignFileError as error:
        raise CampaignFileError(f"{path.name}: {error}") from error
    except (EOFError, zlib.error, gzip.BadGzipFile) as error:
        raise CampaignFileError(
            f"{path.name} is a damaged or truncated gzip file ({error}). Copy or download it again, whole."
        ) from error
    except UnicodeDecodeError as error:
        raise CampaignFileError(
            f"{path.name} is not UTF-8 text (byte {error.start}). Give the CSV file itself, plain or as .csv.gz."
        ) from error
    except csv.Error as error:
        raise CampaignFileError(f"{path.name} is not a CSV file: {error}. Give the original file unchanged.") from error
    except OSError as error:
        raise CampaignFileError(f"{path} cannot be read: {error.strerror or error}. Check the path.") from error


def _opened(path: Path) -> TextIO:
    with path.open("rb") as raw:
        packed = raw.read(2) == FIRST_BYTES_OF_GZIP
    if packed:
        return gzip.open(path, "rt", encoding="utf-8-sig", newline="")
    return path.open(encoding="utf-8-sig", newline="")


def _records(stream: TextIO, limit: int | None) -> Iterator[Record]:
    first = stream.readline(LONGEST_LINE)
    separator = ";" if ";" in first else ","
    header = next(csv.reader([first], delimiter=separator), [])
    dated = _is_dated(header)
    last_row, last_period = -1, ""
    for index, cells in enumerate(csv.reader(stream, delimiter=separator)):
        line = index + 2
        if limit is not None and index >= limit:
            return
        record = _record(line, index, cells, dated)
        if record.row <= last_row:
            raise _fault(line, "row", record.row, "rows must come in the order of the original file")
        if record.period is not None and record.period < last_period:
            raise _fault(line, "period", record.period, f"it lies before {last_period} of an earlier line")
        last_row, last_period = record.row, record.period or ""
        yield record
    if last_row < 0:
        raise CampaignFileError("The file has a header but no data line. Copy or download it again, whole.")


def _is_dated(header: Sequence[str]) -> bool:
    """Whether `row` and `period` are there; an unknown header is refused."""
    if tuple(header) == DATED_HEADER:
        return True
    if tuple(header) == ORIGINAL_HEADER:
        return False
    missing = [name for name in ORIGINAL_HEADER if name not in header]
    unknown = [name[:40] for name in header if name not in DATED_HEADER]
    raise CampaignFileError(
        f"Line 1: this is not the header of the UCI file bank-additional-full.csv "
        f"(missing: {', '.join(missing) or 'none'}; unknown: {', '.join(unknown[:8]) or 'none'}). "
        f"Expected the columns {', '.join(ORIGINAL_HEADER)} in this order, optionally after row, period."
    )


def _record(line: int, index: int, cells: Sequence[str], dated: bool) -> Record:
    header = DATED_HEADER if dated else ORIGINAL_HEADER
    if len(cells) != len(header):
        raise CampaignFileError(
            f"Line {line}: {len(cells)} values where {len(header)} are expected. "
            "The line is cut or has a stray separator; restore it from the original."
        )
    row, period = index, None
    if dated:
        row, period = int(_number(line, Column(name="row", low=0, high=10_000_000), cells[0])), _period(line, cells[1])
    values = {
        column.name: _word(line, column, cell) if column.words else _number(line, column, cell)
        for column, cell in zip(COLUMNS, cells[2 if dated else 0 :], strict=True)
    }
    if period is not None and MONTHS[int(period[5:]) - 1] != values["month"]:
        raise _fault(line, "period", period, f"its month is not the month column's {values['month']}")
    return Record(line=line, row=row, period=period, values=values)


def _word(line: int, column: Column, text: str) -> str:
    if text not in column.words:
        raise _fault(line, column.name, text, f"use one of {', '.join(column.words)}")
    return text


def _number(line: int, column: Column, text: str) -> int | float:
    kind = "whole number" if column.whole else "number"
    try:
        number = float(text)
    except ValueError:
        number = math.nan
    whole_if_needed = not column.whole or (math.isfinite(number) and number == int(number))
    if not math.isfinite(number) or not column.low <= number <= column.high or not whole_if_needed:
        raise _fault(line, column.name, text, f"give a {kind} from {column.low:g} to {column.high:g}")
    return int(number) if column.whole else number


def _period(line: int, text: str) -> str:
    year, _, month = text.partition("-")
    if len(text) != 7 or not (
        year.isdigit() and month.isdigit() and "01" <= month <= "12" and "1990" <= year <= "2100"
    ):
        raise _fault(line, "period", text, "write year and month as YYYY-MM, such as 2008-05")
    return text


def _fault(line: int, column: str, value: object, remedy: str) -> CampaignFileError:
    return CampaignFileError(f"Line {line}, column {column}: the value {str(value)[:80]!r} is not usable; {remedy}.")
