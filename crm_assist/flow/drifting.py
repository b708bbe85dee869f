"""Has the world moved since the card that serves was fitted? Asked by each refit, and of the customers of today."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from random import Random
from typing import Any

from crm_assist import customers, features
from crm_assist.flow.card_roles import champion_of, usable
from crm_assist.flow.challenging import learned_until
from crm_assist.flow.learned_rows import everyone_of
from crm_assist.flow.moved import Moved, MovedSign
from crm_assist.learning import drift_since
from crm_assist.learning.dataset import TrainingSet
from crm_assist.learning.models import Target
from crm_assist.scorecards import CardError, Scorecard

SAMPLE = 2_000
"""On how many customers of today features are compared."""

CHUNK = 500


def moved_since(target: Target, rows: TrainingSet) -> Moved | None:
    """What moved between the rows of the champion and the newest of these; None where nothing did, or none is newer."""
    champion = champion_of(target)
    if champion is None or not rows.at:
        return None
    try:
        card = usable(champion, target)
    except CardError:
        return None
    newest = max(rows.at)
    if newest <= learned_until(card, champion):
        return None
    last = rows.at_places([place for place, at in enumerate(rows.at) if at == newest])
    found = _moved(card, champion.version, last.X, last.y)
    return found if found and found.signs else None


def moved_today(target: Target, card: Scorecard, *, version: int, now: datetime) -> Moved | None:
    """What moved between the rows of a card and the target's customers of today, whose outcomes nobody knows yet.

    None where that cannot be asked: a card that says not on how many rows it learned, a feature that is gone, nobody.
    """
    adapter, everyone = everyone_of(target)
    picked = sorted(Random(f"today:{now:%Y-%m-%d}").sample(everyone, min(len(everyone), SAMPLE)))
    names = sorted({*card.features, *target.population})
    if any(name not in features.declared(adapter) for name in names):
        return None
    values = [
        values
        for start in range(0, len(picked), CHUNK)
        for values in _read(adapter, picked[start : start + CHUNK], names, now)
        if all(values[name] == wanted for name, wanted in target.population.items())
    ]
    return _moved(card, version, {name: [row[name] for row in values] for name in card.features}) if values else None


def _read(
    adapter: customers.CustomerAdapter, pks: Sequence[Any], names: Sequence[str], now: datetime
) -> list[Mapping[str, Any]]:
    rows = features.rows(adapter.queryset().filter(pk__in=pks), adapter, now, names)
    return [features.values_of(adapter, row, names) for row in rows]


def _moved(card: Scorecard, version: int, X: Mapping[str, Any], y: Sequence[int] | None = None) -> Moved | None:
    if card.trained.rows < 1 or any(name not in X for name in card.features):
        return None
    drift = drift_since(card, {name: X[name] for name in card.features}, y)
    signs = tuple(MovedSign(kind=sign.kind, value=sign.value, feature=sign.feature) for sign in drift.signs)
    return Moved(version=version, rows=drift.rows, signs=signs)
