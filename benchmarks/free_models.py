"""Free models fitted beside ours in the same run, on the same rows: LightGBM and scikit-learn's own boosting."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]
Columns = Mapping[str, Any]
Score = Callable[[Columns], Floats]
Fit = Callable[[Columns, Any], Score]


@dataclass(frozen=True, kw_only=True, slots=True)
class Encoder:
    """Columns as the matrix that boosting takes: numbers as they are, a category as the number of its level."""

    levels: Mapping[str, Mapping[str, int]]
    """Of each column that is a category, the levels seen while learning; any other becomes missing."""

    @property
    def categories(self) -> list[str]:
        """The names of the categories."""
        return list(self.levels)

    def matrix(self, columns: Columns) -> Floats:
        """The rows of `columns`, shape (n, columns), NaN where missing or unseen."""
        encoded = [self._encoded(name, columns[name]) for name in columns]
        return np.column_stack(encoded)

    def _encoded(self, name: str, values: Any) -> Floats:
        if name not in self.levels:
            return np.asarray(values, dtype=np.float64)
        index = self.levels[name]
        return np.array([index.get(value, np.nan) for value in values], dtype=np.float64)


def encoder_of(columns: Columns) -> Encoder:
    """The encoder that these columns teach."""
    levels = {}
    for name, values in columns.items():
        array = np.asarray(values)
        if array.dtype.kind in "OUS":
            known = sorted({value for value in array.tolist() if value is not None})
            levels[name] = {level: code for code, level in enumerate(known)}
    return Encoder(levels=levels)


def lightgbm(columns: Columns, y: Any, **settings: Any) -> Score:
    """LightGBM fitted on the rows; 100 trees of 15 leaves unless told otherwise."""
    from lightgbm import LGBMClassifier  # [bench]

    chosen = {"n_estimators": 100, "num_leaves": 15} | settings
    encoder = encoder_of(columns)
    places = [place for place, name in enumerate(columns) if name in encoder.levels]
    model = LGBMClassifier(**chosen, n_jobs=1, random_state=0, verbose=-1)
    model.fit(encoder.matrix(columns), np.asarray(y), categorical_feature=places)
    return lambda asked: _positive(model.booster_.predict(encoder.matrix(asked)))


def histogram_boosting(columns: Columns, y: Any, **settings: Any) -> Score:
    """HistGradientBoostingClassifier fitted on the rows; 100 trees of 15 leaves unless told otherwise."""
    from sklearn.ensemble import HistGradientBoostingClassifier  # [learn]
    from threadpoolctl import threadpool_limits

    chosen = {"max_iter": 100, "max_leaf_nodes": 15, "early_stopping": False} | settings
    encoder = encoder_of(columns)
    places = [place for place, name in enumerate(columns) if name in encoder.levels]
    model = HistGradientBoostingClassifier(**chosen, categorical_features=places or None, random_state=0)

    def score(asked: Columns) -> Floats:
        with threadpool_limits(limits=1):
            return _positive(model.predict_proba(encoder.matrix(asked))[:, 1])

    # One thread, as ours: on a busy machine threads that wait for each other cost more than they give.
    with threadpool_limits(limits=1):
        model.fit(encoder.matrix(columns), np.asarray(y))
    return score


def _positive(probability: Any) -> Floats:
    return np.asarray(probability, dtype=np.float64)
