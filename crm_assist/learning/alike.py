"""Columns that say nothing, and columns that say the same as another: exact facts about values, no threshold."""

from __future__ import annotations

from collections.abc import Sequence
from hashlib import sha256

import numpy as np
import numpy.typing as npt

from .bins import Bins
from .columns import Column
from .findings import Finding

FEWEST_PER_GROUP = 2
"""Two columns in which nearly every row has a value of its own divide the rows alike by chance: not compared."""


def constants(columns: Sequence[Column]) -> list[Finding]:
    """Warn of columns whose rows are all alike; the fit leaves them out by rule."""
    return [
        Finding(code="constant", severity="warns", feature=column.name, evidence={"rows": len(column.values)})
        for column in columns
        if not column.says_something
    ]


def scattered(columns: Sequence[Column], bins: Sequence[Bins]) -> list[Finding]:
    """Warn of categories none of whose values is frequent, such as a customer's number: the fit pools them all."""
    return [
        Finding(
            code="scattered",
            severity="warns",
            feature=column.name,
            evidence={"levels": int(ranks(column).max()) + 1, "rows": len(column.values)},
        )
        for column, of in zip(columns, bins, strict=True)
        if of.kind == "category" and not of.levels
    ]


def duplicates(columns: Sequence[Column]) -> list[Finding]:
    """Warn of each column that repeats an earlier one: numbers in the same or the opposite order, or any two columns
    that divide the rows into the same groups, whatever the groups are called.
    """
    seen: dict[bytes, str] = {}
    found = []
    for column in columns:
        if not column.says_something:
            continue
        keys = _keys(column)
        other = next((seen[key] for key in keys if key in seen), None)
        if other is not None:
            evidence = {"rows": len(column.values)}
            found.append(
                Finding(code="duplicate", severity="warns", feature=column.name, other=other, evidence=evidence)
            )
        for key in keys:
            seen.setdefault(key, column.name)
    return found


def _keys(column: Column) -> list[bytes]:
    """Fingerprints that two columns share exactly when one repeats the other."""
    groups, is_number = ranks(column), column.kind == "number"
    keys = []
    if is_number:
        # Missing is -1 in both, so that only the known values turn around.
        upside_down = np.where(groups < 0, -1, groups.max() - groups)
        keys += sorted((_digest(b"order", groups), _digest(b"order", upside_down)))[:1]
    if len(np.unique(groups)) * FEWEST_PER_GROUP <= len(groups):
        keys.append(_digest(b"groups", by_appearance(groups)))
    return keys


def ranks(column: Column) -> npt.NDArray[np.intp]:
    """Return which of the column's distinct values each row has, in rising order, shape (n,); missing is -1."""
    missing = np.array([value is None or value != value for value in column.values])
    result = np.full(len(column.values), -1, dtype=np.intp)
    if not missing.all():
        known = column.values[~missing]
        result[~missing] = np.unique(known if column.kind == "number" else known.astype(str), return_inverse=True)[1]
    return result


def by_appearance(groups: npt.NDArray[np.intp]) -> npt.NDArray[np.intp]:
    """Return the groups numbered anew in the order in which they first appear, so that names do not matter."""
    _values, first, inverse = np.unique(groups, return_index=True, return_inverse=True)
    order = np.empty(len(first), dtype=np.intp)
    order[np.argsort(first)] = np.arange(len(first))
    result: npt.NDArray[np.intp] = order[inverse]
    return result


def _digest(kind: bytes, numbers: npt.NDArray[np.intp]) -> bytes:
    return sha256(kind + np.ascontiguousarray(numbers, dtype=np.int64).tobytes()).digest()
