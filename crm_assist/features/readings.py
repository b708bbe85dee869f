"""Features put to use: as expressions, beside a queryset, or read for one record in a single statement."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, cast

from django.db.models import Model, QuerySet

from crm_assist.customers import CustomerAdapter, CustomerNotFound, with_key
from crm_assist.features.elapsed import moment
from crm_assist.features.kinds import Feature
from crm_assist.types import Snapshot

PREFIX = "assist_"
"""What annotated features are prefixed with, so that they never clash with the host's fields."""

EXTRA = "assist_extra_"


@dataclass(frozen=True, kw_only=True, slots=True)
class Reading:
    """One customer read in one statement: the host's record, its features, what else was asked."""

    obj: Any
    snapshot: Snapshot
    extra: Mapping[str, Any]


def declared(adapter: CustomerAdapter) -> dict[str, Feature]:
    """The features of an adapter by name; the system checks refuse a name that stands twice."""
    return {feature.name: feature for feature in cast("Collection[Feature]", adapter.features)}


def expressions(adapter: CustomerAdapter, at: datetime, names: Collection[str] | None = None) -> dict[str, Any]:
    """The expressions of some or all features as of a moment; KeyError for a name that is not declared."""
    known, moment_ = declared(adapter), moment(at)
    return {name: known[name].expression(adapter.model, moment_) for name in (known if names is None else names)}


def annotate(
    queryset: QuerySet[Any],
    adapter: CustomerAdapter,
    at: datetime,
    names: Collection[str] | None = None,
    prefix: str = PREFIX,
) -> QuerySet[Any]:
    """The customers with their features beside them, as `assist_<name>`."""
    made = expressions(adapter, at, names)
    beside: QuerySet[Any] = queryset.annotate(**{prefix + name: made[name] for name in made})
    return beside


def values_of(
    adapter: CustomerAdapter, obj: Any, names: Collection[str] | None = None, prefix: str = PREFIX
) -> dict[str, Any]:
    """The features of an annotated record as plain Python values."""
    known = declared(adapter)
    return {name: known[name].value(getattr(obj, prefix + name)) for name in (known if names is None else names)}


def snapshot(
    adapter: CustomerAdapter,
    obj_or_key: Model | str,
    at: datetime,
    *,
    queryset: QuerySet[Any] | None = None,
    extra: Mapping[str, Any] | None = None,
) -> Reading:
    """The features of one customer of `queryset`, in one statement; CustomerNotFound if not there."""
    key = obj_or_key if isinstance(obj_or_key, str) else adapter.key(obj_or_key)
    rows = with_key(adapter.queryset() if queryset is None else queryset, adapter, key)
    rows = annotate(rows, adapter, at)
    if extra:
        rows = rows.annotate(**{EXTRA + name: expression for name, expression in extra.items()})
    obj = next(iter(rows[:1]), None)
    if obj is None:
        raise CustomerNotFound
    return Reading(
        obj=obj,
        snapshot=Snapshot(
            model_label=adapter.model_label,
            key=adapter.key(obj),
            tenant=adapter.tenant(obj),
            at=at,
            values=values_of(adapter, obj),
        ),
        extra={name: getattr(obj, EXTRA + name) for name in extra or ()},
    )
