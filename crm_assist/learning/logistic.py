"""Logistic regression on bins: one column of the design per bin, fitted by scikit-learn, read back as points.

A bin that no training row fell in (often "missing") says nothing: it stands for the mean of the training
population, in the fit's design as in the card, so its points are zero.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from scipy import sparse
from sklearn.linear_model import LogisticRegression

from .bins import Bins
from .columns import Floats
from .model import Codes, Rows, Tables, bin_shares
from .monotone import edges_out_of_order
from .purifying import pure_tables

MAX_ITERATIONS = 1000


@dataclass(frozen=True, kw_only=True, slots=True)
class Logistic:
    """Logistic regression on bins: C is the inverse strength of the penalty, and the prior variance of every bin."""

    bins: int = 16
    C: float = 0.1
    half_life: float | None = None

    def fit(self, rows: Rows, *, monotonic: Mapping[str, int]) -> Regression:
        """Return the regression on these rows, refitted until every monotonic number is in order.

        Where points run against the wanted direction, the edges between them go and the fit is repeated on the
        merged bins (pool adjacent violators, then refit), so the estimator itself is monotone and nothing is
        patched after it.
        """
        bins, codes = list(rows.bins), list(rows.codes)
        weight = rows.aged(self.half_life)
        while True:
            shares = bin_shares(codes, [each.size for each in bins], weight)
            estimator = LogisticRegression(C=self.C, solver="lbfgs", max_iter=MAX_ITERATIONS, tol=1e-5)
            estimator.fit(design(codes, shares), rows.y, sample_weight=weight)
            fitted = Regression(bins=bins, shares=shares, estimator=estimator, prior=self.C, weight=weight)
            if not _merge(fitted, codes, monotonic):
                return fitted
            bins = fitted.bins


@dataclass(frozen=True, kw_only=True)
class Regression:
    """A fitted estimator with the bins it reads and the share of the training weight in each of them."""

    bins: list[Bins]
    shares: list[Floats]
    estimator: Any
    weight: Floats
    prior: float

    def logits(self, codes: Codes) -> Floats:
        """Return what the estimator's own `decision_function` says of rows given as bins, shape (n,)."""
        logits: Floats = self.estimator.decision_function(design(codes, self.shares))
        return logits

    def tables(self) -> Tables:
        """Return the points of every bin against the training mean, and the mean logit as intercept."""
        coefficients = self.estimator.coef_[0]
        starts = np.cumsum([0, *(len(share) for share in self.shares)])
        raw = [coefficients[start : start + len(share)] for share, start in zip(self.shares, starts, strict=False)]
        plain = Tables(intercept=float(self.estimator.intercept_[0]), points=raw, pairs=[])
        tables = pure_tables(plain, self.shares)
        filled = [np.where(share > 0, values, 0.0) for share, values in zip(self.shares, tables.points, strict=True)]
        return replace(tables, points=filled)


def design(codes: Codes, shares: Sequence[Floats]) -> Any:
    """Return the sparse design, shape (n, all bins): a one in the row's bin, the shares where that bin is
    empty.
    """
    starts = np.cumsum([0, *(len(share) for share in shares)])
    rows, width = len(codes[0]), len(codes)
    # Half the memory of whole words, which is what SciPy makes of them in any case.
    columns = np.empty((rows, width), dtype=np.int32)
    for place, code in enumerate(codes):
        np.add(code, starts[place], out=columns[:, place], casting="same_kind")
    ones = (np.ones(rows * width), columns.ravel(), np.arange(0, rows * width + 1, width))
    hot = sparse.csr_array(ones, shape=(rows, starts[-1]))
    empty = [share == 0 for share in shares]
    if not any(mask[code].any() for mask, code in zip(empty, codes, strict=True)):
        return hot
    filled = [np.where(mask[:, None], share, np.eye(len(share))) for mask, share in zip(empty, shares, strict=True)]
    blocks = [sparse.coo_array(block) for block in filled]
    return sparse.csr_array(hot @ sparse.block_diag(blocks, format="csr"))


def _merge(fitted: Regression, codes: Codes, monotonic: Mapping[str, int]) -> bool:
    """Merge the bins that are out of order, in place; return whether there were any."""
    if not monotonic:
        return False
    points, merged = fitted.tables().points, False
    for place, bins in enumerate(fitted.bins):
        sign = monotonic.get(bins.name)
        gone = edges_out_of_order(points[place][:-1].tolist(), fitted.shares[place][:-1].tolist(), sign) if sign else []
        if gone:
            merged = True
            kept = [1 if code in gone else 0 for code in range(len(bins.edges))]
            # A code loses one for every removed edge at or below it; "missing", the last, loses them all.
            shift = np.concatenate([[0], np.cumsum(kept), [sum(kept)]])
            codes[place] = codes[place] - shift[codes[place]]
            fitted.bins[place] = bins.without({bins.edges[code] for code in gone})
    return merged
