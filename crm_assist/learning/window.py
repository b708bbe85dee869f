"""Whether the world moved within the training window: the earlier half of the rows against the later."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from .bins import Bins
from .columns import Floats
from .findings import Finding
from .held_out import Codes
from .shift import INDEX_BOUND, rates_moved, shares_moved

LEAST_ROWS = 100
"""A half with fewer rows is not compared."""

CHANCE = 0.001


def window_drift(bins: Sequence[Bins], codes: Sequence[Codes], y: Floats, moments: Codes) -> list[Finding]:
    """Warn of each column, and of the rate of the outcome, that moved between the halves of the window.

    `codes` gives each row's bin per column, `moments` the rank of its moment, all of shape (n,); rows of one moment
    stay together. Nothing is said when a half has fewer than 100 rows.
    """
    early = moments < _border(moments)
    if min(early.sum(), (~early).sum()) < LEAST_ROWS:
        return []
    found = []
    for each, code in zip(bins, codes, strict=True):
        before, after = (np.bincount(code[half], minlength=each.size) for half in (early, ~early))
        moved, index = shares_moved(before, after, chance=CHANCE)
        if moved:
            evidence = {"index": index, "bound": INDEX_BOUND}
            found.append(Finding(code="drift", severity="warns", feature=each.name, evidence=evidence))
    first, second = ((float(y[half].sum()), float(half.sum())) for half in (early, ~early))
    if rates_moved(first, second, chance=CHANCE):
        evidence = {"early": first[0] / first[1], "late": second[0] / second[1]}
        found.append(Finding(code="base_rate", severity="warns", evidence=evidence))
    return found


def _border(moments: Codes) -> int:
    """Return the first moment of the later half: the one that comes nearest to halving the rows."""
    _ranks, starts = np.unique(np.sort(moments), return_index=True)
    return int(_ranks[np.abs(starts - len(moments) / 2).argmin()])
