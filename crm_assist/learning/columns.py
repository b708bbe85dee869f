"""Raw columns, outcomes, weights and moments, read into arrays or refused with the column named.

A column is a number (numbers, booleans, timedeltas as days) or a category (texts), as its known values say.
Left out of the card by rule: a column without any known value, and one that has the same value in every row.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from numbers import Real
from typing import Any

import numpy as np
import numpy.typing as npt

from ..scorecards import CardError, Kind
from ..scorecards.batch import PLAIN_TEXTS, as_floats
from ..scorecards.binning import read_category
from .errors import FitError

Floats = npt.NDArray[np.float64]
MAX_COLUMNS = 500
PLAIN_NUMBERS = frozenset({float, int, bool})


@dataclass(frozen=True, kw_only=True, slots=True)
class Column:
    """One column, shape (n,): floats with NaN for missing, or texts with None for missing."""

    name: str
    kind: Kind
    values: npt.NDArray[Any]

    def rows(self, which: npt.NDArray[Any]) -> Column:
        """Return the column at the rows `which` (indices or a mask)."""
        return Column(name=self.name, kind=self.kind, values=self.values[which])

    @property
    def says_something(self) -> bool:
        """Return whether any value is known and not all rows are alike."""
        if self.kind == "category":
            distinct = set(self.values.tolist())
            return len(distinct) > 1 and distinct != {None}
        gaps = np.isnan(self.values)
        known = self.values[~gaps]
        return len(known) > 0 and bool(gaps.any() or (known != known[0]).any())


def read_columns(X: Mapping[str, Any]) -> list[Column]:
    """Return the columns of X; FitError on none, too many, duplicate or odd names, ragged lengths, mixed
    types.
    """
    names = [str(name) if isinstance(name, str) else name for name in X]
    for name in names:
        if not isinstance(name, str) or not name:
            raise FitError(f"the column name {name!r} is not a text; name every column by a non-empty text")
        if names.count(name) > 1:
            raise FitError(f"column {name!r} appears twice; give each column its own name")
    if not 1 <= len(names) <= MAX_COLUMNS:
        what = "no column is left to learn from" if not names else f"X has {len(names)} columns"
        raise FitError(f"{what}; give 1 to {MAX_COLUMNS}")
    lengths = {name: _length(name, X[name]) for name in names}
    if len(set(lengths.values())) > 1:
        raise FitError(f"the columns differ in length: {lengths}; give every column one value per row")
    if not lengths[names[0]]:
        raise FitError("X has no rows; give the past records to learn from")
    return [_column(name, X[name]) for name in names]


def read_outcomes(y: Any, rows: int) -> Floats:
    """Return y as floats 0.0 and 1.0, shape (rows,); FitError on another length or value."""
    listed = np.asarray(y, dtype=object)
    if listed.shape != (rows,):
        raise FitError(f"y has the shape {listed.shape} for {rows} rows; give one outcome per row")
    for place, value in enumerate(listed):
        if not isinstance(value, (bool, int, float, np.generic)) or value not in (0, 1):
            raise FitError(f"y[{place}] is {value!r}; every outcome must be 0 or 1")
    return listed.astype(np.float64)


def read_weights(weight: Any, rows: int) -> Floats:
    """Return the weights, shape (rows,), ones when None; FitError unless each is finite and at least 0."""
    if weight is None:
        return np.ones(rows)
    try:
        weights = np.asarray(weight, dtype=np.float64)
    except (TypeError, ValueError) as error:
        raise FitError("weight holds what is not a number; give one number per row, or None") from error
    if weights.shape != (rows,):
        raise FitError(f"weight has the shape {weights.shape} for {rows} rows; give one weight per row")
    bad = np.flatnonzero(~np.isfinite(weights) | (weights < 0))
    if len(bad):
        raise FitError(f"weight[{bad[0]}] is {float(weights[bad[0]])!r}; a weight is finite and at least 0")
    if not weights.sum() > 0:
        raise FitError("every weight is 0; give at least some rows a weight above 0")
    return weights


def read_moments(time: Any, rows: int) -> tuple[npt.NDArray[np.intp], str | None]:
    """Return the rank of each row's moment (equal moments share one) and the last moment as text.

    None gives equal ranks and no text. FitError on another length, a gap, or moments that cannot be compared.
    """
    if time is None:
        return np.zeros(rows, dtype=np.intp), None
    listed = list(time)
    if len(listed) != rows:
        raise FitError(f"time has {len(listed)} entries for {rows} rows; give one moment per row")
    for place, moment in enumerate(listed):
        if moment is None or moment != moment:
            raise FitError(f"time[{place}] is missing; give every row its moment, or leave the row out")
    try:
        ordered = sorted(set(listed))
    except TypeError as error:
        raise FitError(f"time mixes moments that cannot be compared ({error}); use one type") from error
    ranks = {moment: rank for rank, moment in enumerate(ordered)}
    last = ordered[-1]
    until = last.isoformat() if hasattr(last, "isoformat") else str(last)
    return np.array([ranks[moment] for moment in listed], dtype=np.intp), until


def _length(name: str, values: Any) -> int:
    shape = getattr(values, "shape", None)
    if isinstance(values, (str, bytes)) or not hasattr(values, "__len__") or (shape and len(shape) != 1):
        raise FitError(f"column {name!r} is not a sequence of values; give a list or a one-dimensional array")
    return len(values)


def _column(name: str, values: Any) -> Column:
    kind = _kind(name, values)
    try:
        if kind == "number":
            return Column(name=name, kind=kind, values=as_floats(values, name))
        if isinstance(values, np.ndarray) and values.dtype.kind == "O" and set(map(type, values)) <= PLAIN_TEXTS:
            return Column(name=name, kind=kind, values=values)
        plain = (value if value.__class__ is str else read_category(value, name) for value in values)
        texts = np.fromiter(plain, dtype=object, count=len(values))
    except CardError as error:
        raise FitError(f"column {name!r}: {error}") from error
    return Column(name=name, kind=kind, values=texts)


def _kind(name: str, values: Any) -> Kind:
    dtype = getattr(getattr(values, "dtype", None), "kind", "")
    if dtype in tuple("fiubm"):
        return "number"
    kinds = set(map(type, values)) - {type(None)}
    if kinds and kinds <= PLAIN_NUMBERS:
        return "number"
    if kinds == {str}:
        return "category"
    first: dict[Kind, object] = {}
    for value in values:
        kind = _kind_of(name, value)
        if kind is not None:
            first.setdefault(kind, value)
        if len(first) > 1:
            raise FitError(
                f"column {name!r} mixes numbers and texts ({first['number']!r}, {first['category']!r}); "
                "make it all numbers, or all texts if they are codes"
            )
    return next(iter(first), "number")


def _kind_of(name: str, value: Any) -> Kind | None:
    if isinstance(value, str):
        return "category"
    if value is None or type(value).__name__ in ("NAType", "NaTType"):
        return None
    if isinstance(value, (date, datetime, np.datetime64)):
        raise FitError(
            f"column {name!r} holds dates ({value!r}); give the days up to each row's own moment as a number"
        )
    if isinstance(value, (Real, Decimal)):
        return None if value != value else "number"
    if isinstance(value, (np.bool_, np.timedelta64)) or hasattr(value, "total_seconds"):
        return "number"
    raise FitError(f"column {name!r} holds {value!r:.60}, which is neither a number nor a text; leave it out")
