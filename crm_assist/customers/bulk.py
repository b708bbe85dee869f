"""Subjects of many customers at once, for batches: a few statements per chunk, safe in a race."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from crm_assist.customers.inserting import DO_NOTHING, insert_all
from crm_assist.customers.keys import typed
from crm_assist.customers.models import Subject
from crm_assist.customers.registration import adapter_for


def subjects_for(*, model_label: str, tenants: Mapping[str, str], now: datetime) -> dict[str, Subject]:
    """The subjects of these customers by key, made where there were none; `tenants` gives each key's tenant.

    At most 900 keys. Merged and erased subjects are returned as they are: the caller leaves them out.
    """
    adapter = adapter_for(model_label)
    known = _known(model_label, tenants)
    fresh = [
        Subject(tenant=tenant, model_label=model_label, key=key, created_at=now, **typed(adapter.parse_key(key)))
        for key, tenant in tenants.items()
        if key not in known
    ]
    if fresh:
        insert_all(fresh, on_conflict=DO_NOTHING)
        known = _known(model_label, tenants)
    return known


def _known(model_label: str, tenants: Mapping[str, str]) -> dict[str, Subject]:
    rows = Subject.objects.filter(model_label=model_label, tenant__in=set(tenants.values()), key__in=list(tenants))
    return {row.key: row for row in rows if tenants[row.key] == row.tenant}
