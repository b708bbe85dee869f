"""How far the log-odds of a fit are off, on average over its rows: by chance, and by the kind of model.

By chance: the fit is repeated without each fifth of the rows, and the grouped jackknife turns how much the answers
move into a variance; it asks nothing of the model, so regression and boosting are judged alike. Source: Efron and
Tibshirani 1993, "An Introduction to the Bootstrap", chapter 11; Shao and Wu 1989 for groups.

By kind: regression on bins and boosting err in different ways, which no number of rows of theirs shows; how far they
are apart on held-out rows does (`choosing.of_kind`).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from .averaging import Average
from .candidates import Candidate, Data, Single
from .choosing import Choice, held_out
from .columns import Floats
from .folds import Folds, stratified
from .model import Model, model_codes

SAMPLE = 2000


def doubt(choice: Choice, data: Data, *, of: int, folds: Folds, monotonic: Mapping[str, int], seed: int) -> float:
    """Return how far off the chosen fit must be expected to be: a mean variance of log-odds, before calibration."""
    # Chance shrinks as rows grow: what was chosen on some of the rows is fitted on `of` of them.
    members = choice.models if not folds.in_time else _left_out(choice.candidate, data, monotonic, seed)
    places = np.unique(np.linspace(0, len(data.y) - 1, SAMPLE).astype(np.intp))
    columns = [column.rows(places) for column in data.columns]
    moved = [
        np.mean([model.logits(model_codes(model, columns)) for model in models], axis=0)
        for models in zip(*members, strict=True)
    ]
    return jackknife(np.array(moved)) * len(data.y) / of + choice.apart


def jackknife(moved: Floats) -> float:
    """Return the mean variance of answers, given those without each group of rows, shape (groups, m)."""
    groups = len(moved)
    return float((groups - 1) / groups * ((moved - moved.mean(axis=0)) ** 2).sum(axis=0).mean())


def _left_out(candidate: Candidate, data: Data, monotonic: Mapping[str, int], seed: int) -> Sequence[tuple[Model, ...]]:
    """The models of each member of a candidate without each fifth of the rows.

    Folds in time learn from more rows one after the other, so that theirs differ by more than chance.
    """
    parts = Folds(splits=stratified(data.y, seed), in_time=False)
    singles: tuple[Single, ...] = candidate.members if isinstance(candidate, Average) else (candidate,)
    return [held_out(each, data, folds=parts, monotonic=monotonic).models for each in singles]
