"""How sure the points are: the Laplace approximation of their posterior, stored as few factors plus a
diagonal.

The penalty C is the prior. The covariance of all coefficients, (X'WX + I/C)^-1, is moved to the points
against the training mean, then written as factors (RANK per bin, leading eigenvectors weighted by bin share)
plus a diagonal, scaled so that the mean variance over training rows is that of the full matrix, then to what `doubt`
measures. A bin without training rows has the prior's own variance. Not covered: change of the world after training.
Source: MacKay 1992, "The evidence framework applied to classification networks".
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations
from typing import Any

import numpy as np

from ..scorecards.parts import RANK
from .columns import Floats
from .logistic import design
from .model import Codes, Model, PairTable, Tables

MOST_BINS = 3000
"""Above this the full matrix would take minutes: the variances of single bins are stored alone."""

SAMPLE = 2000


@dataclass(frozen=True, kw_only=True, slots=True)
class Uncertainty:
    """Variances: entry 0 is the intercept, then every bin in order. `diagonal` (k,), `factors` (k, RANK)."""

    diagonal: Floats
    factors: Floats


def curvature(fitted: Model, tables: Tables, codes: Codes) -> Floats:
    """Return how much each training row says, shape (n,): p (1 - p), times its weight in effective rows.

    `tables` are the model's own. Unequal weights are worth fewer rows than there are: their sum is the effective number
    (Kish 1965).
    """
    weight = fitted.weight * (fitted.weight.sum() / (fitted.weight @ fitted.weight))
    probability = 1.0 / (1.0 + np.exp(-np.clip(tables.logits(codes), -700, 700)))
    return np.asarray(weight * probability * (1.0 - probability), dtype=np.float64)


def pair_variances(fitted: Model, codes: Codes, curve: Floats, *, pairs: Sequence[PairTable]) -> list[Floats]:
    """Return the variance of each pair's cells, shape (a, b): what the cell's own rows leave of the prior's."""
    found = []
    for pair in pairs:
        rows, columns = pair.points.shape
        cell = codes[pair.first] * columns + codes[pair.second]
        said = np.bincount(cell, weights=curve, minlength=rows * columns).reshape(rows, columns)
        found.append(np.asarray(1.0 / (said + 1.0 / fitted.prior), dtype=np.float64))
    return found


def scaled_to(
    target: float,
    spread: Uncertainty,
    cells: list[Floats],
    fitted: Model,
    codes: Codes,
    pairs: Sequence[PairTable],
) -> tuple[Uncertainty, list[Floats]]:
    """Return the same variances, scaled so that their mean over the training rows is `target`.

    Bins without training rows keep the prior's variance: nothing is known of them however many rows there are.
    """
    hot = design([code[:SAMPLE] for code in codes], fitted.shares)
    rows = np.concatenate([np.ones((hot.shape[0], 1)), hot.toarray()], axis=1)
    mean = (rows @ spread.diagonal + ((rows @ spread.factors) ** 2).sum(axis=1)).mean()
    for pair, variance in zip(pairs, cells, strict=True):
        mean += variance[codes[pair.first][:SAMPLE], codes[pair.second][:SAMPLE]].mean()
    scale = target / mean if mean > 0 else 1.0
    known = np.concatenate([[True], np.concatenate(fitted.shares) > 0])
    diagonal = np.where(known, spread.diagonal * scale, spread.diagonal)
    result = Uncertainty(diagonal=diagonal, factors=spread.factors * np.sqrt(scale))
    return result, [variance * scale for variance in cells]


