"""From past records to a published card: read, choose, fit, calibrate, compile, check."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from threadpoolctl import threadpool_limits

from ..scorecards import Scorecard
from .calibration import calibrate
from .candidates import DEFAULT, Data, candidates, fit_candidate, rows_later
from .choosing import choose
from .columns import Column, Floats, read_columns, read_moments, read_outcomes, read_weights
from .compiling import compiled
from .doubt import doubt
from .errors import FitError
from .evidence import with_evidence, with_window
from .folds import folds
from .oracle import Oracle, check_agreement

LEAST_OF_EACH = 10
MOST_PAIRS = 50
CHOSEN_ON = 100_000
"""Rows on which the way to fit is chosen and calibrated; what is chosen is then fitted on all of them."""
THREADS = 1
"""The matrices are small: on two busy cores a second thread waits more than it works (ten times the CPU)."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Wishes:
    """What the caller of a fit may ask for; see `crm_assist.learning.fit_scorecard`."""

    pairs: int | str
    half_life: float | None
    monotonic: Mapping[str, int]
    seed: int


def fit(X: Mapping[str, Any], y: Any, *, time: Any, weight: Any, wishes: Wishes) -> tuple[Scorecard, Oracle]:
    """Return the card and its oracle; see `crm_assist.learning.fit_scorecard` for the promise."""
    columns = read_columns(X)
    rows = len(columns[0].values)
    outcomes, weights = read_outcomes(y, rows), read_weights(weight, rows)
    moments, until = read_moments(time, rows)
    check_wishes(wishes, columns, timed=bool(moments.max() > 0))
    kept = weights > 0
    if not kept.all():
        columns = [column.rows(kept) for column in columns]
        outcomes, weights, moments = outcomes[kept], weights[kept], moments[kept]
    _check_outcomes(outcomes)
    used = [column for column in columns if column.says_something]
    if not used:
        raise FitError("no column varies: each is empty or has one value; give columns that differ between rows")
    data = Data(columns=used, y=outcomes, weight=weights, later=rows_later(moments), known={})
    left_out = {column.name for column in columns} - {column.name for column in used}
    with threadpool_limits(limits=THREADS):
        fitted = _fit(data, moments, wishes, until=until, left_out=tuple(sorted(left_out)))
    return with_window(fitted, time)


def _fit(
    data: Data, moments: Any, wishes: Wishes, *, until: str | None, left_out: tuple[str, ...]
) -> tuple[Scorecard, Oracle]:
    some, places = data.thinned(CHOSEN_ON, seed=wishes.seed)
    parts = folds(some.y, moments[places], seed=wishes.seed)
    pairs = None if isinstance(wishes.pairs, str) else wishes.pairs
    tried = candidates(len(data.y), in_time=parts.in_time, pairs=pairs, half_life=wishes.half_life)
    default = replace(DEFAULT, half_life=wishes.half_life)
    choice = choose(some, folds=parts, monotonic=wishes.monotonic, tried=tried, default=default)
    held = choice.held
    # A copy of what is known: all rows in the bins of each member are not kept beyond the fit.
    fitted = fit_candidate(choice.candidate, replace(data, known=dict(data.known)), monotonic=wishes.monotonic)
    told, weight = some.y[held.rows], some.weight[held.rows]
    calibration = calibrate(held.logits, told, weight, held.part, in_time=parts.in_time)
    oracle = Oracle(fitted=fitted, calibration=calibration)
    columns = list(data.columns)
    off = doubt(choice, some, of=len(data.y), folds=parts, monotonic=wishes.monotonic, seed=wishes.seed)
    card = compiled(
        oracle,
        columns,
        data.y,
        held=choice.nested,
        told=told,
        off=off,
        until=until,
        seed=wishes.seed,
        left_out=left_out,
    )
    agreement, compared = check_agreement(card, oracle, columns)
    card = with_evidence(card, told, in_time=parts.in_time, agreement=agreement, compared=compared)
    return card, oracle


def check_wishes(wishes: Wishes, columns: list[Column], *, timed: bool) -> None:
    """Raise FitError for what no fit can do with these columns."""
    _check_monotonic(wishes.monotonic, columns)
    _check_seed(wishes.seed)
    pairs, half_life = wishes.pairs, wishes.half_life
    if pairs != "auto" and (isinstance(pairs, bool) or not isinstance(pairs, int) or not 0 <= pairs <= MOST_PAIRS):
        raise FitError(f'pairs is {pairs!r}; give "auto", or a whole number from 0 to {MOST_PAIRS}')
    if half_life is None:
        return
    if isinstance(half_life, bool) or not isinstance(half_life, (int, float)) or not 0 < half_life < float("inf"):
        raise FitError(f"half_life is {half_life!r}; give a number of rows above 0, or None")
    if not timed:
        raise FitError(f"half_life is {half_life!r} but no row is older than another; give time, or leave it out")


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
