"""On which rows candidates are tried: later ones than those learned from, when time is known."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from .columns import Floats

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


def folds(y: Floats, moments: npt.NDArray[np.intp], *, seed: int) -> Folds:
    """Return the folds on which settings and calibration are chosen.

    With different moments: the later half in five blocks, each tried by what lies before it, equal moments
    kept together. Without, or when the early half has too few outcomes of a kind: five stratified parts drawn
    by `seed`.
    """
    rolling = _rolling(y, moments) if moments.max() > 0 else []
    return Folds(splits=rolling or stratified(y, seed), in_time=bool(rolling))


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


def stratified(y: Floats, seed: int) -> list[tuple[Mask, Mask]]:
    """Return FOLDS parts drawn by `seed`, each with its share of either outcome."""
    part = drawn_parts(y, FOLDS, seed=seed)
    return [(part != k, part == k) for k in range(FOLDS)]


def drawn_parts(y: Floats, parts: int, *, seed: int) -> npt.NDArray[np.intp]:
    """Return the part of each row, shape (n,), 0 to `parts` - 1, drawn with both outcomes (0 and 1) spread evenly."""
    order = np.random.default_rng(seed).permutation(len(y))
    part = np.empty(len(y), dtype=np.intp)
    for outcome in (0.0, 1.0):
        members = order[y[order] == outcome]
        part[members] = np.arange(len(members)) % parts
    return part
