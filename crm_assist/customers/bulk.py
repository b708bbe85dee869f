"""Subjects of many customers at once, for batches: a few statements per chunk, safe in a race."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from typing import Any

from django.db import connections, router
from django.db.models import Exists, F, OuterRef, QuerySet

from crm_assist.customers.adapter import CustomerAdapter
from crm_assist.customers.inserting import DO_NOTHING, insert_all
from crm_assist.customers.keys import typed, typed_column
from crm_assist.customers.models import Subject
from crm_assist.customers.registration import adapter_for
from crm_assist.customers.visibility import KEYS_PER_QUERY, chunks

Who = tuple[str, str]
"""A customer of a model: tenant and key. The same key in two tenants is two customers."""


def subjects_for(*, model_label: str, who: Collection[Who], now: datetime) -> dict[Who, Subject]:
    """The subjects of these customers by tenant and key, made where there were none.

    At most 900. Merged and erased subjects are returned as they are: the caller leaves them out.
    """
    known = _known(model_label, who)
    fresh = set(who) - set(known)
    if fresh:
        _make(adapter_for(model_label), fresh, now)
        known = _known(model_label, who)
    return known


def _known(model_label: str, who: Collection[Who]) -> dict[Who, Subject]:
    wanted = set(who)
    tenants, keys = ({one[place] for one in wanted} for place in (0, 1))
    rows = Subject.objects.filter(model_label=model_label, tenant__in=tenants, key__in=keys)
    return {(row.tenant, row.key): row for row in rows if (row.tenant, row.key) in wanted}


def _make(adapter: CustomerAdapter, who: Collection[Who], now: datetime) -> None:
    known = {"model_label": adapter.model_label, "created_at": now}
    fresh = [Subject(tenant=tenant, key=key, **known, **typed(adapter.parse_key(key))) for tenant, key in sorted(who)]
    insert_all(fresh, on_conflict=DO_NOTHING)


def merged(adapter: CustomerAdapter, keys: Collection[str], *, tenant: str) -> set[str]:
    """Those of these customers that were merged into another."""
    gone = Subject.objects.of_model(adapter.model_label, tenant).filter(merged_into__isnull=False)
    return {
        key for some in chunks(keys, KEYS_PER_QUERY) for key in gone.filter(key__in=some).values_list("key", flat=True)
    }


def unmerged(rows: QuerySet[Any], adapter: CustomerAdapter, *, tenant: str) -> QuerySet[Any]:
    """The customers that stand for themselves, where both tables are in one database."""
    own = {typed_column(adapter.field()): OuterRef(adapter.key_path)}
    merged = Subject.objects.of_model(adapter.model_label, tenant).filter(merged_into__isnull=False, **own)
    return rows.filter(~Exists(merged))


def make_missing(rows: QuerySet[Any], adapter: CustomerAdapter, *, tenant: str, now: datetime) -> int:
    """Make the subjects that these customers lack, both tables being in one database; says how many were made."""
    column = typed_column(adapter.field())
    own = Subject.objects.of_model(adapter.model_label, tenant).filter(**{column: OuterRef(adapter.key_path)})
    lacking = rows.filter(~Exists(own)).order_by().values_list(adapter.key_path, flat=True)
    connection = connections[router.db_for_write(Subject)]
    if connection.vendor != "postgresql":
        keys = {adapter.key_text(value) for value in lacking.iterator()}
        for some in chunks(keys, KEYS_PER_QUERY):
            _make(adapter, [(tenant, key) for key in some], now)
        return len(keys)
    sql, params = rows.filter(~Exists(own)).order_by().values(assist_k=F(adapter.key_path)).query.sql_with_params()
    typed_too = "" if column == "key" else f", {column}"
    with connection.cursor() as cursor:
        cursor.execute(
            f'INSERT INTO "{Subject._meta.db_table}" (tenant, model_label, seen_hash, created_at, key{typed_too}) '
            f"SELECT %s, %s, '', %s, s.assist_k::text{typed_too and ', s.assist_k'} FROM ({sql}) AS s {DO_NOTHING}",
            [tenant, adapter.model_label, now, *params],
        )
        return int(cursor.rowcount)
