"""Stored scores that a batch finds without their customer: moved to another tenant, or gone without a word."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.db import router
from django.db.models import Exists, OuterRef, QuerySet

from crm_assist.customers.bulk import unmerged
from crm_assist.customers.keys import BadKey
from crm_assist.customers.visibility import KEYS_PER_QUERY
from crm_assist.flow.rescore_batch import Batch
from crm_assist.scoring.stored import joins, key_value


def leave_out_strays(batch: Batch) -> None:
    """Delete the tenant's stored scores, or those of the batch's keys, whose customer it does not have (any more).

    The same key may be somebody else in another tenant: so each tenant looks after its own, within its own context.
    """
    if batch.base().db != router.db_for_write(batch.table) or not joins(batch.adapter):
        _leave_out_apart(batch)
    elif batch.keys is not None or _are_too_many(batch):
        own = batch.base().filter(**{batch.adapter.key_path: OuterRef("key")})
        _stored(batch).filter(~Exists(own)).delete()


def _are_too_many(batch: Batch) -> bool:
    """Whether there are more scores than customers to have one: two counts, a tenth of the time of looking at each.

    Of a base whose customers could not all be scored, some of its strays may stay until the next batch.
    """
    return _stored(batch).count() > unmerged(batch.base(), batch.adapter, tenant=batch.tenant).count()


def _stored(batch: Batch) -> QuerySet[Any]:
    rows: QuerySet[Any] = batch.table._default_manager.filter(scope_id=batch.scope)
    if batch.keys is None:
        return rows
    return rows.filter(key__in=[key_value(batch.adapter, key) for key in batch.keys])


def _leave_out_apart(batch: Batch) -> None:
    """The same page by page, where the host's keys cannot be joined to ours."""
    keys = _stored(batch).order_by("key").values_list("key", flat=True).distinct()
    rest = keys
    while page := list(rest[:KEYS_PER_QUERY]):
        there = _there(batch, page)
        _stored(batch).filter(key__in=[value for value in page if str(value) not in there]).delete()
        rest = keys.filter(key__gt=page[-1])


def _there(batch: Batch, page: Sequence[Any]) -> set[str]:
    """The texts of those of these keys that the tenant has."""
    path, wanted = batch.adapter.key_path, []
    for value in page:
        try:
            wanted.append(batch.adapter.parse_key(str(value)))
        except BadKey:  # a key of another time: nobody has it
            continue
    found = batch.base().filter(**{f"{path}__in": wanted}).order_by().values_list(path, flat=True)
    return {batch.adapter.key_text(value) for value in found}
