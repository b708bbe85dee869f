"""The ways of a batch that write over what is stored, chunk by chunk, each in a transaction with its beat."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from functools import partial
from typing import Any

from django.db import router, transaction

from crm_assist.conf import settings
from crm_assist.customers.bulk import make_missing, subjects_for, unmerged
from crm_assist.flow.rescore_batch import Batch
from crm_assist.flow.rescore_beside import pairs, together
from crm_assist.flow.rescore_place import Place
from crm_assist.flow.rescore_rows import pages, scores
from crm_assist.flow.rescore_sql import Chunk, chunks, write_over
from crm_assist.flow.rescore_strays import leave_out_strays
from crm_assist.scoring.stored import key_value
from crm_assist.scoring.upsert import store
from crm_assist.signals import customer_scored
from crm_assist.types import Step

SQL_CHUNK = 50_000
PAGE = 5_000
Beat = Callable[[Step], object]


@contextmanager
def safe(batch: Batch, step: Step, beat: Beat | None) -> Iterator[None]:
    """One transaction for a chunk, and for what the beat writes of it."""
    with transaction.atomic(router.db_for_write(batch.table)):
        yield
        if beat is not None:
            beat(step)


def step_of(batch: Batch, key: str, done: int, total: int, *, table: str = "") -> Step:
    """The step after a chunk that ends with this key."""
    place = Place(tenant=batch.tenant, key=key, done=done, table=table)
    return Step(done=done, cursor=place.text(), total=total)


def by_sql(batch: Batch, place: Place, total: int, beat: Beat | None) -> Iterator[Step]:
    """The database scores chunk by chunk, two at a time."""
    for some, step in filled(batch, place, total, beat, size=min(SQL_CHUNK, settings.BATCH_ROWS), write=write_over):
        told = {"key__lte": _column_value(batch, some[-1].upto)}
        after = some[0].after
        _tell(batch, told if after is None else told | {"key__gt": _column_value(batch, after)})
        yield step


def filled(
    batch: Batch, place: Place, total: int, beat: Beat | None, *, size: int, write: Callable[[Batch, Chunk], None]
) -> Iterator[tuple[list[Chunk], Step]]:
    """Write chunk after chunk, two at a time; the second is its own transaction, and done before the first is safe.

    So whoever goes on from a cursor may find rows beyond it, never a hole before it.
    """
    using, done = router.db_for_write(batch.table), place.done
    for some in pairs(using, chunks(batch, after=place.key_in(batch.tenant), size=size)):
        done += sum(chunk.count for chunk in some)
        step = step_of(batch, batch.adapter.key_text(some[-1].upto), done, total, table=place.table)
        with safe(batch, step, beat):
            together(using, [_act(batch, chunk, write, is_beside=number > 0) for number, chunk in enumerate(some)])
        yield some, step


def _act(batch: Batch, chunk: Chunk, write: Callable[[Batch, Chunk], None], *, is_beside: bool) -> Callable[[], object]:
    def act() -> None:
        with transaction.atomic(router.db_for_write(batch.table)):
            if not is_beside:
                write(batch, chunk)
                return
            # On a connection of its own, which knows no tenant yet, and committed by itself, without the beat.
            with batch.adapter.tenant_context(batch.tenant):
                write(batch, chunk)
            batch.confirmed()

    return act


def by_rows(batch: Batch, place: Place, total: int, beat: Beat | None) -> Iterator[Step]:
    """Features are read page by page and scored outside of the database."""
    done = place.done
    for keys, columns in pages(batch, after=place.key_in(batch.tenant), size=min(PAGE, settings.BATCH_ROWS)):
        done += len(keys)
        step = step_of(batch, keys[-1], done, total)
        with safe(batch, step, beat):
            _store(batch, keys, columns)
        _tell_keys(batch, keys)
        yield step


def by_keys(
    batch: Batch, parts: Iterable[Sequence[str]], place: Place, total: int, beat: Beat | None, *, way: str
) -> Iterator[Step]:
    """Customers named by key, in the order of the keys' texts."""
    done = place.done
    for keys in parts:
        part = replace(batch, keys=keys)
        rows = unmerged(part.customers(), batch.adapter, tenant=batch.tenant) if way == "in_place" else part.customers()
        done += rows.count()
        step = step_of(batch, keys[-1], done, total)
        with safe(batch, step, beat):
            if way == "in_place":
                make_missing(rows, batch.adapter, tenant=batch.tenant, now=batch.now)
                write_over(part, Chunk(rows=rows, after=None, upto=None, count=len(keys)))
            else:
                who = [(batch.tenant, key) for key in keys]
                subjects_for(model_label=batch.adapter.model_label, who=who, now=batch.now)
                for found, columns in pages(part, after="", size=PAGE):
                    _store(part, found, columns)
            leave_out_strays(part)
        _tell_keys(batch, keys)
        yield step


def _store(batch: Batch, keys: Sequence[str], columns: Any) -> None:
    store(
        batch.table,
        scores(batch, keys, columns),
        scope=batch.scope,
        card=batch.serving.id,
        now=batch.now,
        later_stands=batch.keys is None,
    )


def _column_value(batch: Batch, value: Any) -> Any:
    return key_value(batch.adapter, batch.adapter.key_text(value))


def _tell_keys(batch: Batch, keys: Sequence[str]) -> None:
    _tell(batch, {"key__in": [key_value(batch.adapter, key) for key in keys]})


def _tell(batch: Batch, which: dict[str, Any]) -> None:
    """Whoever listens is told of each customer, once its score is stored: after the outermost commit."""
    if customer_scored.has_listeners():
        using = router.db_for_write(batch.table)
        transaction.on_commit(partial(_tell_now, batch, which), using=using, robust=True)


def _tell_now(batch: Batch, which: dict[str, Any]) -> None:
    rows = batch.table._default_manager.filter(scope_id=batch.scope, **which).order_by("key")
    for key, probability in rows.values_list("key", "probability").iterator():
        customer_scored.send(
            batch.table,
            model_label=batch.adapter.model_label,
            key=str(key),
            tenant=batch.tenant,
            target=batch.target,
            probability=probability,
            at=batch.now,
        )
