"""The points of one feature in PostgreSQL: arrays as parameters, the feature mentioned once."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from .sql_text import Fragment, Reading

if TYPE_CHECKING:
    from .parts import Feature

MANY_LEVELS = 20
"""Above this a JSON object finds a level much faster than a search along an array."""


def postgresql_points(part: Feature, slope: float, given: Fragment, reading: Reading) -> Fragment:
    """Return the SQL of the calibrated points of `part` for the value that `given` yields."""
    code = _number_code(part, given, reading) if part.kind == "number" else _level_code(part, given, reading)
    points = [slope * value for value in part.points]
    return Fragment("(%s::float8[])[", [points]) + code + Fragment(" + 1]")


def _number_code(part: Feature, given: Fragment, reading: Reading) -> Fragment:
    opening, closing = {
        Reading.PLAIN: ("(", ")::float8"),
        Reading.BOOLEAN: ("(", ")::int::float8"),
        Reading.DURATION: ("(EXTRACT(epoch FROM ", ")::float8 / 86400.0::float8)"),
    }[reading]
    # NaN sorts above every number in PostgreSQL, and it means "missing".
    value = Fragment(f"NULLIF({opening}") + given + Fragment(f"{closing}, 'NaN'::float8)")
    missing = len(part.edges) + 1
    if not part.edges:
        return Fragment("(CASE WHEN ") + value + Fragment(f" IS NULL THEN {missing} ELSE 0 END)")
    edges = list(part.edges)
    return Fragment("COALESCE(width_bucket(") + value + Fragment(f", %s::float8[]), {missing})", [edges])


def _level_code(part: Feature, given: Fragment, reading: Reading) -> Fragment:
    # A column's own collation may call different texts equal; a card compares them byte by byte.
    cast = "::boolean::text" if reading is Reading.BOOLEAN else "::text"
    text = Fragment("(") + given + Fragment(f'){cast} COLLATE "C"')
    missing = len(part.levels) + 1
    if len(part.levels) <= MANY_LEVELS:
        # The last entry is NULL, which array_position finds: that is the bin "missing".
        return Fragment("COALESCE(array_position(%s::text[], ", [[*part.levels, None]]) + text + Fragment("), 0)")
    index = json.dumps({level: code for code, level in enumerate(part.levels, start=1)})
    found = Fragment("COALESCE((%s::jsonb ->> (", [index]) + text + Fragment("))::int, 0)")
    return Fragment("(CASE WHEN ") + given + Fragment(f" IS NULL THEN {missing} ELSE ") + found + Fragment(" END)")
