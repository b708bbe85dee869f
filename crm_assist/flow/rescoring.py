"""The stored scores brought up to date: a whole base by the database alone, or the customers that changed."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator
from datetime import datetime

from django.db import router, transaction
from django.utils import timezone

from crm_assist import customers
from crm_assist.conf import settings
from crm_assist.customers import CustomerAdapter
from crm_assist.flow.rescore_batch import Batch, batch_of, way_for
from crm_assist.flow.rescore_place import DONE, Place
from crm_assist.flow.rescore_strays import leave_out_strays
from crm_assist.flow.rescore_swap import exchanged
from crm_assist.flow.rescore_ways import Beat, by_keys, by_rows, by_sql
from crm_assist.types import Step

CHUNK = 500
"""Customers named by key that are scored in one go."""


def rescore(
    adapter: CustomerAdapter,
    *,
    now: datetime,
    keys: Collection[str] | None = None,
    after: str = "",
    way: str = "auto",
    changed_only: bool = False,
    beat: Beat | None = None,
    confirm: Callable[[], object] | None = None,
) -> Iterator[Step]:
    """Score every customer of an adapter (or those of `keys`) for its main target and store it.

    Yields a step after each chunk that is safe; `after` is the cursor of such a step, to go on from there. `beat` is
    called with each step inside the chunk's own transaction: what it writes holds exactly when the chunk does.
    `confirm` is called at the end of each transaction beside those, and raises where the work has another owner.

    `way` says how: `swap` builds a new table and exchanges it, `in_place` writes over what is stored, both by the
    database alone; `numpy` reads the features and scores outside of it; `auto` takes the first that is open.
    `changed_only` leaves out customers whom the last sweep saw unchanged since this very card scored them.

    A tenant's scores of customers whom it does not have (any more) go: with a whole base all, else those of `keys`.
    """
    place = Place.read(after)
    if place.table == DONE:
        return
    total = len(keys) if keys is not None else adapter.queryset().count()
    tenants = sorted(adapter.all_tenants())
    found = [batch_of(adapter, one, now=now, keys=keys, changed_only=changed_only, confirm=confirm) for one in tenants]
    batches = [batch for batch in found if batch is not None]
    ways = {way_for(batch, way, total=total) for batch in batches}
    if ways == {"swap"}:
        yield from exchanged(batches, place=place, total=total, beat=beat)
        return
    for batch in batches:
        if batch.tenant >= place.tenant:
            with adapter.tenant_context(batch.tenant):
                for step in _steps(batch, "numpy" if "numpy" in ways else "in_place", place, total, beat):
                    place = Place.read(step.cursor)
                    yield step
                if keys is None:
                    _end(batch)


def _end(batch: Batch) -> None:
    """A whole base is scored: what is stored beside it is nobody's."""
    with transaction.atomic(router.db_for_write(batch.table)):
        leave_out_strays(batch)
        batch.confirmed()


def _steps(batch: Batch, way: str, place: Place, total: int, beat: Beat | None) -> Iterator[Step]:
    if batch.keys is not None:
        parts = _parts(sorted(key for key in set(batch.keys) if key > place.key_in(batch.tenant)))
        return by_keys(batch, parts, place, total, beat, way=way)
    return (by_rows if way == "numpy" else by_sql)(batch, place, total, beat)


def customer_changed(model_label: str, keys: Collection[str], *, now: datetime | None = None) -> int:
    """The host changed these customers: their stored scores follow, if the settings want that. Says how many."""
    if not settings.RESCORE_ON_CHANGE:
        return 0
    adapter, moment = customers.adapter_for(model_label), now or timezone.now()
    return max((step.done for step in rescore(adapter, now=moment, keys=keys)), default=0)


def _parts(keys: list[str]) -> Iterator[list[str]]:
    return (keys[start : start + CHUNK] for start in range(0, len(keys), CHUNK))
