"""Which settings and which calibration: held-out rows decide, later ones when time is known."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from .bins import choose_bins
from .columns import Column, Floats
from .logistic import Settings, fit_logistic

CANDIDATES = (
    Settings(bins=8, C=0.1),
    Settings(bins=16, C=0.02),
    Settings(bins=16, C=0.1),
    Settings(bins=32, C=0.1),
)
"""From the simplest to the richest; 16 bins and C = 0.1 did best on real bank data in time order."""

FOLDS = 5
FIRST_BLOCK = 0.5
LEAST_POSITIVES = 5

Mask = npt.NDArray[np.bool_]


@dataclass(frozen=True, kw_only=True, slots=True)
class Folds:
    """Pairs of masks (learn from, try on), each shape (n,); `in_time` when each is tried by what lies before
    it.
    """

    splits: list[tuple[Mask, Mask]]
    in_time: bool


@dataclass(frozen=True, kw_only=True, slots=True)
class Held:
    """Logits of rows by models that had not seen them.

    `rows` is a mask, shape (n,); of those rows, `logits` and `part`, the number of the fold, first to last.
    """

    settings: Settings
    rows: Mask
    logits: Floats
    part: npt.NDArray[np.intp]


def folds(y: Floats, moments: npt.NDArray[np.intp], *, seed: int) -> Folds:
    """Return the folds on which settings and calibration are chosen.

    With different moments: the later half in five blocks, each tried by what lies before it, equal moments
    kept together. Without, or when the early half has too few outcomes of a kind: five stratified parts drawn
    by `seed`.
    """
    rolling = _rolling(y, moments) if moments.max() > 0 else []
    return Folds(splits=rolling or _stratified(y, seed), in_time=bool(rolling))


def choose(
    columns: Sequence[Column],
    y: Floats,
    weight: Floats,
    *,
    splits: Sequence[tuple[Mask, Mask]],
    monotonic: Mapping[str, int],
    candidates: Sequence[Settings] = CANDIDATES,
) -> Held:
    """Return the simplest settings within one standard error of the best held-out log loss, with their
    logits.

    The error is that of the paired difference between two candidates on the same rows, which is much smaller
    than that of either loss.
    """
    tried = [
        held_out(columns, y, weight, splits=splits, settings=each, monotonic=monotonic) for each in candidates
    ]
    rows = tried[0].rows
    losses = [np.logaddexp(0.0, held.logits) - y[rows] * held.logits for held in tried]
    shares = weight[rows] / weight[rows].sum()
    best = min(range(len(tried)), key=lambda i: float(shares @ losses[i]))
    for held, loss in zip(tried, losses, strict=True):
        behind = loss - losses[best]
        mean = float(shares @ behind)
        error = float(np.sqrt((shares**2) @ (behind - mean) ** 2))
        if mean <= error:
            return held
    return tried[best]


def held_out(
    columns: Sequence[Column],
    y: Floats,
    weight: Floats,
    *,
    splits: Sequence[tuple[Mask, Mask]],
    settings: Settings,
    monotonic: Mapping[str, int],
) -> Held:
    """Return the logits that models of `settings` give to the rows held out from them.

    The bins lie where all rows put them: they never saw an outcome.
    """
    bins = [choose_bins(column, bins=settings.bins) for column in columns]
    codes = [each.codes(column) for each, column in zip(bins, columns, strict=True)]
    logits = np.zeros(len(y))
    part = np.full(len(y), -1, dtype=np.intp)
    for number, (learn, attempt) in enumerate(splits):
        fitted = fit_logistic(
            bins,
            [code[learn] for code in codes],
            y[learn],
            weight[learn],
            settings=settings,
            monotonic=monotonic,
        )
        logits[attempt] = fitted.logits(fitted.codes([column.rows(attempt) for column in columns]))
        part[attempt] = number
    rows = part >= 0
    return Held(settings=settings, rows=rows, logits=logits[rows], part=part[rows])


def _rolling(y: Floats, moments: npt.NDArray[np.intp]) -> list[tuple[Mask, Mask]]:
    ordered = np.sort(moments)
    places = [int(len(y) * (FIRST_BLOCK + (1 - FIRST_BLOCK) * k / FOLDS)) for k in range(FOLDS)]
    borders = sorted({int(ordered[place]) for place in places} - {0})
    result = []
    for begin, end in zip(borders, [*borders[1:], int(moments.max()) + 1], strict=True):
        learn, attempt = moments < begin, (moments >= begin) & (moments < end)
        if min(y[learn].sum(), (1 - y[learn]).sum()) >= LEAST_POSITIVES:
            result.append((learn, attempt))
    tried = (
        np.any([attempt for _learn, attempt in result], axis=0) if result else np.zeros(len(y), dtype=bool)
    )
    enough = min(y[tried].sum(), (1 - y[tried]).sum()) >= LEAST_POSITIVES
    return result if enough else []


def _stratified(y: Floats, seed: int) -> list[tuple[Mask, Mask]]:
    order = np.random.default_rng(seed).permutation(len(y))
    part = np.empty(len(y), dtype=np.intp)
    for outcome in (0.0, 1.0):
        members = order[y[order] == outcome]
        part[members] = np.arange(len(members)) % FOLDS
    return [(part != k, part == k) for k in range(FOLDS)]
