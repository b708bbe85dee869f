"""A whole base scored into a new table, which then takes the place of the old one: nothing is seen half done."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from functools import partial
from typing import Any

from django.db import OperationalError, connections, router, transaction
from django.db.models import F

from crm_assist.conf import settings
from crm_assist.flow.rescore_batch import Batch, sums_up
from crm_assist.flow.rescore_beside import together
from crm_assist.flow.rescore_place import DONE, Place
from crm_assist.flow.rescore_sql import Chunk, write_new
from crm_assist.flow.rescore_ways import Beat, filled, safe
from crm_assist.scoring import exchange
from crm_assist.scoring.exchange import Exchange, Present
from crm_assist.scoring.exchange_indexes import build, indexes
from crm_assist.types import Step

SWAP_CHUNK = 100_000
SUMMED_CHUNK = 250_000
"""The same where related rows are summed up: the fewer the chunks, the less often their table is looked through."""

TRIES = 20
PAUSE_S = 0.5


def exchanged(batches: Sequence[Batch], *, place: Place, total: int, beat: Beat | None) -> Iterator[Step]:
    """Score every batch into a new table and exchange it at the end; what was written meanwhile stands."""
    using = router.db_for_write(batches[0].table)
    scopes = {batch.tenant: batch.scope for batch in batches}
    with transaction.atomic(using):
        made, place = _made(batches, scopes, place)
        batches[0].confirmed()
    for batch in batches:
        if batch.tenant >= place.tenant:
            with batch.adapter.tenant_context(batch.tenant):
                size = min(SUMMED_CHUNK if sums_up(batch) else SWAP_CHUNK, settings.BATCH_ROWS)
                for _, step in filled(batch, place, total, beat, size=size, write=_into(made)):
                    place = Place.read(step.cursor)
                    yield step
    _settle(made, using, list(scopes.values()), batches[0].confirmed)
    last = Step(done=place.done, cursor=Place(done=place.done, table=DONE).text(), total=total, note="exchanged")
    _exchange(batches, made, last, beat)
    yield last


def _made(batches: Sequence[Batch], scopes: dict[str, int], place: Place) -> tuple[Exchange, Place]:
    """The table under construction: the one that a cursor tells of, cut back to its place, or an empty one."""
    table, model_label = batches[0].table, batches[0].adapter.model_label
    with connections[router.db_for_write(table)].cursor() as cursor:
        made = exchange.resumed(cursor, table, place.table) if place.table else None
        if made is None:
            made = exchange.begin(cursor, table, model_label)
            return made, Place(table=made.mark)
        current = next((batch for batch in batches if batch.tenant == place.tenant), None)
        known = current is not None and bool(place.key)
        after = current.adapter.parse_key(place.key) if current is not None and known else None
        done = [scope for tenant, scope in scopes.items() if tenant < place.tenant]
        exchange.cut_back(cursor, made, scope=scopes[place.tenant] if known else None, after=after, done=done)
        if not known:
            place = Place(table=made.mark)
        return made, place


def _into(made: Exchange) -> Callable[[Batch, Chunk], None]:
    return lambda batch, chunk: write_new(batch, chunk, name=made.name)


def _settle(made: Exchange, using: str, scopes: list[int], confirmed: Callable[[], None]) -> None:
    """Everybody else's scores, then both indexes at once, then what the owner gave the old table."""

    def act(do: Callable[[Any], object]) -> Callable[[], None]:
        def acted() -> None:
            with transaction.atomic(using), connections[using].cursor() as cursor:
                do(cursor)
                confirmed()

        return acted

    act(lambda cursor: exchange.copy_others(cursor, made, scopes=scopes))()
    builds = [act(partial(build, table=made.name, index=index)) for index in indexes(made.old, using)]
    if connections[using].in_atomic_block:
        for built in builds:
            built()
    else:
        together(using, builds)
    act(lambda cursor: exchange.take_over(cursor, made))()


def _exchange(batches: Sequence[Batch], made: Exchange, step: Step, beat: Beat | None) -> None:
    """Try until nobody is in the way; each try that fails has changed nothing and held nobody up for long."""
    present = [_present(batch) for batch in batches]
    for left in reversed(range(TRIES)):
        try:
            with safe(batches[0], step, beat), connections[router.db_for_write(made.table)].cursor() as cursor:
                exchange.swap(cursor, made, present=present)
            return
        except OperationalError:
            if not left:
                raise
            time.sleep(PAUSE_S)


def _present(batch: Batch) -> Present:
    keys = batch.customers().order_by().values(assist_k=F(batch.adapter.key_path))
    sql, params = keys.query.sql_with_params()
    return Present(
        scope=batch.scope,
        keys=sql,
        params=tuple(params),
        context=lambda: batch.adapter.tenant_context(batch.tenant),
    )
