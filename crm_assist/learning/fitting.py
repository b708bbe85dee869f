"""From past records to a published card: read, choose, fit, calibrate, compile, check."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from threadpoolctl import threadpool_limits

from ..scorecards import Scorecard
from .bins import choose_bins
from .calibration import calibrate
from .choosing import choose, folds
from .columns import Column, Floats, read_columns, read_moments, read_outcomes, read_weights
from .compiling import compiled
from .errors import FitError
from .evidence import with_evidence, with_window
from .logistic import fit_logistic
from .oracle import Oracle, check_agreement

LEAST_OF_EACH = 10
THREADS = 1
"""The matrices are small: on two busy cores a second thread waits more than it works (ten times the CPU)."""


def fit(
    X: Mapping[str, Any], y: Any, *, time: Any, weight: Any, monotonic: Mapping[str, int], seed: int
) -> tuple[Scorecard, Oracle]:
    """Return the card and its oracle; see `crm_assist.learning.fit_scorecard` for the promise."""
    columns = read_columns(X)
    rows = len(columns[0].values)
    outcomes, weights = read_outcomes(y, rows), read_weights(weight, rows)
    moments, until = read_moments(time, rows)
    _check_monotonic(monotonic, columns)
    _check_seed(seed)
    kept = weights > 0
    columns = [column.rows(kept) for column in columns]
    outcomes, weights, moments = outcomes[kept], weights[kept], moments[kept]
    _check_outcomes(outcomes)
    used = [column for column in columns if column.says_something]
    if not used:
        raise FitError("no column varies: each is empty or has one value; give columns that differ between rows")
    with threadpool_limits(limits=THREADS):
        fitted = _fit(used, columns, outcomes, weights, moments, until=until, monotonic=monotonic, seed=seed)
    return with_window(fitted, time)


def _fit(
    used: list[Column],
    columns: list[Column],
    y: Floats,
    weight: Floats,
    moments: Any,
    *,
    until: str | None,
    monotonic: Mapping[str, int],
    seed: int,
) -> tuple[Scorecard, Oracle]:
    parts = folds(y, moments, seed=seed)
    held = choose(used, y, weight, splits=parts.splits, monotonic=monotonic)
    bins = [choose_bins(column, bins=held.settings.bins) for column in used]
    codes = [each.codes(column) for each, column in zip(bins, used, strict=True)]
    fitted = fit_logistic(bins, codes, y, weight, settings=held.settings, monotonic=monotonic)
    calibration = calibrate(held.logits, y[held.rows], weight[held.rows], held.part, in_time=parts.in_time)
    oracle = Oracle(fitted=fitted, calibration=calibration)
    left_out = {column.name for column in columns} - {column.name for column in used}
    card = compiled(
        oracle,
        used,
        y,
        weight,
        held=held,
        until=until,
        seed=seed,
        left_out=tuple(sorted(left_out)),
    )
    check_agreement(card, oracle, used)
    return with_evidence(card, oracle, used, y[held.rows], in_time=parts.in_time), oracle


def _check_seed(seed: Any) -> None:
    if isinstance(seed, bool) or not isinstance(seed, int) or seed < 0:
        raise FitError(f"seed is {seed!r}; give a whole number of at least 0")


def _check_outcomes(y: Floats) -> None:
    positives = int(y.sum())
    for count, outcome in ((positives, 1), (len(y) - positives, 0)):
        if count < LEAST_OF_EACH:
            raise FitError(
                f"y is {outcome} in {count} of {len(y)} rows; at least {LEAST_OF_EACH} of each outcome are "
                "needed: take a longer period or a wider population"
            )


def _check_monotonic(monotonic: Mapping[str, int], columns: list[Column]) -> None:
    kinds = {column.name: column.kind for column in columns}
    for name, sign in monotonic.items():
        if name not in kinds:
            known = ", ".join(kinds)
            raise FitError(f"monotonic names {name!r}, which is not a column; the columns are {known}")
        if kinds[name] != "number":
            raise FitError(f"monotonic names {name!r}, a category; only a number can rise or fall")
        if isinstance(sign, bool) or sign not in (1, -1):
            raise FitError(f"monotonic[{name!r}] is {sign!r}; give +1 (never falls) or -1 (never rises)")
