"""Rows that a target's card learns from, and rows of later moments on which cards are judged.

Nothing of the time after a row's moment may enter it, and every outcome is known: its horizon is over.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime, timedelta
from random import Random
from typing import Any

from django.db.models import Q
from django.db.models.functions import Coalesce

from crm_assist import customers
from crm_assist.customers import CustomerAdapter
from crm_assist.decisions.outcomes import in_force
from crm_assist.flow.past import Past
from crm_assist.learning.dataset import TrainingSet, training_set
from crm_assist.learning.models import Target

STEP = timedelta(days=30)
MOST_ROWS = 20_000
STANDING = ("subject__merged_into__merged_into__key", "subject__merged_into__key", "subject__key")
"""Whose an outcome is: the customer's into whom its own was merged, after up to two merges in a row."""

BLOCKS = 8
"""In how many blocks of time cards are judged."""

JUDGED = 4
"""One row is judged on for so many that are learned from."""

OTHERS = 3
"""At most one customer in so many is judged on: the others are left to learn from."""


def past_rows(target: Target, past: Past, *, moments: int, most: int, now: datetime, seed: int = 0) -> TrainingSet:
    """What was known of the target's population at past moments, and what followed within the horizon."""
    adapter, everyone = _everyone(target)
    horizon, random = timedelta(days=target.horizon_days), Random(seed)
    some = min(len(everyone), -(-most // moments))
    return training_set(
        lambda moment: _within(target, past.read(adapter, sorted(random.sample(everyone, some)), moment)),
        [now - horizon - STEP * place for place in range(moments)],
        outcomes=_outcomes(target),
        horizon=horizon,
        until=now,
        most=most,
        random=random,
    )


def judged_blocks(
    target: Target, past: Past, *, after: datetime, until: datetime, most: int, now: datetime, seed: int = 0
) -> list[TrainingSet]:
    """Rows of the time after `after` up to `until`, a set for each block of time; no customer is in two of them.

    So chance meets each block by itself. `most` is how many rows are learned from; a quarter of that is read here.
    """
    adapter, everyone = _everyone(target)
    some, random = min(len(everyone) // OTHERS, most // JUDGED), Random(f"judged:{seed}")
    picked, outcomes = random.sample(everyone, some), _outcomes(target)

    def block(place: int) -> TrainingSet:
        return training_set(
            lambda moment: _within(target, past.read(adapter, sorted(picked[place::BLOCKS]), moment)),
            [after + (until - after) * (place + 1) / BLOCKS],
            outcomes=outcomes,
            horizon=timedelta(days=target.horizon_days),
            until=now,
            most=max(1, some),
            random=random,
        )

    return [block(place) for place in range(BLOCKS)]


def _everyone(target: Target) -> tuple[CustomerAdapter, list[Any]]:
    """Whose customers they are, and the primary key of each, in order."""
    adapter = customers.adapter_for(target.adapter)
    # A target of one tenant is learned from that tenant alone; one without a tenant is everybody's.
    theirs = adapter.tenant_filter(target.tenant) if target.tenant else Q()
    return adapter, list(adapter.queryset().filter(theirs).order_by("pk").values_list("pk", flat=True))


def _within(target: Target, rows: Iterable[tuple[str, Mapping[str, Any]]]) -> Iterator[tuple[str, Mapping[str, Any]]]:
    """The rows of the target's population as of their moment."""
    wanted = target.population.items()
    return (row for row in rows if all(row[1].get(name) == value for name, value in wanted))


def _outcomes(target: Target) -> Mapping[str, list[datetime]]:
    """When it happened, by the key of the customer who stands for the one it was told of."""
    happened: dict[str, list[datetime]] = defaultdict(list)
    rows = in_force().filter(kind=target.outcome, subject__model_label=target.adapter)
    rows = rows.filter(product__in=target.products) if target.products else rows
    rows = rows.filter(tenant=target.tenant) if target.tenant else rows
    for key, occurred_at in rows.values_list(Coalesce(*STANDING), "occurred_at").iterator():
        happened[key].append(occurred_at)
    return happened
