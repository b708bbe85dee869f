"""The stored latest score: written in chunks, read in index order, never waited for by the record view."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.db import router
from django.db.models import CharField, QuerySet, TextField, Value
from django.db.models.functions import Cast

from crm_assist.customers.adapter import CustomerAdapter
from crm_assist.customers.keys import BadKey, typed_column
from crm_assist.scoring.models import LatestScore, LatestScoreByText, LatestScoreByUuid, ScoreScope

Table = type[Any]
"""One of the models of stored scores."""

TABLES: dict[str, Table] = {
    "key_int": LatestScore,
    "key_uuid": LatestScoreByUuid,
    "key": LatestScoreByText,
}
"""The table of scores for each type of key, by the name of the typed column of a subject."""

KEYS_PER_QUERY = 900


@dataclass(frozen=True, kw_only=True, slots=True)
class Scored:
    """One customer's new score; `key` in the type of its table, as `key_value` gives it."""

    key: Any
    probability: float


def table_of(adapter: CustomerAdapter) -> Table:
    """The table that holds the scores of this adapter's customers."""
    return TABLES[typed_column(adapter.field())]


def key_value(adapter: CustomerAdapter, key: str) -> Any:
    """A customer's key as the column of its table wants it; BadKey for a text that is none."""
    value = adapter.parse_key(key)
    return key if table_of(adapter) is LatestScoreByText else value


def joins(adapter: CustomerAdapter) -> bool:
    """Whether the host's key column equals ours without a cast: a key of two columns, say, does not."""
    field = adapter.field()
    return typed_column(field) != "key" or isinstance(field, CharField | TextField)


def scope_of(adapter: CustomerAdapter, *, target: str, tenant: str) -> int:
    """The number under which these scores are kept, given on first need; safe in a race."""
    scopes = ScoreScope.objects.using(router.db_for_write(ScoreScope))
    scope, _ = scopes.get_or_create(model_label=adapter.model_label, target=target, tenant=tenant)
    return scope.pk


def written(adapter: CustomerAdapter, key: str) -> str:
    """The text that the database turns into the key's own type; BadKey for a text that is none."""
    value = key_value(adapter, key)
    if isinstance(value, int) and not -(2**63) <= value < 2**63:
        raise BadKey(key)
    return value.hex if isinstance(value, UUID) else str(value)


def rows_of(adapter: CustomerAdapter, *, target: str, tenant: str) -> QuerySet[Any]:
    """The stored scores of one list. The values may be stand-ins."""
    rows: Any = table_of(adapter)._default_manager
    scope = {"scope__model_label": adapter.model_label, "scope__target": target, "scope__tenant": tenant}
    found: QuerySet[Any] = rows.filter(**scope)
    return found


def stored_of(adapter: CustomerAdapter, text: str, *, target: str, tenant: str) -> QuerySet[Any]:
    """The stored score of one customer, at most one row; `text` as `written` gives it. The values may be stand-ins."""
    table = table_of(adapter)
    # The cast keeps the text a parameter of its own, whatever the type of the column.
    field: Any = table._meta.get_field("key")
    key = text if table is LatestScoreByText else Cast(Value(text, output_field=CharField()), type(field)())
    return rows_of(adapter, target=target, tenant=tenant).filter(key=key)


def forget(adapter: CustomerAdapter, keys: Collection[str], *, tenant: str | None = None) -> int:
    """Delete the stored scores of these customers, for every target; says how many rows went."""
    values = [value for key in keys if (value := _readable(adapter, key)) is not None]
    rows = table_of(adapter)._default_manager.filter(scope__model_label=adapter.model_label)
    rows = rows if tenant is None else rows.filter(scope__tenant=tenant)
    parts = (values[start : start + KEYS_PER_QUERY] for start in range(0, len(values), KEYS_PER_QUERY))
    scopes = list(rows.values_list("scope_id", flat=True).distinct()) if values else []
    return sum(
        table_of(adapter)._default_manager.filter(scope_id__in=scopes, key__in=part).delete()[0] for part in parts
    )


def _readable(adapter: CustomerAdapter, key: str) -> Any:
    try:
        return key_value(adapter, key)
    except BadKey:  # the key of an erased subject, or of another time: no score can stand under it
        return None
