"""Seals: the chain of hashes over settled rows, made afterwards in batches, so that no request waits."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from itertools import islice
from typing import Any

from django.db import models, router, transaction
from django.db.models import Count, Min

from crm_assist.events import emit_on_commit
from crm_assist.journal.hashing import Entry, dump_entries, hash_of, seal_hash
from crm_assist.journal.models import Seal
from crm_assist.journal.order import order_for
from crm_assist.journal.tables import log_models

ROWS_PER_SEAL = 5000


@dataclass(frozen=True, kw_only=True, slots=True)
class Unsealed:
    """The rows of a tenant that no seal covers yet: how many, and when the oldest was written."""

    count: int
    oldest: datetime | None


def seal(*, tenant: str, now: datetime, limit: int = ROWS_PER_SEAL) -> Seal | None:
    """Make the next link of the tenant's chain, of at most `limit` settled rows; None when there are none.

    One sealer at a time; rows of transactions that still run wait for a later seal and are never lost.
    """
    using = router.db_for_write(Seal)
    order = order_for(using, tenant)
    with transaction.atomic(using):
        order.lock()
        last = order.seals().first()
        order.look(last)
        rows = list(islice(order.settled(order.current()), limit))
        if not rows:
            return None
        low, high = order.bounds(rows, last)
        link = _link(rows, tenant=tenant, last=last, now=now, low=low, high=high)
        link.save(using=using)
        emit_on_commit("log.sealed", tenant=tenant, rows=len(rows))
        return link


def seal_all(*, tenant: str, now: datetime) -> Iterator[Seal]:
    """Seal whatever is settled, link by link."""
    while (link := seal(tenant=tenant, now=now)) is not None:
        yield link


def unsealed_at_most(tenant: str, most: int) -> Unsealed:
    """As `unsealed`, but counting stops at `most` in each table: a log that was never sealed is not counted whole."""
    order = order_for(router.db_for_write(Seal), tenant)
    marks = order.current()
    counts = [
        order.between(model, marks, None)[:most].aggregate(count=Count("*"), oldest=Min("at")) for model in log_models()
    ]
    return Unsealed(
        count=min(sum(found["count"] for found in counts), most),
        oldest=min((found["oldest"] for found in counts if found["oldest"] is not None), default=None),
    )


def unsealed(tenant: str) -> Unsealed:
    """What tampering with would not show yet."""
    order = order_for(router.db_for_write(Seal), tenant)
    marks = order.current()
    counts = [
        order.between(model, marks, None).order_by().aggregate(count=Count("*"), oldest=Min("at"))
        for model in log_models()
    ]
    return Unsealed(
        count=sum(found["count"] for found in counts),
        oldest=min((found["oldest"] for found in counts if found["oldest"] is not None), default=None),
    )


def tenants() -> list[str]:
    """Every tenant that has rows or seals."""
    using = router.db_for_write(Seal)
    kinds: list[type[models.Model]] = [*log_models(), Seal]
    return sorted(
        {
            tenant
            for model in kinds
            for tenant in model._base_manager.using(using).order_by().values_list("tenant", flat=True).distinct()
        }
    )


def _link(
    rows: list[tuple[str, dict[str, Any]]],
    *,
    tenant: str,
    last: Seal | None,
    now: datetime,
    low: int,
    high: int,
) -> Seal:
    """The seal of these rows, hashed but not yet saved."""
    entries = [Entry(label=label, row_id=values["id"], hash=hash_of(label, values)) for label, values in rows]
    link = Seal(
        tenant=tenant,
        sequence=last.sequence + 1 if last is not None else 1,
        at=now,
        low=low,
        high=high,
        rows=len(rows),
        entries=dump_entries(entries),
        previous=last.hash if last is not None else "",
    )
    link.hash = seal_hash(link)
    return link
