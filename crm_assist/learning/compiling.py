"""From the fitted estimator to the card: points, shares and spread per bin, facts, golden rows."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from ..scorecards import Feature, Golden, Pair, Scorecard, Spread, Training
from .bins import Bins
from .choosing import Held
from .columns import Column, Floats
from .evaluation import auc, ece
from .model import PairTable, model_codes
from .oracle import Oracle
from .uncertainty import curvature, pair_variances, scaled_to, uncertainty

GOLDEN_ROWS = 5


def compiled(
    oracle: Oracle,
    columns: list[Column],
    y: Floats,
    *,
    held: Held,
    told: Floats,
    off: float,
    until: str | None,
    seed: int,
    left_out: tuple[str, ...],
) -> Scorecard:
    """Return the card of a fitted model, its golden rows scored by the oracle.

    `held` are the log-odds of rows that the way to fit had not seen, `told` the outcomes of those rows. `off` is the
    mean variance of the log-odds, to which the uncertainty of all points together is scaled.
    """
    fitted = oracle.fitted
    tables, codes = fitted.tables(), model_codes(fitted, columns)
    curve = curvature(fitted, tables, codes)
    doubts = pair_variances(fitted, codes, curve, pairs=tables.pairs)
    spread, doubts = scaled_to(off, uncertainty(fitted, codes, curve), doubts, fitted, codes, tables.pairs)
    parts, start = [], 1
    for bins, values, share in zip(fitted.bins, tables.points, fitted.shares, strict=True):
        own = slice(start, start + bins.size)
        start += bins.size
        parts.append(
            Feature(
                name=bins.name,
                kind=bins.kind,
                edges=bins.edges,
                levels=bins.levels,
                points=tuple(values.tolist()),
                share=tuple(share.tolist()),
                diagonal=tuple(spread.diagonal[own].tolist()),
                factors=tuple(map(tuple, spread.factors[own].tolist())),
            )
        )
    card = Scorecard(
        parts=tuple(parts),
        pairs=_pairs(fitted.bins, tables.pairs, doubts),
        intercept=tables.intercept,
        calibration=oracle.calibration,
        spread=Spread(diagonal=float(spread.diagonal[0]), factors=tuple(spread.factors[0].tolist())),
        trained=_facts(oracle, y, held, told, until=until, seed=seed, left_out=left_out),
    )
    return replace(card, golden=_golden(oracle, columns))


def _pairs(bins: Sequence[Bins], tables: Sequence[PairTable], variances: Sequence[Floats]) -> tuple[Pair, ...]:
    return tuple(
        Pair(
            first=bins[table.first].name,
            second=bins[table.second].name,
            width=bins[table.second].size,
            points=tuple(table.points.ravel().tolist()),
            share=tuple(table.share.ravel().tolist()),
            diagonal=tuple(variance.ravel().tolist()),
        )
        for table, variance in zip(tables, variances, strict=True)
    )


def _facts(
    oracle: Oracle, y: Floats, held: Held, told: Floats, *, until: str | None, seed: int, left_out: tuple[str, ...]
) -> Training:
    calibrated = oracle.calibration.slope * held.logits + oracle.calibration.offset
    probability = 1.0 / (1.0 + np.exp(-np.clip(calibrated, -700, 700)))
    return Training(
        rows=len(y),
        positives=int(y.sum()),
        until=until,
        seed=seed,
        auc=auc(told, probability),
        ece=ece(told, probability),
        left_out=left_out,
    )


def _golden(oracle: Oracle, columns: list[Column]) -> tuple[Golden, ...]:
    """Return made-up rows that carry no customer's record: each takes one quantile of every column, one is
    empty.
    """
    rows: list[dict[str, Any]] = [{column.name: None for column in columns}]
    typical = [(column.name, _typical(column, np.linspace(0.1, 0.9, GOLDEN_ROWS - 1))) for column in columns]
    rows += [{name: values[place] for name, values in typical} for place in range(GOLDEN_ROWS - 1)]
    expected = oracle.probability({column.name: [row[column.name] for row in rows] for column in columns})
    return tuple(Golden(row=row, probability=float(p)) for row, p in zip(rows, expected, strict=True))


def _typical(column: Column, places: Floats) -> Sequence[float | str | None]:
    """Return the quantiles of a column at `places`, shape (k,), each between 0 and 1."""
    if column.kind == "number":
        numbers = column.values[np.isfinite(column.values)]
        return np.quantile(numbers, places).tolist() if len(numbers) else [None] * len(places)
    counts = Counter(column.values.tolist())
    del counts[None]
    texts = sorted(counts)
    if not texts:
        return [None] * len(places)
    up_to = np.cumsum([counts[text] for text in texts])
    wanted = (np.asarray(places) * (up_to[-1] - 1)).astype(np.intp)
    return [str(texts[place]) for place in np.searchsorted(up_to, wanted, side="right")]
