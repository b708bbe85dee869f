"""The points of one feature in SQLite: a CASE, with edges and levels bound and points as exact literals."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from .sql_text import Fragment, Reading

if TYPE_CHECKING:
    from .parts import Feature, Pair


def points(part: Feature, slope: float, given: Fragment, reading: Reading) -> Fragment:
    """Return the SQL of the calibrated points of `part` for the value that `given` yields."""
    return _chosen(part, [f"({slope * value!r})" for value in part.points], given, reading)


def code(part: Feature, given: Fragment, reading: Reading) -> Fragment:
    """Return the SQL of the bin of `part` for the value that `given` yields, 0 and up."""
    return _chosen(part, [str(number) for number in range(part.size)], given, reading)


def points_of_code(part: Feature, slope: float, bin_code: Fragment) -> Fragment:
    """Return the SQL of the calibrated points of a bin of `part`."""
    return _listed(bin_code, [Fragment(f"({slope * value!r})") for value in part.points])


def points_of_pair(pair: Pair, slope: float, first: Fragment, second: Fragment) -> Fragment:
    """Return the SQL of the calibrated points of two bins together: a list of lists, since SQLite has no arrays."""
    values = [Fragment(f"({slope * value!r})") for value in pair.points]
    rows = [values[start : start + pair.width] for start in range(0, len(values), pair.width)]
    return _listed(first, [_listed(second, row) for row in rows])


def _listed(place: Fragment, values: Sequence[Fragment]) -> Fragment:
    case = Fragment("(CASE ") + place
    for number, value in enumerate(values[:-1]):
        case += Fragment(f" WHEN {number} THEN ") + value
    return case + Fragment(" ELSE ") + values[-1] + Fragment(" END)")


def _chosen(part: Feature, values: list[str], given: Fragment, reading: Reading) -> Fragment:
    """Return the one of `values`, an SQL literal for each bin, that belongs to what `given` yields."""
    choose = _number_values if part.kind == "number" else _level_values
    return choose(part, values, given, reading)


def _number_values(part: Feature, values: list[str], given: Fragment, reading: Reading) -> Fragment:
    # Without the cast SQLite compares an integer beyond 2**53 exactly, which no other execution does.
    value = Fragment("CAST(") + given + Fragment(" AS REAL)")
    if reading is Reading.DURATION:  # stored in microseconds; divided twice, as timedelta does
        value = Fragment("(") + value + Fragment(" / 1000000.0 / 86400.0)")
    case = Fragment("(CASE WHEN ") + given + Fragment(f" IS NULL THEN {values[-1]}")
    # Edges are bound, not written: SQLite's own reading of a 17-digit literal can be off by one bit.
    for edge, found in zip(part.edges, values, strict=False):
        case += Fragment(" WHEN ") + value + Fragment(f" < %s THEN {found}", [edge])
    return case + Fragment(f" ELSE {values[-2]} END)")


def _level_values(part: Feature, values: list[str], given: Fragment, reading: Reading) -> Fragment:
    case = Fragment("(CASE WHEN ") + given + Fragment(f" IS NULL THEN {values[-1]}")
    if not part.levels:
        return case + Fragment(f" ELSE {values[0]} END)")
    case += Fragment(" ELSE CASE (") + _text(given, reading) + Fragment(" COLLATE BINARY)")
    for level, found in zip(part.levels, values[1:], strict=False):
        case += Fragment(f" WHEN %s THEN {found}", [level])
    return case + Fragment(f" ELSE {values[0]} END END)")


def _text(given: Fragment, reading: Reading) -> Fragment:
    if reading is not Reading.BOOLEAN:
        return Fragment("CAST(") + given + Fragment(" AS TEXT)")
    yes = Fragment("CASE WHEN ") + given + Fragment(" THEN 'true'")
    return yes + Fragment(" WHEN NOT ") + given + Fragment(" THEN 'false' END")
