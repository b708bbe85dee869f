"""The stored scores brought up to date: a whole base by one query per target, or the customers that changed."""

from __future__ import annotations

from collections import deque
from collections.abc import Collection, Iterable, Iterator
from datetime import datetime
from typing import Any

from django.db.models import QuerySet
from django.utils import timezone

from crm_assist import customers, features
from crm_assist.conf import settings
from crm_assist.customers import CustomerAdapter
from crm_assist.customers.bulk import subjects_for
from crm_assist.customers.keys import typed
from crm_assist.events import emit
from crm_assist.flow.deciding import Serving
from crm_assist.flow.knowledge import published
from crm_assist.flow.rights import customers_gone
from crm_assist.rollout.admission import revision_in_force
from crm_assist.scorecards.scorecard import Scorecard
from crm_assist.scoring.models import LatestScore
from crm_assist.scoring.stored import Scored, store
from crm_assist.signals import customer_scored

CHUNK = 500


def rescore(adapter: CustomerAdapter, *, now: datetime, keys: Collection[str] | None = None) -> Iterator[int]:
    """Score every customer of an adapter (or those of `keys`) for its main target and store it.

    Yields how many are done after each chunk. The database computes the scores; an interrupted run loses nothing,
    since each chunk stands for itself.
    """
    done = 0
    for tenant in adapter.all_tenants():
        found = _serving(adapter, tenant)
        if found is None:
            continue
        with adapter.tenant_context(tenant):
            for some in _chunks(_rows(adapter, tenant, found[1].card, keys, now)):
                _store(adapter, tenant, found, some, now)
                done += len(some)
                yield done
    if keys is None:
        emit("rescore.done", adapter=adapter.model_label, done=done)


def _rows(
    adapter: CustomerAdapter, tenant: str, card: Scorecard, keys: Collection[str] | None, now: datetime
) -> QuerySet[Any]:
    expression = card.expression(features.expressions(adapter, now, card.features))
    rows = adapter.queryset().filter(adapter.tenant_filter(tenant))
    if keys is not None:
        rows = rows.filter(**{f"{adapter.key_path}__in": [adapter.parse_key(key) for key in keys]})
    scored: QuerySet[Any] = rows.annotate(crm_assist_live=expression).order_by("pk")
    return scored


def _serving(adapter: CustomerAdapter, tenant: str) -> tuple[str, Serving] | None:
    knowledge = published(tenant, revision_in_force())
    target = knowledge.main_target(adapter.model_label, adapter.main_target)
    serving = knowledge.cards.get((adapter.model_label, target.name)) if target else None
    return (target.name, serving) if target and serving else None


def _store(adapter: CustomerAdapter, tenant: str, found: tuple[str, Serving], objs: list[Any], now: datetime) -> None:
    target, serving = found
    scored = _scored(adapter, tenant, objs, now)
    store(scored, target=target, card=serving.digest, version=serving.version, base=serving.base, now=now)
    _tell(scored, target, now)


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
    return sum(max(rescore(adapter, now=moment, keys=some), default=0) for some in _parts(sorted(keys)))


def _parts(keys: list[str]) -> Iterator[list[str]]:
    return (keys[start : start + CHUNK] for start in range(0, len(keys), CHUNK))


def sweep(adapter: CustomerAdapter, *, now: datetime) -> Iterator[tuple[int, int, int]]:
    """Find what no signal told, re-score what changed and retire what is gone.

    Yields after each step how many customers were looked at, changed and gone so far.
    """
    seen = changed = gone = 0
    for tenant in adapter.all_tenants():
        for step in customers.sweep(adapter, now=now, tenant=tenant):
            for some in _parts(list(step.changed)):
                deque(rescore(adapter, now=now, keys=some), maxlen=0)
            customers_gone(adapter.model_label, keys=list(step.gone), tenant=tenant, now=now)
            seen, changed, gone = seen + step.seen, changed + len(step.changed), gone + len(step.gone)
            yield seen, changed, gone
    emit("sweep.done", adapter=adapter.model_label, done=seen, changed=changed, gone=gone)
