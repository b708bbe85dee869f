"""Scores of features that the database cannot compute together: read page by page, scored in NumPy, written back.

Where NumPy is not installed, each row is scored by the row execution: slower, and equal.
"""

from __future__ import annotations

import logging
from collections.abc import Iterator, Mapping, Sequence
from importlib.util import find_spec
from typing import Any

from crm_assist import features
from crm_assist.customers.bulk import merged
from crm_assist.flow.rescore_batch import Batch
from crm_assist.scorecards.scorecard import Scorecard
from crm_assist.scoring.stored import Scored, key_value

logger = logging.getLogger("crm_assist.flow")
Columns = Mapping[str, Sequence[Any]]


def pages(batch: Batch, *, after: str, size: int) -> Iterator[tuple[list[str], Columns]]:
    """Keys and the card's features, column by column, in the order of the keys."""
    adapter, path = batch.adapter, batch.adapter.key_path
    last = adapter.parse_key(after) if after else None
    while True:
        rows = batch.customers()
        rows = rows if last is None else rows.filter(**{f"{path}__gt": last})
        names = batch.serving.card.features
        keys, columns, last = features.table(rows.order_by(path), adapter, batch.now, names, limit=size)
        if keys:
            yield keys, columns
        if len(keys) < size:
            return


def scores(batch: Batch, keys: Sequence[str], columns: Columns) -> list[Scored]:
    """The score of each customer that stands for itself; one that cannot be scored is logged and left out."""
    others = merged(batch.adapter, keys, tenant=batch.tenant)
    return [
        Scored(key=key_value(batch.adapter, key), probability=probability)
        for key, probability in zip(keys, probabilities(batch.serving.card, columns, len(keys)), strict=True)
        if key not in others and probability is not None
    ]


def probabilities(card: Scorecard, columns: Columns, count: int) -> list[float | None]:
    """The probability of each row, all at once where NumPy is installed; None for a row that cannot be scored."""
    if not columns:
        return [card.one({})] * count
    if find_spec("numpy") is not None:
        try:
            return [float(value) for value in card.probability(columns)]
        except Exception:  # one odd record must not stop the batch: it is found below
            logger.debug("A page is scored row by row", exc_info=True)
    return [_one(card, dict(zip(columns, row, strict=True))) for row in zip(*columns.values(), strict=True)]


def _one(card: Scorecard, row: Mapping[str, Any]) -> float | None:
    try:
        return card.one(row)
    except Exception:
        logger.exception("crm_assist.score_failed")
        return None
