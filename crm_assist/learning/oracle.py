"""The oracle: raw rows, our binner, the fitted scikit-learn estimator, the calibrator. A card must agree with
it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from ..scorecards import Calibration, Scorecard
from ..scorecards.batch import as_floats
from ..scorecards.binning import read_category
from ..scorecards.row import CLAMP
from .columns import Column, Floats
from .errors import FitError
from .model import Model, model_codes

TOLERANCE = 1e-9
SAMPLE = 1000


@dataclass(frozen=True, kw_only=True)
class Oracle:
    """The model as it was fitted, before it became a card."""

    fitted: Model
    calibration: Calibration

    def probability(self, X: Mapping[str, Any]) -> Floats:
        """Return the calibrated probability of raw columns, shape (n,), by scikit-learn's own estimators."""
        columns = []
        for bins in self.fitted.bins:
            given = X[bins.name]
            values = (
                as_floats(given, bins.name)
                if bins.kind == "number"
                else np.array([read_category(value, bins.name) for value in given], dtype=object)
            )
            columns.append(Column(name=bins.name, kind=bins.kind, values=values))
        logits = self.fitted.logits(model_codes(self.fitted, columns))
        calibrated = np.clip(self.calibration.slope * logits + self.calibration.offset, -CLAMP, CLAMP)
        result: Floats = 1.0 / (1.0 + np.exp(-calibrated))
        return result


def largest_difference(card: Scorecard, oracle: Oracle, X: Mapping[str, Any]) -> float:
    """Return the largest |card - oracle| over the rows of X, the card both row by row and as a batch."""
    expected = oracle.probability(X)
    batch = card.probability(X)
    names = card.features
    rows = [dict(zip(names, values, strict=True)) for values in zip(*(X[name] for name in names), strict=True)]
    single = np.array([card.one(row) for row in rows])
    return float(max(np.abs(batch - expected).max(), np.abs(single - expected).max()))


def check_agreement(card: Scorecard, oracle: Oracle, columns: list[Column]) -> tuple[float, int]:
    """Return the largest difference of card and oracle on up to 1,000 rows spread over the columns, and how many.

    Raises FitError above 1e-9.
    """
    rows = np.unique(np.linspace(0, len(columns[0].values) - 1, SAMPLE).astype(np.intp))
    difference = largest_difference(card, oracle, {c.name: c.values[rows].tolist() for c in columns})
    if not difference <= TOLERANCE:
        raise FitError(
            f"the compiled card differs from the fitted model by {difference:.3g} (at most {TOLERANCE:g}); "
            "nothing was published: report this with the versions of scikit-learn and NumPy"
        )
    return difference, len(rows)
