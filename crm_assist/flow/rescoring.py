"""The stored scores brought up to date: a whole base by one query per target, or the customers that changed."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator
from datetime import datetime
from functools import partial
from typing import Any

from django.db import router, transaction
from django.db.models import QuerySet
from django.utils import timezone

from crm_assist import customers, features
from crm_assist.conf import settings
from crm_assist.customers import CustomerAdapter
from crm_assist.customers.bulk import subjects_for
from crm_assist.customers.keys import typed
from crm_assist.flow.deciding import Serving
from crm_assist.flow.knowledge import published
from crm_assist.flow.rescore_place import Place
from crm_assist.rollout.admission import revision_in_force
from crm_assist.scorecards.scorecard import Scorecard
from crm_assist.scoring.models import LatestScore
from crm_assist.scoring.stored import Scored, store
from crm_assist.signals import customer_scored
from crm_assist.types import Step

CHUNK = 500


WAYS = ("auto", "swap", "in_place", "numpy")
Beat = Callable[[Step], object]


def rescore(
    adapter: CustomerAdapter,
    *,
    now: datetime,
    keys: Collection[str] | None = None,
    after: str = "",
    way: str = "auto",
    beat: Beat | None = None,
) -> Iterator[Step]:
    """Score every customer of an adapter (or those of `keys`) for its main target and store it.

    Yields a step after each chunk that is safe; `after` is the cursor of such a step, to go on from there. `beat` is
    called with each step inside the chunk's own transaction: what it writes holds exactly when the chunk does.
    """
    if way not in WAYS:
        raise ValueError(f"way={way!r}: choose one of {', '.join(WAYS)}.")
    place, using = Place.read(after), router.db_for_write(LatestScore)
    total = len(keys) if keys is not None else adapter.queryset().count()
    for tenant in sorted(adapter.all_tenants()):
        found = _serving(adapter, tenant)
        if found is None or tenant < place.tenant:
            continue
        with adapter.tenant_context(tenant):
            for some in _chunks(_rows(adapter, tenant, found[1].card, keys, now, place.key_in(tenant))):
                place = Place(tenant=tenant, key=adapter.key(some[-1]), done=place.done + len(some))
                step = Step(done=place.done, cursor=place.text(), total=total)
                with transaction.atomic(using):
                    scored = _store(adapter, tenant, found, some, now)
                    if beat is not None:
                        beat(step)
                    # After the outermost commit: a sweep scores within a larger transaction.
                    transaction.on_commit(partial(_tell, scored, found[0], now), using=using, robust=True)
                yield step


def _rows(
    adapter: CustomerAdapter, tenant: str, card: Scorecard, keys: Collection[str] | None, now: datetime, after: str
) -> QuerySet[Any]:
    expression = card.expression(features.expressions(adapter, now, card.features))
    rows = adapter.queryset().filter(adapter.tenant_filter(tenant))
    if keys is not None:
        rows = rows.filter(**{f"{adapter.key_path}__in": [adapter.parse_key(key) for key in keys]})
    if after:
        rows = rows.filter(**{f"{adapter.key_path}__gt": adapter.parse_key(after)})
    scored: QuerySet[Any] = rows.annotate(crm_assist_live=expression).order_by(adapter.key_path)
    return scored


def _serving(adapter: CustomerAdapter, tenant: str) -> tuple[str, Serving] | None:
    knowledge = published(tenant, revision_in_force())
    target = knowledge.main_target(adapter.model_label, adapter.main_target)
    serving = knowledge.cards.get((adapter.model_label, target.name)) if target else None
    return (target.name, serving) if target and serving else None


def _store(
    adapter: CustomerAdapter, tenant: str, found: tuple[str, Serving], objs: list[Any], now: datetime
) -> list[Scored]:
    target, serving = found
    scored = _scored(adapter, tenant, objs, now)
    store(scored, target=target, card=serving.digest, version=serving.version, base=serving.base, now=now)
    return scored


def _chunks(rows: QuerySet[Any]) -> Iterator[list[Any]]:
    chunk: list[Any] = []
    for obj in rows.iterator(CHUNK):
        chunk.append(obj)
        if len(chunk) == CHUNK:
            yield chunk
            chunk = []
    if chunk:
        yield chunk


def _scored(adapter: CustomerAdapter, tenant: str, objs: Iterable[Any], now: datetime) -> list[Scored]:
    by_key = {adapter.key(obj): obj for obj in objs}
    subjects = subjects_for(model_label=adapter.model_label, tenants=dict.fromkeys(by_key, tenant), now=now)
    return [
        Scored(
            subject_id=subjects[key].pk,
            tenant=tenant,
            model_label=adapter.model_label,
            key=key,
            probability=obj.crm_assist_live,
            **typed(adapter.parse_key(key)),
        )
        for key, obj in by_key.items()
        if key in subjects and subjects[key].merged_into_id is None and obj.crm_assist_live is not None
    ]


def _tell(scored: list[Scored], target: str, now: datetime) -> None:
    if not customer_scored.has_listeners():
        return
    for row in scored:
        customer_scored.send(
            LatestScore,
            model_label=row.model_label,
            key=row.key,
            tenant=row.tenant,
            target=target,
            probability=row.probability,
            at=now,
        )


def customer_changed(model_label: str, keys: Collection[str], *, now: datetime | None = None) -> int:
    """The host changed these customers: their stored scores follow, if the settings want that. Says how many."""
    if not settings.RESCORE_ON_CHANGE:
        return 0
    adapter, moment = customers.adapter_for(model_label), now or timezone.now()
    return sum(_count(rescore(adapter, now=moment, keys=some)) for some in _parts(sorted(keys)))


def _count(steps: Iterable[Step]) -> int:
    return max((step.done for step in steps), default=0)


def _parts(keys: list[str]) -> Iterator[list[str]]:
    return (keys[start : start + CHUNK] for start in range(0, len(keys), CHUNK))
