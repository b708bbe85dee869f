"""The sweep: finds what no signal told (bulk updates, raw SQL, deletions) by comparing hashes."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import QuerySet

from crm_assist.customers.adapter import CustomerAdapter
from crm_assist.customers.models import Subject
from crm_assist.customers.subjects import mark_back, mark_gone
from crm_assist.customers.visibility import KEYS_PER_QUERY, load

PREFIX = "assist_trace_"


@dataclass(frozen=True, kw_only=True, slots=True)
class Swept:
    """What one step of the sweep found, by key."""

    changed: tuple[str, ...] = ()
    gone: tuple[str, ...] = ()
    seen: int = 0


def sweep(adapter: CustomerAdapter, *, now: datetime, chunk: int = KEYS_PER_QUERY, tenant: str = "") -> Iterator[Swept]:
    """Look at every customer of a tenant; a step counts as taken up only when the next one is asked for."""
    with adapter.tenant_context(tenant):
        yield from _present(adapter, tenant, now, chunk)
        yield from _absent(adapter, tenant, now, chunk)


def _present(adapter: CustomerAdapter, tenant: str, now: datetime, chunk: int) -> Iterator[Swept]:
    for objs in _pages(traced(adapter, now).filter(adapter.tenant_filter(tenant)), adapter, chunk):
        hashes = {adapter.key(obj): hash_of(adapter, obj) for obj in objs}
        known = {
            subject.key: subject
            for subject in Subject.objects.filter(tenant=tenant, model_label=adapter.model_label, key__in=list(hashes))
        }
        changed = tuple(key for key, value in hashes.items() if _is_news(known.get(key), value))
        yield Swept(changed=changed, seen=len(hashes))
        mark_back(model_label=adapter.model_label, keys=changed, tenant=tenant)
        _remember(adapter, tenant, {key: hashes[key] for key in changed}, now)


def _is_news(subject: Subject | None, value: str) -> bool:
    return subject is None or subject.gone_at is not None or subject.seen_hash != value


def _remember(adapter: CustomerAdapter, tenant: str, hashes: dict[str, str], now: datetime) -> None:
    """Those without a subject yet stay news until somebody makes one."""
    subjects = list(Subject.objects.filter(tenant=tenant, model_label=adapter.model_label, key__in=list(hashes)))
    for subject in subjects:
        subject.seen_hash, subject.seen_at = hashes[subject.key], now
    Subject.objects.bulk_update(subjects, ["seen_hash", "seen_at"], batch_size=300)


def _absent(adapter: CustomerAdapter, tenant: str, now: datetime, chunk: int) -> Iterator[Swept]:
    last = 0
    while True:
        live = Subject.objects.live().filter(tenant=tenant, model_label=adapter.model_label, pk__gt=last)
        rows = list(live.order_by("pk").values_list("pk", "key")[:chunk])
        if not rows:
            return
        last = rows[-1][0]
        keys = [key for _, key in rows]
        there = load(adapter, keys)
        gone = tuple(key for key in keys if key not in there)
        if gone:
            yield Swept(gone=gone, seen=0)
            mark_gone(model_label=adapter.model_label, keys=gone, now=now, tenant=tenant)


def traced(adapter: CustomerAdapter, now: datetime) -> QuerySet[Any]:
    """The customers with the trace of every feature beside them."""
    traces = {PREFIX + feature.name: feature.trace(adapter.model, now) for feature in adapter.features}
    customers: QuerySet[Any] = adapter.queryset().annotate(**traces)
    return customers


def hash_of(adapter: CustomerAdapter, obj: Any) -> str:
    """SHA-256 over the traces, equal as long as the host changes nothing."""
    text = "\x1f".join(f"{feature.name}={getattr(obj, PREFIX + feature.name)!r}" for feature in adapter.features)
    return hashlib.sha256(text.encode()).hexdigest()


def _pages(queryset: QuerySet[Any], adapter: CustomerAdapter, chunk: int) -> Iterator[Sequence[Any]]:
    """The rows in the order of their keys, so that each page starts where the last one ended."""
    ordered = queryset.order_by(adapter.key_path)
    page = list(ordered[:chunk])
    while page:
        yield page
        last = getattr(page[-1], adapter.key_path)
        page = list(ordered.filter(**{f"{adapter.key_path}__gt": last})[:chunk])
