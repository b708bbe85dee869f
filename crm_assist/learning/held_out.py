"""Probabilities of rows by models that did not see them, for judging columns: logistic regression on bins.

One fixed setting and random parts, whatever the card itself will be made of: a check compares columns with each other,
it does not choose a model.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
from scipy import sparse
from sklearn.linear_model import LogisticRegression

from .bins import Bins
from .columns import Floats
from .folds import drawn_parts

FOLDS = 3
C = 0.1
PRIOR_ROWS = 5.0
"""How many rows of the average rate every bin is given beforehand, so that an empty one tells the average."""

Codes = npt.NDArray[np.intp]


def parts(y: Floats, *, seed: int) -> Codes:
    """Return the part of each row, shape (n,), 0 to FOLDS - 1, drawn by `seed` with both outcomes spread evenly."""
    return drawn_parts(y, FOLDS, seed=seed)


def together(
    bins: Sequence[Bins], codes: Sequence[Codes], y: Floats, part: Codes, offset: Floats | None = None
) -> Floats:
    """Return the held-out probability of each row, shape (n,), by all these columns; with none, the base rate.

    `offset` is a further number per row, shape (n,), such as the log-odds by other columns.
    """
    blocks = [_hot(each, code) for each, code in zip(bins, codes, strict=True)]
    if offset is not None:
        blocks.append(sparse.csr_array(offset[:, None]))
    result = np.empty(len(y))
    rows = sparse.hstack(blocks, format="csr") if blocks else None
    for number in range(FOLDS):
        judged = part == number
        if rows is None:
            result[judged] = y[~judged].mean()
            continue
        model = LogisticRegression(C=C, max_iter=1000, tol=1e-4).fit(rows[~judged], y[~judged])
        result[judged] = model.predict_proba(rows[judged])[:, 1]
    return result


def alone(bins: Bins, code: Codes, y: Floats, part: Codes) -> Floats:
    """Return the held-out rate of the bin that each row is in, shape (n,): what one column tells by itself."""
    result = np.empty(len(y))
    for number in range(FOLDS):
        judged = part == number
        learned, base = code[~judged], y[~judged].mean()
        count = np.bincount(learned, minlength=bins.size)
        positive = np.bincount(learned, weights=y[~judged], minlength=bins.size)
        rate = (positive + PRIOR_ROWS * base) / (count + PRIOR_ROWS)
        result[judged] = rate[code[judged]]
    return result


def loss(y: Floats, probability: Floats) -> Floats:
    """Return the negative log-likelihood of each row in nats, shape (n,)."""
    held = np.clip(probability, 1e-9, 1.0 - 1e-9)
    result: Floats = -(y * np.log(held) + (1.0 - y) * np.log(1.0 - held))
    return result


def log_odds(probability: Floats) -> Floats:
    """Return the log-odds of probabilities, held within about 20."""
    held = np.clip(probability, 1e-9, 1.0 - 1e-9)
    result: Floats = np.log(held / (1.0 - held))
    return result


def _hot(bins: Bins, code: Codes) -> sparse.csr_array:
    rows = len(code)
    return sparse.csr_array((np.ones(rows), code, np.arange(rows + 1)), shape=(rows, bins.size))
