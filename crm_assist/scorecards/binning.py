"""Which bin a value falls in: the public rule that every execution and the fit share.

Number: bin `bisect_right(edges, value)`, 0 to len(edges); the bin after those is "missing" (None, NaN).
Infinities fall in the end bins. Category: 0 is "rare or unseen", 1 to len(levels) are the levels, the bin
after those is "missing" (None, NaN); an empty text is a category like any other.
"""

from __future__ import annotations

import math
from bisect import bisect_right
from collections.abc import Mapping, Sequence
from datetime import timedelta
from decimal import Decimal
from itertools import accumulate
from numbers import Integral, Real

from .errors import CardError, shown

POOLED = 0
SECONDS_PER_DAY = 86400.0


def number_bin(value: object, edges: Sequence[float], feature: str) -> int:
    """Return the bin of a number: 0 to len(edges), or len(edges) + 1 when it is missing."""
    number = read_number(value, feature)
    return len(edges) + 1 if number is None else bisect_right(edges, number)


def category_bin(value: object, index: Mapping[str, int], feature: str) -> int:
    """Return the bin of a category: `index[level]` (1 and up), 0 when unseen, len(index) + 1 when missing."""
    text = read_category(value, feature)
    return len(index) + 1 if text is None else index.get(text, POOLED)


def coarser_bins(
    edges: Sequence[float], levels: Sequence[str], own_edges: Sequence[float], own_levels: Sequence[str]
) -> tuple[int, ...]:
    """Return, for each bin of finer edges or levels, "missing" at the end, the bin of coarser ones that holds it.

    A feature has either edges or levels; the finer ones hold all of the coarser.
    """
    missing = len(own_edges) + len(own_levels) + 1
    if edges or own_edges:
        own = frozenset(own_edges)
        return (*accumulate(map(own.__contains__, edges), initial=0), missing)
    index = {level: code for code, level in enumerate(own_levels, start=1)}
    return (POOLED, *(index.get(level, POOLED) for level in levels), missing)


def read_number(value: object, feature: str) -> float | None:
    """Return `value` as a float, or None when it is missing; a timedelta counts in days.

    Integers beyond the range of a float become infinite. Raises CardError on what is not a number.
    """
    value = _unwrapped(value)
    if value is None:
        return None
    if isinstance(value, timedelta):
        return value.total_seconds() / SECONDS_PER_DAY
    if isinstance(value, Decimal):
        return None if value.is_nan() else float(value)
    if isinstance(value, Real):
        number = _as_float(value)
        return None if number != number else number
    raise CardError(
        f"feature {feature!r}: {shown(value)} is not a number; "
        "give a number, a timedelta (days), or None when it is unknown"
    )


def read_category(value: object, feature: str) -> str | None:
    """Return `value` as the text of a level, or None when it is missing.

    Text stands for itself, an integer for its digits, a boolean for "true" or "false". Raises CardError on
    the rest.
    """
    value = _unwrapped(value)
    if value is None or (isinstance(value, float) and value != value):
        return None
    if isinstance(value, str):
        return str(value)
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, Integral):
        return str(int(value))
    raise CardError(
        f"feature {feature!r}: {shown(value)} is not a category; give text, an integer, a boolean, "
        "or None when it is unknown"
    )


def _as_float(value: Real) -> float:
    try:
        return float(value)
    except OverflowError:
        return math.inf if value > 0 else -math.inf  # type: ignore[operator]


def _unwrapped(value: object) -> object:
    """Return a scalar of NumPy or pandas as the plain value it wraps, and their "not available" as None."""
    kind = type(value)
    if kind.__module__ == "builtins":
        return value
    if kind.__name__ in ("NAType", "NaTType"):
        return None
    dtype = getattr(value, "dtype", None)
    if dtype is None or getattr(value, "shape", None) != ():
        return value
    if dtype.kind == "m":
        # Nanoseconds would come out of `item` as a bare integer.
        value = value.astype("timedelta64[us]")  # type: ignore[attr-defined]
    return value.item()  # type: ignore[attr-defined]
