"""The points of one feature in PostgreSQL.

Where the value is at hand, a tree of comparisons gives the points; where naming it evaluates it anew, arrays as
parameters, the feature mentioned once.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from .sql_text import Fragment, Reading

if TYPE_CHECKING:
    from .parts import Feature, Pair

MANY_LEVELS = 20
"""Above this a JSON object finds a level much faster than a search along an array."""


def points(part: Feature, slope: float, given: Fragment, reading: Reading) -> Fragment:
    """Return the SQL of the calibrated points of `part` for the value that `given` yields."""
    values = [slope * value for value in part.points]
    if part.kind == "number" and reading is Reading.CHEAP:
        return Fragment("(") + _tree(Fragment("(") + given + Fragment(")::float8"), part.edges, values) + Fragment(")")
    if part.kind == "category" and len(part.levels) <= MANY_LEVELS:
        return _level_points(part, values, given, reading)
    return points_of_code(part, slope, code(part, given, reading))


def code(part: Feature, given: Fragment, reading: Reading) -> Fragment:
    """Return the SQL of the bin of `part` for the value that `given` yields, 0 and up."""
    return _number_code(part, given, reading) if part.kind == "number" else _level_code(part, given, reading)


def points_of_code(part: Feature, slope: float, bin_code: Fragment) -> Fragment:
    """Return the SQL of the calibrated points of a bin of `part`."""
    return Fragment("(%s::float8[])[", [[slope * value for value in part.points]]) + bin_code + Fragment(" + 1]")


def points_of_pair(pair: Pair, slope: float, first: Fragment, second: Fragment) -> Fragment:
    """Return the SQL of the calibrated points of two bins together: a flat array, the second bin running fastest."""
    table = Fragment("(%s::float8[])[(", [[slope * value for value in pair.points]])
    return table + first + Fragment(f") * {pair.width} + (") + second + Fragment(") + 1]")


def _tree(value: Fragment, edges: tuple[float, ...], points: list[float]) -> Fragment:
    """Half of the edges fall away at each comparison; NULL and NaN end at the far right, which is "missing"."""
    if not edges:
        known = f" THEN {_exact(points[0])}"
        # NaN sorts above every number, infinity included, and no comparison with NULL is true.
        return Fragment("CASE WHEN ") + value + Fragment(f" < 'NaN'::float8{known} ELSE {_exact(points[-1])} END")
    middle = len(edges) // 2
    left = _known(value, edges[:middle], points[: middle + 1])
    right = _tree(value, edges[middle + 1 :], points[middle + 1 :])
    return _branch(value, edges[middle], left, right)


def _known(value: Fragment, edges: tuple[float, ...], points: list[float]) -> Fragment:
    if not edges:
        return Fragment(_exact(points[0]))
    middle = len(edges) // 2
    left = _known(value, edges[:middle], points[: middle + 1])
    return _branch(value, edges[middle], left, _known(value, edges[middle + 1 :], points[middle + 1 :]))


def _branch(value: Fragment, edge: float, below: Fragment, above: Fragment) -> Fragment:
    test = Fragment("CASE WHEN ") + value + Fragment(f" < {_exact(edge)} THEN ")
    return test + below + Fragment(" ELSE ") + above + Fragment(" END")


def _exact(value: float) -> str:
    """A literal that is read back bit by bit."""
    return f"'{value!r}'::float8"


def _level_points(part: Feature, points: list[float], given: Fragment, reading: Reading) -> Fragment:
    """A comparison per level, in the card's order; the value is evaluated once."""
    missing = (
        Fragment("CASE WHEN ") + given + Fragment(f" IS NULL THEN {_exact(points[-1])} ELSE {_exact(points[0])} END")
    )
    if not part.levels:  # every value was rare
        return Fragment("(") + missing + Fragment(")")
    case = Fragment("(CASE ") + _text(given, reading)
    for level, level_points in zip(part.levels, points[1:], strict=False):
        case += Fragment(f" WHEN %s THEN {_exact(level_points)}", [level])
    return case + Fragment(" ELSE ") + missing + Fragment(" END)")


def _text(given: Fragment, reading: Reading) -> Fragment:
    # A column's own collation may call different texts equal; a card compares them byte by byte.
    cast = "::boolean::text" if reading is Reading.BOOLEAN else "::text"
    return Fragment("(") + given + Fragment(f'){cast} COLLATE "C"')


def _number_code(part: Feature, given: Fragment, reading: Reading) -> Fragment:
    opening, closing = {
        Reading.PLAIN: ("(", ")::float8"),
        Reading.CHEAP: ("(", ")::float8"),
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
    text = _text(given, reading)
    missing = len(part.levels) + 1
    index = json.dumps({level: code for code, level in enumerate(part.levels, start=1)})
    found = Fragment("COALESCE((%s::jsonb ->> (", [index]) + text + Fragment("))::int, 0)")
    return Fragment("(CASE WHEN ") + given + Fragment(f" IS NULL THEN {missing} ELSE ") + found + Fragment(" END)")
