"""The sweep: finds what no signal told (bulk updates, raw SQL, deletions) by comparing hashes."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.db import connections, router, transaction
from django.db.models import QuerySet

from crm_assist.customers.adapter import CustomerAdapter
from crm_assist.customers.models import Subject
from crm_assist.customers.subjects import mark_back, mark_gone
from crm_assist.customers.visibility import KEYS_PER_QUERY, load

PREFIX = "assist_trace_"


@dataclass(frozen=True, kw_only=True, slots=True)
class Swept:
    """What one step of the sweep found, by key; `part` and `last` say where the next one starts."""

    changed: tuple[str, ...] = ()
    gone: tuple[str, ...] = ()
    seen: int = 0
    part: str = "present"
    last: str = ""
    hashes: Mapping[str, str] = field(default_factory=dict, repr=False, compare=False)


def sweep(adapter: CustomerAdapter, *, now: datetime, chunk: int = KEYS_PER_QUERY, tenant: str = "") -> Iterator[Swept]:
    """Look at every customer of a tenant; a step counts as taken up only when the next one is asked for."""
    with adapter.tenant_context(tenant):
        for swept in look(adapter, now=now, chunk=chunk, tenant=tenant):
            if swept.seen or swept.gone:
                yield swept
            settle(adapter, swept, tenant=tenant, now=now)


def look(
    adapter: CustomerAdapter, *, now: datetime, chunk: int, tenant: str, part: str = "present", after: str = ""
) -> Iterator[Swept]:
    """The steps of a sweep from a place on, within the tenant's context; `settle` is for whoever takes them up."""
    if part == "present":
        yield from _present(adapter, tenant, now, chunk, after)
        after = ""
    yield from _absent(adapter, tenant, chunk, int(after or 0))


def settle(adapter: CustomerAdapter, swept: Swept, *, tenant: str, now: datetime) -> None:
    """This step is taken up: what changed is remembered, what is back is live again, what is gone is marked."""
    if swept.changed:
        mark_back(model_label=adapter.model_label, keys=swept.changed, tenant=tenant)
        _remember(adapter, tenant, {key: swept.hashes[key] for key in swept.changed}, now)
    if swept.gone:
        mark_gone(model_label=adapter.model_label, keys=swept.gone, now=now, tenant=tenant)


def _present(adapter: CustomerAdapter, tenant: str, now: datetime, chunk: int, after: str) -> Iterator[Swept]:
    for objs in _pages(traced(adapter, now).filter(adapter.tenant_filter(tenant)), adapter, chunk, after):
        hashes = {adapter.key(obj): hash_of(adapter, obj) for obj in objs}
        known = {
            subject.key: subject
            for subject in Subject.objects.filter(tenant=tenant, model_label=adapter.model_label, key__in=list(hashes))
        }
        changed = tuple(key for key, value in hashes.items() if _is_news(known.get(key), value))
        yield Swept(changed=changed, seen=len(hashes), last=adapter.key(objs[-1]), hashes=hashes)


def _is_news(subject: Subject | None, value: str) -> bool:
    return subject is None or subject.gone_at is not None or subject.seen_hash != value


def _remember(adapter: CustomerAdapter, tenant: str, hashes: Mapping[str, str], now: datetime) -> None:
    """Those without a subject yet stay news until somebody makes one."""
    using = router.db_for_write(Subject)
    connection = connections[using]
    quote, at = connection.ops.quote_name, connection.ops.adapt_datetimefield_value(now)
    # A prepared statement for each row: `bulk_update` takes twenty times as long to assemble its text.
    sql = f"UPDATE {quote(Subject._meta.db_table)} SET seen_hash = %s, seen_at = %s "
    sql += "WHERE tenant = %s AND model_label = %s AND key = %s"
    rows = [(value, at, tenant, adapter.model_label, key) for key, value in hashes.items()]
    with transaction.atomic(using, savepoint=False), connection.cursor() as cursor:
        cursor.executemany(sql, rows)


def _absent(adapter: CustomerAdapter, tenant: str, chunk: int, last: int) -> Iterator[Swept]:
    while True:
        live = Subject.objects.live().filter(tenant=tenant, model_label=adapter.model_label, pk__gt=last)
        rows = list(live.order_by("pk").values_list("pk", "key")[:chunk])
        if not rows:
            return
        last = rows[-1][0]
        keys = [key for _, key in rows]
        there = load(adapter, keys, tenant=tenant)  # who moved to another tenant is gone from this one
        yield Swept(gone=tuple(key for key in keys if key not in there), part="absent", last=str(last))


def traced(adapter: CustomerAdapter, now: datetime) -> QuerySet[Any]:
    """The customers with the trace of every feature beside them."""
    traces = {PREFIX + feature.name: feature.trace(adapter.model, now) for feature in adapter.features}
    customers: QuerySet[Any] = adapter.queryset().annotate(**traces)
    return customers


def hash_of(adapter: CustomerAdapter, obj: Any) -> str:
    """SHA-256 over the traces, equal as long as the host changes nothing."""
    text = "\x1f".join(f"{feature.name}={getattr(obj, PREFIX + feature.name)!r}" for feature in adapter.features)
    return hashlib.sha256(text.encode()).hexdigest()


def _pages(queryset: QuerySet[Any], adapter: CustomerAdapter, chunk: int, after: str) -> Iterator[Sequence[Any]]:
    """The rows in the order of their keys, so that each page starts where the last one ended."""
    ordered = queryset.order_by(adapter.key_path)
    rest = ordered.filter(**{f"{adapter.key_path}__gt": adapter.parse_key(after)}) if after else ordered
    while page := list(rest[:chunk]):
        yield page
        rest = ordered.filter(**{f"{adapter.key_path}__gt": getattr(page[-1], adapter.key_path)})
