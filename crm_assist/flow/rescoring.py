"""The stored scores brought up to date: a whole base by one query per target, or the customers that changed."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from datetime import datetime
from typing import Any

from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone

from crm_assist import customers, features
from crm_assist.conf import settings
from crm_assist.customers import CustomerAdapter
from crm_assist.customers.bulk import subjects_for
from crm_assist.customers.keys import typed
from crm_assist.flow.deciding import Serving
from crm_assist.learning.models import Target
from crm_assist.scorecards.models import CardVersion, Role
from crm_assist.scorecards.scorecard import Scorecard
from crm_assist.scoring.stored import Scored, store
from crm_assist.signals import customer_scored

CHUNK = 500


def rescore(adapter: CustomerAdapter, *, now: datetime, keys: Collection[str] | None = None) -> Iterator[int]:
    """Score every customer of an adapter (or those of `keys`) for its main target and store it.

    Yields how many are done after each chunk. The database computes the scores; an interrupted run loses nothing,
    since each chunk stands for itself.
    """
    found = _serving(adapter)
    if found is None:
        return
    target, serving = found
    expression = serving.card.expression(features.expressions(adapter, now, serving.card.features))
    rows = adapter.queryset().annotate(crm_assist_live=expression).order_by("pk")
    if keys is not None:
        rows = rows.filter(**{f"{adapter.key_path}__in": [adapter.parse_key(key) for key in keys]})
    done = 0
    for chunk in _chunks(rows):
        scored = _scored(adapter, chunk, now)
        for _stored in store(
            scored, target=target, card=serving.digest, version=serving.version, base=serving.base, now=now
        ):
            pass
        _tell(scored, target, now)
        done += len(chunk)
        yield done


def _serving(adapter: CustomerAdapter) -> tuple[str, Serving] | None:
    targets = Target.objects.filter(adapter=adapter.model_label)
    target = (
        targets.filter(name=adapter.main_target).first()
        if adapter.main_target
        else targets.filter(is_main=True).first()
    )
    if target is None:
        return None
    version = CardVersion.objects.filter(
        adapter=adapter.model_label, target=target.name, tenant=target.tenant, role=Role.CHAMPION
    ).first()
    if version is None:
        return None
    card = Scorecard.loads(version.text)
    return target.name, Serving(card=card, digest=version.digest, version=version.version)


def _chunks(rows: QuerySet[Any]) -> Iterator[list[Any]]:
    chunk: list[Any] = []
    for obj in rows.iterator(CHUNK):
        chunk.append(obj)
        if len(chunk) == CHUNK:
            yield chunk
            chunk = []
    if chunk:
        yield chunk


def _scored(adapter: CustomerAdapter, objs: Iterable[Any], now: datetime) -> list[Scored]:
    by_key = {adapter.key(obj): obj for obj in objs}
    tenants = dict(adapter.tenants(by_key.values()))
    subjects = subjects_for(model_label=adapter.model_label, tenants=tenants, now=now)
    return [
        Scored(
            subject_id=subjects[key].pk,
            tenant=tenants[key],
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
            CardVersion,
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
    adapter, done = customers.adapter_for(model_label), 0
    for some in _parts(sorted(keys)):
        with transaction.atomic():
            done += sum(1 for _ in rescore(adapter, now=now or timezone.now(), keys=some)) and len(some)
    return done


def _parts(keys: list[str]) -> Iterator[list[str]]:
    return (keys[start : start + CHUNK] for start in range(0, len(keys), CHUNK))
