"""The uncertainty of points against the full matrix, written out as the textbook has it."""

from __future__ import annotations

import numpy as np
import pytest

from crm_assist.learning.candidates import Data, rows_later
from crm_assist.learning.columns import Floats, read_columns
from crm_assist.learning.logistic import Logistic, Regression, design
from crm_assist.learning.model import Codes
from crm_assist.learning.uncertainty import Uncertainty, curvature, uncertainty
from tests.learning.examples import customers

ROWS = 1_200


def regression(*names: str) -> tuple[Regression, Codes, Floats]:
    """A regression on some columns of made-up customers, their bins, and what each row says."""
    X, y = customers(ROWS)
    columns = read_columns({name: X[name] for name in names})
    outcomes, later = np.array(y, dtype=float), rows_later(np.arange(ROWS))
    rows = Data(columns=columns, y=outcomes, weight=np.ones(ROWS), later=later, known={}).rows(8)
    fitted = Logistic(bins=8, half_life=300.0).fit(rows, monotonic={})
    return fitted, rows.codes, curvature(fitted, fitted.tables(), rows.codes)


def full(fitted: Regression, codes: Codes, curve: Floats) -> Floats:
    """The covariance of intercept and points against the mean, by the dense design."""
    hot = design(codes, fitted.shares).toarray()
    whole = np.concatenate([np.ones((len(hot), 1)), hot], axis=1)
    penalty = np.full(whole.shape[1], 1.0 / fitted.prior)
    penalty[0] = 1e-9
    covariance = np.linalg.inv(whole.T @ (curve[:, None] * whole) + np.diag(penalty))
    move, start = np.eye(len(covariance)), 1
    for share in fitted.shares:
        block = slice(start, start + len(share))
        move[block, block] -= share
        move[0, block] = share
        start += len(share)
    return np.asarray(move @ covariance @ move.T)


def variances(found: Uncertainty, rows: Floats) -> Floats:
    """The variance of the log-odds of rows, by what is stored."""
    return np.asarray(rows @ found.diagonal + ((rows @ found.factors) ** 2).sum(axis=1))


@pytest.mark.parametrize("names", [("job",), ("calls", "job"), ("balance", "calls", "job", "flag")])
def test_uncertainty__mean_over_the_training_rows__is_that_of_the_full_matrix(names: tuple[str, ...]) -> None:
    fitted, codes, curve = regression(*names)
    hot = design(codes, fitted.shares).toarray()
    rows = np.concatenate([np.ones((len(hot), 1)), hot], axis=1)
    expected = np.einsum("ij,jk,ik->i", rows, full(fitted, codes, curve), rows)
    found = variances(uncertainty(fitted, codes, curve), rows)
    assert found.mean() == pytest.approx(expected.mean(), rel=1e-9)
    assert np.corrcoef(found, expected)[0, 1] > 0.9


def test_curvature__by_the_tables__is_that_of_the_estimator() -> None:
    fitted, codes, curve = regression("balance", "calls", "job", "flag")
    p = 1.0 / (1.0 + np.exp(-fitted.logits(codes)))
    effective = fitted.weight.sum() ** 2 / (fitted.weight @ fitted.weight)
    assert curve == pytest.approx(fitted.weight / fitted.weight.sum() * effective * p * (1 - p), rel=1e-12)