def uncertainty(fitted: Model, codes: Codes, curve: Floats) -> Uncertainty:
    """Return the posterior spread of the intercept and of every bin's points, before calibration.

    `curve` is what `curvature` says of the same rows.
    """
    sizes, prior = [len(share) for share in fitted.shares], 1.0 / fitted.prior
    said: list[Floats] = [
        np.asarray(np.bincount(code, weights=curve, minlength=size), dtype=np.float64)
        for code, size in zip(codes, sizes, strict=True)
    ]
    if sum(sizes) > MOST_BINS:
        diagonal = np.concatenate([[1.0 / curve.sum()], 1.0 / (np.concatenate(said) + prior)])
        return Uncertainty(diagonal=diagonal, factors=np.zeros((len(diagonal), RANK)))
    covariance = _covariance(codes, curve, said, prior)
    share = np.concatenate(fitted.shares)
    centred = _centred(covariance, fitted.shares)
    result = _compressed(centred, np.concatenate([[1.0], share]))
    hot = design([code[:SAMPLE] for code in codes], fitted.shares)
    return _scaled(result, centred, hot, empty=share == 0, prior_variance=fitted.prior)


def _covariance(codes: Codes, curve: Floats, said: Sequence[Floats], prior: float) -> Floats:
    """Return the posterior covariance of (intercept, coefficients), shape (k + 1, k + 1).

    X'WX is counted, column with column, and X itself is never made: of a million rows it would be the largest thing in
    memory. `said` is what the rows of each bin say, bin by bin.
    """
    starts = np.cumsum([1, *map(len, said)])
    size = int(starts[-1])
    precision = np.zeros((size, size))
    precision[0, 0] = curve.sum() + 1e-9
    precision[0, 1:] = precision[1:, 0] = np.concatenate(said)
    precision[np.arange(1, size), np.arange(1, size)] = precision[0, 1:] + prior
    for a, b in combinations(range(len(codes)), 2):
        cell = codes[a] * len(said[b]) + codes[b]
        met = np.bincount(cell, weights=curve, minlength=len(said[a]) * len(said[b])).reshape(len(said[a]), -1)
        one, other = slice(starts[a], starts[a + 1]), slice(starts[b], starts[b + 1])
        precision[one, other], precision[other, one] = met, met.T
    return np.asarray(np.linalg.inv(precision), dtype=np.float64)


def _centred(covariance: Floats, shares: list[Floats]) -> Floats:
    """Move the covariance of coefficients to points against the mean: base = b0 + sum of share .
    coefficients.
    """
    size = len(covariance)
    move = np.eye(size)
    start = 1
    for share in shares:
        block = slice(start, start + len(share))
        move[block, block] -= share
        move[0, block] = share
        start += len(share)
    moved: Floats = move @ covariance @ move.T
    return moved


def _compressed(covariance: Floats, share: Floats) -> Uncertainty:
    """Return leading factors plus the diagonal that is left, frequent bins weighing most."""
    root = np.sqrt(np.maximum(share, 1e-4))
    values, vectors = np.linalg.eigh(root[:, None] * covariance * root)
    values, vectors = values[::-1][:RANK], vectors[:, ::-1][:, :RANK]
    factors = vectors * np.sqrt(np.maximum(values, 0.0)) / root[:, None]
    if factors.shape[1] < RANK:
        factors = np.pad(factors, ((0, 0), (0, RANK - factors.shape[1])))
    left = np.diag(covariance) - (factors**2).sum(axis=1)
    return Uncertainty(diagonal=np.maximum(left, 0.0), factors=factors)


def _scaled(result: Uncertainty, covariance: Floats, hot: Any, *, empty: Floats, prior_variance: float) -> Uncertainty:
    """Scale to the full matrix's mean variance over the rows `hot`; give empty bins the prior's variance."""
    rows = np.concatenate([np.ones((hot.shape[0], 1)), hot.toarray()], axis=1)
    full = np.einsum("ij,jk,ik->i", rows, covariance, rows, optimize=True).mean()
    short = (rows @ result.diagonal + ((rows @ result.factors) ** 2).sum(axis=1)).mean()
    scale = full / short if short > 0 else 1.0
    diagonal, factors = result.diagonal * scale, result.factors * np.sqrt(scale)
    diagonal[1:][empty] = prior_variance
    factors[1:][empty] = 0.0
    return Uncertainty(diagonal=diagonal, factors=factors)
