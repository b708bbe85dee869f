"""The points of one feature in SQLite: a CASE, with edges and levels bound and points as exact literals."""

from __future__ import annotations

from typing import TYPE_CHECKING

from .sql_text import Fragment, Reading

if TYPE_CHECKING:
    from .parts import Feature


def sqlite_points(part: Feature, slope: float, given: Fragment, reading: Reading) -> Fragment:
    """Return the SQL of the calibrated points of `part` for the value that `given` yields."""
    points = [f"({slope * value!r})" for value in part.points]
    if part.kind == "number":
        return _number_points(part, points, given, reading)
    return _level_points(part, points, given, reading)


def _number_points(part: Feature, points: list[str], given: Fragment, reading: Reading) -> Fragment:
    # Without the cast SQLite compares an integer beyond 2**53 exactly, which no other execution does.
    value = Fragment("CAST(") + given + Fragment(" AS REAL)")
    if reading is Reading.DURATION:  # stored in microseconds; divided twice, as timedelta does
        value = Fragment("(") + value + Fragment(" / 1000000.0 / 86400.0)")
    case = Fragment("(CASE WHEN ") + given + Fragment(f" IS NULL THEN {points[-1]}")
    # Edges are bound, not written: SQLite's own reading of a 17-digit literal can be off by one bit.
    for edge, value_points in zip(part.edges, points, strict=False):
        case += Fragment(" WHEN ") + value + Fragment(f" < %s THEN {value_points}", [edge])
    return case + Fragment(f" ELSE {points[-2]} END)")


def _level_points(part: Feature, points: list[str], given: Fragment, reading: Reading) -> Fragment:
    case = Fragment("(CASE WHEN ") + given + Fragment(f" IS NULL THEN {points[-1]}")
    if not part.levels:
        return case + Fragment(f" ELSE {points[0]} END)")
    case += Fragment(" ELSE CASE (") + _text(given, reading) + Fragment(" COLLATE BINARY)")
    for level, level_points in zip(part.levels, points[1:], strict=False):
        case += Fragment(f" WHEN %s THEN {level_points}", [level])
    return case + Fragment(f" ELSE {points[0]} END END)")


def _text(given: Fragment, reading: Reading) -> Fragment:
    if reading is not Reading.BOOLEAN:
        return Fragment("CAST(") + given + Fragment(" AS TEXT)")
    yes = Fragment("CASE WHEN ") + given + Fragment(" THEN 'true'")
    return yes + Fragment(" WHEN NOT ") + given + Fragment(" THEN 'false' END")
