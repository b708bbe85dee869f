"""Signed heads of the chains, kept outside the database: against a chain that is cut off or written anew."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from pathlib import Path

from django.db import router
from django.db.models import Sum

from crm_assist.journal import head_file, sealing
from crm_assist.journal.heads import Head
from crm_assist.journal.models import Seal
from crm_assist.journal.order import order_for


def keep_heads(path: Path, *, now: datetime, tenants: Iterable[str] | None = None) -> list[Head]:
    """Append the head of each chain that the file does not end with yet, signed; says which.

    Call it outside a transaction: a head of a seal that is rolled back afterwards would be a false alarm for ever.
    """
    chosen = sealing.tenants() if tenants is None else list(tenants)

    def fresh(kept: Mapping[str, int]) -> list[Head]:
        found = (_head(tenant, now) for tenant in chosen)
        return [head for head in found if head is not None and kept.get(head.tenant) != head.sequence]

    return head_file.append(path, fresh)


def _head(tenant: str, now: datetime) -> Head | None:
    order = order_for(router.db_for_write(Seal), tenant)
    last = order.seals().defer("entries").first()
    if last is None:
        return None
    rows = order.seals(last.sequence).order_by().aggregate(rows=Sum("rows"))["rows"]
    return Head(tenant=tenant, sequence=last.sequence, hash=last.hash, rows=rows, sealed_at=last.at, at=now)
