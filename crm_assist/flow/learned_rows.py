"""Rows that a target's card learns from, and rows of later moments on which cards are judged.

Nothing of the time after a row's moment may enter it, and every outcome is known: its horizon is over.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime, timedelta
from random import Random
from typing import Any

from django.db.models import Q
from django.utils.translation import gettext as _

from crm_assist import customers
from crm_assist.customers import CustomerAdapter
from crm_assist.flow.completeness import completeness
from crm_assist.flow.happened import happened
from crm_assist.flow.past import Past
from crm_assist.learning import FitError
from crm_assist.learning.dataset import TrainingSet, training_set
from crm_assist.learning.models import Target

STEP = timedelta(days=30)
MOST_ROWS = 20_000

BLOCKS = 8
"""In how many blocks of time cards are judged."""

JUDGED = 4
"""One row is judged on for so many that are learned from."""

OTHERS = 3
"""At most one customer in so many is judged on: the others are left to learn from."""


def past_rows(target: Target, past: Past, *, moments: int, most: int, now: datetime, seed: int = 0) -> TrainingSet:
    """What was known of the target's population at past moments, and what followed within the horizon.

    The newest moment is one horizon before the outcomes are complete: later, silence would not yet be a no.
    """
    adapter, everyone = everyone_of(target)
    horizon, random = timedelta(days=target.horizon_days), Random(seed)
    until, told = complete_until(target, now), happened(target)
    some = min(len(everyone), -(-most // moments))
    return training_set(
        lambda moment: _within(target, past.read(adapter, sorted(random.sample(everyone, some)), moment)),
        [until - horizon - STEP * place for place in range(moments)],
        outcomes=told.sure,
        unsure=told.unsure,
        horizon=horizon,
        until=until,
        most=most,
        random=random,
    )


def judged_blocks(
    target: Target, past: Past, *, after: datetime, until: datetime, most: int, now: datetime, seed: int = 0
) -> list[TrainingSet]:
    """Rows of the time after `after` up to `until`, a set for each block of time; no customer is in two of them.

    So chance meets each block by itself. `most` is how many rows are learned from; a quarter of that is read here.
    """
    adapter, everyone = everyone_of(target)
    some, random = min(len(everyone) // OTHERS, most // JUDGED), Random(f"judged:{seed}")
    picked = random.sample(everyone, some)
    complete, told = complete_until(target, now), happened(target)

    def block(place: int) -> TrainingSet:
        return training_set(
            lambda moment: _within(target, past.read(adapter, sorted(picked[place::BLOCKS]), moment)),
            [after + (until - after) * (place + 1) / BLOCKS],
            outcomes=told.sure,
            unsure=told.unsure,
            horizon=timedelta(days=target.horizon_days),
            until=complete,
            most=max(1, some),
            random=random,
        )

    return [block(place) for place in range(BLOCKS)]


def everyone_of(target: Target) -> tuple[CustomerAdapter, list[Any]]:
    """Whose customers they are, and the primary key of each, in order."""
    adapter = customers.adapter_for(target.adapter)
    # A target of one tenant is learned from that tenant alone; one without a tenant is everybody's.
    theirs = adapter.tenant_filter(target.tenant) if target.tenant else Q()
    return adapter, list(adapter.queryset().filter(theirs).order_by("pk").values_list("pk", flat=True))


def _within(target: Target, rows: Iterable[tuple[str, Mapping[str, Any]]]) -> Iterator[tuple[str, Mapping[str, Any]]]:
    """The rows of the target's population as of their moment."""
    wanted = target.population.items()
    return (row for row in rows if all(row[1].get(name) == value for name, value in wanted))


def complete_until(target: Target, now: datetime) -> datetime:
    """Until when all that happened was told; FitError where a source that the target names never said."""
    until = completeness(target, now=now).until
    if until is None:
        words = {"target": target.name, "sources": ", ".join(map(str, target.sources))}
        raise FitError(
            _(
                "Target %(target)s is told by %(sources)s, and not each of them has said until when its outcomes are "
                "complete: say it with `crm_assist_outcomes complete`."
            )
            % words
        )
    return until
