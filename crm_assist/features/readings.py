"""Features put to use: as expressions, beside a queryset, or read for one record in a single statement."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, cast

from django.core.exceptions import EmptyResultSet
from django.db.models import Model, QuerySet

from crm_assist.customers import CustomerAdapter, CustomerNotFound, with_key
from crm_assist.features.elapsed import moment
from crm_assist.features.kinds import Feature
from crm_assist.features.once import plan_for
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


@dataclass(frozen=True, kw_only=True, slots=True)
class Extra:
    """What else to read in the same statement: expressions made of named values, which are texts and moments.

    `build` may be given stand-ins for the values, so it must put them into expressions and not look at them.
    """

    build: Callable[[Mapping[str, Any]], dict[str, Any]]
    values: Mapping[str, Any]


NOTHING = Extra(build=lambda values: {}, values={})


def snapshot(
    adapter: CustomerAdapter,
    obj_or_key: Model | str,
    at: datetime,
    *,
    queryset: QuerySet[Any] | None = None,
    extra: Extra = NOTHING,
    tenant: str = "",
) -> Reading:
    """The features of one customer of `queryset`, in one statement; CustomerNotFound if not there.

    The statement is put into SQL once for each tenant, where that is safe.
    """
    key = obj_or_key if isinstance(obj_or_key, str) else adapter.key(obj_or_key)
    rows = adapter.queryset() if queryset is None else queryset

    def columns(moment_: datetime, values: Mapping[str, Any]) -> dict[str, Any]:
        made = {PREFIX + name: one for name, one in expressions(adapter, moment_).items()}
        return made | {EXTRA + name: one for name, one in extra.build(values).items()}

    values = {**extra.values, "at": moment(at)}
    try:
        plan = plan_for(adapter, rows, columns, mark=(tenant, extra.build), values=values)
        read = (
            plan.read(rows, adapter, key, values)
            if plan
            else _read(with_key(rows, adapter, key), columns(values["at"], values))
        )
    except EmptyResultSet:
        read = None
    if read is None:
        raise CustomerNotFound
    obj, found = read
    known = declared(adapter)
    return Reading(
        obj=obj,
        snapshot=Snapshot(
            model_label=adapter.model_label,
            key=adapter.key(obj),
            tenant=adapter.tenant(obj),
            at=at,
            values={name: feature.value(found[PREFIX + name]) for name, feature in known.items()},
        ),
        extra={name.removeprefix(EXTRA): value for name, value in found.items() if name.startswith(EXTRA)},
    )


def _read(rows: QuerySet[Any], columns: Mapping[str, Any]) -> tuple[Any, dict[str, Any]] | None:
    """The customer with the columns beside it, by a statement made for this once."""
    obj = next(iter(rows.annotate(**columns)[:1]), None)
    return None if obj is None else (obj, {name: getattr(obj, name) for name in columns})
