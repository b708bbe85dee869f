"""Leak and health checks of training data: what is wrong with it before a card is made of it. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from threadpoolctl import threadpool_limits

from .alike import constants, duplicates, scattered
from .bins import Bins, choose_bins
from .columns import Column, Floats, read_columns, read_moments, read_outcomes
from .errors import FitError
from .evaluation import auc
from .findings import Finding
from .held_out import Codes, parts, together
from .leaks import leaks
from .sensitive_names import sensitive
from .window import window_drift

BINS = 16
MOST_ROWS = 20_000
"""Of more rows, so many are drawn to look for leaks; columns are compared with each other on all rows."""

LEAST_OF_EACH = 30
"""With fewer rows of either outcome nothing can be proved about a leak, and nothing is said."""

AUC_BOUND = 0.95
"""Above it no honest card is known: the best classifiers of eight public credit data sets reach 0.65 to 0.94 (Lessmann
and others 2015, "Benchmarking state-of-the-art classification algorithms for credit scoring"), and what customers buy
is harder to tell than whether they pay.
"""


def check(X: Mapping[str, Any], y: Any, *, time: Any, seed: int) -> tuple[Finding, ...]:
    """Return what is wrong with the data; see `crm_assist.learning.check_training` for the promise."""
    columns = read_columns(X)
    outcomes = read_outcomes(y, len(columns[0].values))
    moments, _until = read_moments(time, len(outcomes))
    if isinstance(seed, bool) or not isinstance(seed, int) or seed < 0:
        raise FitError(f"seed is {seed!r}; give a whole number of at least 0")
    telling = [column for column in columns if column.says_something]
    with threadpool_limits(limits=1):
        found = _leaks(telling, outcomes, seed)
    bins, codes = _binned(telling)
    found += constants(columns) + scattered(telling, bins) + duplicates(columns) + sensitive(columns)
    if time is not None and not moments.any():
        found.append(Finding(code="one_moment", severity="warns", evidence={"rows": len(outcomes)}))
    return (*found, *window_drift(bins, codes, outcomes, moments))


def _leaks(columns: list[Column], y: Floats, seed: int) -> list[Finding]:
    """Leaks, and then whether what is left still ranks outcomes better than honest columns can."""
    rows = np.arange(len(y))
    if len(y) > MOST_ROWS:
        rows = np.sort(np.random.default_rng(seed).permutation(len(y))[:MOST_ROWS])
    y = y[rows]
    if min(y.sum(), (1.0 - y).sum()) < LEAST_OF_EACH or not columns:
        return []
    bins, codes = _binned([column.rows(rows) for column in columns])
    part = parts(y, seed=seed)
    found = leaks(bins, codes, y, part)
    gone = {leak.feature for leak in found}
    left = [place for place, each in enumerate(bins) if each.name not in gone]
    area = auc(y, together([bins[place] for place in left], [codes[place] for place in left], y, part))
    if area > AUC_BOUND:
        evidence = {"auc": area, "bound": AUC_BOUND}
        found.append(Finding(code="too_good", severity="blocks", evidence=evidence))
    return found


def _binned(columns: list[Column]) -> tuple[list[Bins], list[Codes]]:
    bins = [choose_bins(column, bins=BINS) for column in columns]
    return bins, [each.codes(column) for each, column in zip(bins, columns, strict=True)]
