"""Which settings and which calibration: held-out rows decide, later ones when time is known."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from .bins import Bins, choose_bins
from .columns import Column, Floats
from .logistic import Settings, fit_logistic

DEFAULT = Settings(bins=16, C=0.1)
"""What stands unless held-out rows speak clearly: 16 bins and C = 0.1 do well on real bank data in time
order.
"""

CANDIDATES = (Settings(bins=16, C=0.02), Settings(bins=8, C=0.1), DEFAULT, Settings(bins=32, C=0.1))
"""From the simplest (most held back) to the richest."""

FOLDS = 5
FIRST_BLOCK = 0.5
LEAST_POSITIVES = 5

Mask = npt.NDArray[np.bool_]
Known = dict[Bins, npt.NDArray[np.intp]]


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
    """Return the settings that held-out rows prefer, with their logits.

    The default stands unless the best loss beats it by two standard errors (with five parts, one is exceeded
    by chance every fifth time); then the simplest within one standard error of the best is taken. The error
    is that of the mean gain between parts: rows of one period share its fate, so counting them one by one
    would make chance look like evidence.
    """
    known: Known = {}
    tried = [
        held_out(columns, y, weight, splits=splits, settings=each, monotonic=monotonic, known=known)
        for each in candidates
    ]
    rows = tried[0].rows
    losses = np.array([_loss_by_part(held, y[rows], weight[rows]) for held in tried])
    best = int(losses.mean(axis=1).argmin())
    pairs = list(zip(tried, losses - losses[best], strict=True))
    for held, behind in pairs:
        if held.settings == DEFAULT and _within(behind, errors=2.0):
            return held
    return next(held for held, behind in pairs if _within(behind, errors=1.0))


def _loss_by_part(held: Held, y: Floats, weight: Floats) -> list[float]:
    loss = weight * (np.logaddexp(0.0, held.logits) - y * held.logits)
    parts = [held.part == number for number in np.unique(held.part)]
    return [float(loss[part].sum() / weight[part].sum()) for part in parts]


def _within(behind: Floats, *, errors: float) -> bool:
    """Return whether the mean of the differences by part, shape (parts,), is within so many standard errors
    of 0.
    """
    spread = behind.std(ddof=1) / np.sqrt(len(behind)) if len(behind) > 1 else 0.0
    return bool(behind.mean() <= errors * spread)


def held_out(
    columns: Sequence[Column],
    y: Floats,
    weight: Floats,
    *,
    splits: Sequence[tuple[Mask, Mask]],
    settings: Settings,
    monotonic: Mapping[str, int],
    known: Known | None = None,
) -> Held:
    """Return the logits that models of `settings` give to the rows held out from them.

    The bins lie where all rows put them: they never saw an outcome. `known` keeps which bin each row is in, since
    other settings often have the same bins.
    """
    known = {} if known is None else known
    bins = [choose_bins(column, bins=settings.bins) for column in columns]
    for each, column in zip(bins, columns, strict=True):
        if each not in known:
            known[each] = each.codes(column)
    codes = [known[each] for each in bins]
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
        # Only what was merged, to be monotonic, is not yet known by its bins.
        tried = [
            code[attempt] if now is before else now.codes(column.rows(attempt))
            for now, before, code, column in zip(fitted.bins, bins, codes, columns, strict=True)
        ]
        logits[attempt] = fitted.logits(tried)
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
    tried = np.any([attempt for _learn, attempt in result], axis=0) if result else np.zeros(len(y), dtype=bool)
    enough = min(y[tried].sum(), (1 - y[tried]).sum()) >= LEAST_POSITIVES
    return result if enough else []


def _stratified(y: Floats, seed: int) -> list[tuple[Mask, Mask]]:
    order = np.random.default_rng(seed).permutation(len(y))
    part = np.empty(len(y), dtype=np.intp)
    for outcome in (0.0, 1.0):
        members = order[y[order] == outcome]
        part[members] = np.arange(len(members)) % FOLDS
    return [(part != k, part == k) for k in range(FOLDS)]
