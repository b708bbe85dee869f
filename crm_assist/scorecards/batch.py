"""A batch of records in NumPy: the same bins and the same points as one record, column by column."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import repeat
from typing import TYPE_CHECKING, Any

import numpy as np

from .binning import POOLED, category_bin, read_number
from .errors import CardError
from .row import CLAMP, lacking

if TYPE_CHECKING:
    import numpy.typing as npt

    from .parts import Feature
    from .scorecard import Scorecard

PLAIN_TEXTS = frozenset({str, type(None)})
"""What most categories are made of: of these alone, a column is looked up without a look at each value."""


def probabilities(card: Scorecard, columns: Mapping[str, Any]) -> npt.NDArray[np.float64]:
    """Return the calibrated probability of each row, shape (n,), between 0 and 1."""
    logit = np.clip(logits(card, columns), -CLAMP, CLAMP)
    result: npt.NDArray[np.float64] = 1.0 / (1.0 + np.exp(-logit))
    return result


def logits(card: Scorecard, columns: Mapping[str, Any]) -> npt.NDArray[np.float64]:
    """Return the calibrated logit of each row, shape (n,), not clamped."""
    slope = card.calibration.slope
    total = np.full(row_count(card, columns), card.row_plan.base, dtype=np.float64)
    paired = {name for pair in card.pairs for name in pair.names}
    kept: dict[str, npt.NDArray[np.intp]] = {}
    for part in card.parts:
        code = codes(part, columns[part.name])
        total += (slope * np.asarray(part.points, dtype=np.float64))[code]
        if part.name in paired:
            kept[part.name] = code
    for pair in card.pairs:
        cell = kept[pair.first] * pair.width + kept[pair.second]
        total += (slope * np.asarray(pair.points, dtype=np.float64))[cell]
    return total


def row_count(card: Scorecard, columns: Mapping[str, Any]) -> int:
    """Return the common length of the card's columns; CardError when one is absent or they differ."""
    if any(name not in columns for name in card.features):
        raise lacking(columns, card.features)
    lengths = {name: len(columns[name]) for name in card.features}
    if len(set(lengths.values())) > 1:
        raise CardError(f"the columns differ in length: {lengths}; give each feature one value per row")
    return next(iter(lengths.values()), 0)


def codes(part: Feature, values: Any) -> npt.NDArray[np.intp]:
    """Return the bin of every value of one feature, shape (n,), as `binning` defines it."""
    if part.kind == "category":
        return category_codes(values, part.levels, part.name)
    return number_codes(as_floats(values, part.name), part.edges)


def number_codes(values: npt.NDArray[np.float64], edges: tuple[float, ...]) -> npt.NDArray[np.intp]:
    """Return the bins of floats, shape (n,); NaN is "missing", len(edges) + 1."""
    found = np.searchsorted(np.asarray(edges, dtype=np.float64), values, side="right")
    found[np.isnan(values)] = len(edges) + 1
    return found


def category_codes(values: Any, levels: tuple[str, ...], name: str) -> npt.NDArray[np.intp]:
    """Return the bins of categories, shape (n,): 0 pooled or unseen, 1 and up the levels, then "missing"."""
    index = {level: code for code, level in enumerate(levels, start=1)}
    missing = len(levels) + 1
    listed = values.tolist() if isinstance(values, np.ndarray) else list(values)
    if set(map(type, listed)) <= PLAIN_TEXTS:
        known: dict[str | None, int] = {None: missing}
        known.update(index)
        return np.fromiter(map(known.get, listed, repeat(POOLED)), dtype=np.intp, count=len(listed))
    found = [index.get(v, POOLED) if v.__class__ is str else missing if v is None else -1 for v in listed]
    if -1 in found:
        found = [
            category_bin(value, index, name) if code < 0 else code for value, code in zip(listed, found, strict=True)
        ]
    return np.array(found, dtype=np.intp)


def as_floats(values: Any, name: str) -> npt.NDArray[np.float64]:
    """Return a column of numbers as floats, shape (n,): missing is NaN, a timedelta counts in days.

    A column of floats is returned itself, to be read and never written.
    """
    array = _array(values)
    if array is not None and array.ndim == 1 and array.dtype.kind in "fiub":
        with np.errstate(over="ignore"):
            return array.astype(np.float64, copy=False)
    read = (read_number(value, name) for value in values)
    return np.array([np.nan if number is None else number for number in read], dtype=np.float64)


def _array(values: Any) -> npt.NDArray[Any] | None:
    if isinstance(values, np.ndarray):
        return values
    if hasattr(values, "to_numpy"):
        array: npt.NDArray[Any] = values.to_numpy()
        return array
    try:
        return np.asarray(values)
    except (ValueError, OverflowError):
        return None  # ragged or huge: read one by one, so that the fault is named
