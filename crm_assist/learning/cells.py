"""The texts of a column as values: numbers, categories, moments or outcomes. A bad cell is named by line and column.

A column is of numbers when at least nine in ten of its known cells are, and the others are then faults: so a slip is
not taken for a category. Empty cells and NA, N/A, NaN and NULL are unknown. A decimal comma is read where commas do not
divide the cells.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from .delimited import Delimited
from .errors import FitError

UNKNOWN = frozenset({"", "na", "n/a", "nan", "null"})
MOSTLY = 0.9
COMMA = re.compile(r"[+-]?\d+,\d+\Z")
MONTH = re.compile(r"\d{4}-\d{2}\Z")
DAY = re.compile(r"\d{4}-\d{2}-\d{2}")
GROUPED = re.compile(
    r"[+-]?\d{1,3}(?:(?:[ \u00a0\u202f'’]\d{3})+(?:[.,]\d+)?|(?:\.\d{3})+,\d+|(?:,\d{3})+\.\d+|,\d+)\Z"
)
"""A number with its thousands set apart, or with a decimal comma in a file that commas divide."""
OUTCOMES = {"0": 0, "1": 1, "no": 0, "yes": 1, "false": 0, "true": 1, "n": 0, "y": 1, "non": 0, "oui": 1}
"""What an outcome may be written as, in any case."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Records:
    """What a fit takes: n values per column, n outcomes 0 or 1, n moments or None."""

    X: dict[str, list[float | str | None]]
    y: list[int]
    time: list[Any] | None


def read_records(
    file: Delimited,
    *,
    target: str,
    time: str = "",
    positive: str = "",
    leave_out: Collection[str] = (),
    texts: Collection[str] = (),
) -> Records:
    """Return the columns of a file as values; `texts` are categories whatever they hold, `leave_out` is not read.

    Raises FitError naming the line, the column, the value and the remedy.
    """
    for name in (target, *filter(None, [time]), *leave_out, *texts):
        if name not in file.columns:
            raise FitError(f"there is no column {name!r}; the file has {', '.join(file.columns)}")
    aside = {target, time, *leave_out}
    return Records(
        X={name: _feature(file, name, is_text=name in texts) for name in file.columns if name not in aside},
        y=_outcomes(file, target, positive),
        time=_moments(file, time) if time else None,
    )


def number_of(text: str, *, comma: bool) -> float | None:
    """Return the number that a cell says, None where it says none; a decimal comma only where `comma`."""
    text = text.strip()
    if comma and COMMA.match(text):
        text = text.replace(",", ".")
    try:
        return None if "_" in text else float(text)
    except ValueError:
        return None


def _feature(file: Delimited, name: str, *, is_text: bool) -> list[float | str | None]:
    cells = file.columns[name]
    counts = Counter(cells)
    known = {text: rows for text, rows in counts.items() if not _is_unknown(text)}
    read: Mapping[str, float | str | None] = {text: text.strip() for text in known}
    if not is_text:
        numbers = {text: number_of(text, comma=file.delimiter != ",") for text in known}
        odd = {text for text, number in numbers.items() if number is None}
        rest = sum(known[text] for text in odd)
        if rest <= (1 - MOSTLY) * sum(known.values()):
            if odd:
                raise _fault(file, name, odd, f"is no number, as in {rest} of {sum(known.values())} rows", _REMEDY)
            read = numbers
        elif sum(known[text] for text in known if DAY.match(text)) >= MOSTLY * sum(known.values()):
            raise _fault(
                file, name, set(known), "is a date", "give the days up to each row's own moment, or leave it out"
            )
        elif sum(known[text] for text in odd if not GROUPED.match(text.strip())) <= (1 - MOSTLY) * sum(known.values()):
            raise _fault(file, name, odd, "is a number written in groups", _UNGROUPED)
    return [read.get(text) for text in cells]


_REMEDY = "mend it, or name the column under --texts (texts=[..]) where it holds texts"
_UNGROUPED = "write it as 1203.45, or name the column under --texts (texts=[..]) where it holds texts"


def _outcomes(file: Delimited, name: str, positive: str) -> list[int]:
    cells = file.columns[name]
    counts = Counter(cells)
    unknown = {text for text in counts if _is_unknown(text)}
    if unknown:
        raise _fault(file, name, unknown, "is no outcome", "leave the rows out whose outcome is not known")
    if positive:
        if positive not in {text.strip() for text in counts}:
            raise FitError(f"no cell of column {name!r} is {positive!r}, which is to count as the outcome")
        return [int(text.strip() == positive) for text in cells]
    read: dict[str, int] = {}
    for text in counts:
        number = number_of(text, comma=file.delimiter != ",")
        outcome = OUTCOMES.get(text.strip().casefold()) if number not in (0.0, 1.0) else int(number or 0)
        if outcome is None:
            raise _fault(
                file, name, {text}, "is no outcome", "use 0 and 1, yes and no, or say by --positive which value counts"
            )
        read[text] = outcome
    return [read[text] for text in cells]


def _moments(file: Delimited, name: str) -> list[Any]:
    cells = file.columns[name]
    read = {text: _moment(text, comma=file.delimiter != ",") for text in set(cells)}
    odd = {text for text, moment in read.items() if moment is None}
    if odd:
        raise _fault(file, name, odd, "is no moment", "write it as 2026-05, 2026-05-30, 2026-05-30T16:00 or a number")
    kinds = Counter(type(moment).__name__ for moment in read.values())
    if len(kinds) > 1:
        rarest = min(kinds, key=kinds.__getitem__)
        odd = {text for text, moment in read.items() if type(moment).__name__ == rarest}
        raise _fault(file, name, odd, "is another kind of moment than most", "write all moments of a column alike")
    return [read[text] for text in cells]


def _moment(text: str, *, comma: bool) -> Any:
    text = text.strip()
    number = number_of(text, comma=comma)
    if number is not None:
        return number if number == number else None
    text = f"{text}-01" if MONTH.match(text) else text
    for kind in (date, datetime):
        try:
            return kind.fromisoformat(text)
        except ValueError:
            continue
    return None


def _is_unknown(text: str) -> bool:
    return text.strip().casefold() in UNKNOWN


def _fault(file: Delimited, name: str, odd: Collection[str], what: str, remedy: str) -> FitError:
    """Return the error for the first cell of a column that is one of `odd`."""
    place = next(place for place, text in enumerate(file.columns[name]) if text in odd)
    value = file.columns[name][place]
    shown = repr(value) if len(value) <= 60 else f"{value[:60]!r} (cut)"
    return FitError(f"line {file.lines[place]}, column {name!r}: {shown} {what}; {remedy}")
