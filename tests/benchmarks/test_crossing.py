"""Every row is scored once, by a fit that has not seen it."""

from __future__ import annotations

from typing import Any

import numpy as np

from benchmarks.crossing import crossed, fold_of

Y = np.array([0, 1] * 30 + [0] * 40)


def test_fold_of__each_outcome__is_spread_evenly_and_by_the_seed() -> None:
    part = fold_of(Y, folds=5)
    assert np.bincount(part[Y == 1]).tolist() == [6] * 5
    assert np.bincount(part[Y == 0]).tolist() == [14] * 5
    assert (fold_of(Y, folds=5) == part).all()
    assert (fold_of(Y, folds=5, seed=1) != part).any()


def test_crossed__row__is_scored_by_a_fit_without_it() -> None:
    number = np.arange(float(len(Y)))

    def fit(seen: Any, told: Any) -> Any:
        assert len(seen["number"]) == len(told) == 80
        return lambda asked: np.where(np.isin(asked["number"], seen["number"]), -1.0, asked["number"])

    scores = crossed({"number": number}, Y, fold_of(Y, folds=5), fit)
    assert scores.tolist() == number.tolist()
