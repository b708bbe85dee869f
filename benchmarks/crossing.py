"""Cross-validation: every row is scored by a model that has not seen it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import numpy.typing as npt

from benchmarks.free_models import Fit, Floats
from crm_assist.learning.folds import drawn_parts

FOLDS = 10


def fold_of(y: Any, *, seed: int = 0, folds: int = FOLDS) -> npt.NDArray[np.intp]:
    """The fold of each row, shape (n,), 0 to folds - 1: drawn by `seed`, equally many of each outcome in each."""
    return drawn_parts(np.asarray(y, dtype=np.float64), folds, seed=seed)


def crossed(columns: Mapping[str, Any], y: Any, part: npt.NDArray[np.intp], fit: Fit) -> Floats:
    """The score of each row, shape (n,), by a fit on all rows of other folds."""
    outcomes = np.asarray(y)
    scores = np.zeros(len(outcomes))
    for fold in np.unique(part):
        mine = part == fold
        score = fit({name: values[~mine] for name, values in columns.items()}, outcomes[~mine])
        scores[mine] = score({name: values[mine] for name, values in columns.items()})
    return scores
