"""Features put to use: as expressions, beside a queryset, or read for one record in a single statement."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, cast

from django.core.exceptions import EmptyResultSet
from django.db.models import Model, QuerySet

from crm_assist.customers import CustomerAdapter, CustomerNotFound, with_key
from crm_assist.features.computed import computed, filled, is_computed
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
    """The expressions of some or all features as of a moment; KeyError for a name that is not declared.

    All are those that a database can compute; FeatureError when one that it cannot is named.
    """
    known, moment_ = declared(adapter), moment(at)
    wanted = [name for name in known if not is_computed(adapter, name)] if names is None else names
    return {name: known[name].expression(adapter.model, moment_) for name in wanted}


def annotate(
    queryset: QuerySet[Any],
    adapter: CustomerAdapter,
    at: datetime,
    names: Collection[str] | None = None,
    prefix: str = PREFIX,
) -> QuerySet[Any]:
    """The customers with their features beside them, as `assist_<name>`; those in Python come by `rows`."""
    wanted = None if names is None else [name for name in names if not is_computed(adapter, name)]
    made = expressions(adapter, at, wanted)
    beside: QuerySet[Any] = queryset.annotate(**{prefix + name: made[name] for name in made})
    return beside


def rows(
    queryset: QuerySet[Any], adapter: CustomerAdapter, at: datetime, names: Collection[str] | None = None
) -> list[Any]:
    """The customers, read, with all of these features beside them: for `values_of`."""
    return filled(annotate(queryset, adapter, at, names), adapter, at, prefix=PREFIX)


def values_of(
    adapter: CustomerAdapter, obj: Any, names: Collection[str] | None = None, prefix: str = PREFIX
) -> dict[str, Any]:
    """The features of an annotated record as plain Python values."""
    known = declared(adapter)
    return {name: known[name].value(getattr(obj, prefix + name)) for name in (known if names is None else names)}


@dataclass(frozen=True, kw_only=True, slots=True)
class Extra:
    """What else to read in the same statement: expressions made of named values, which are texts and moments.

    `build` may be given stand-ins for the values, so it must put them into expressions and not look at them. The
    statement is known by it: a function of a module, and not one made for each use.
    """

    build: Callable[[CustomerAdapter, Mapping[str, Any]], dict[str, Any]]
    values: Mapping[str, Any]


NOTHING = Extra(build=lambda adapter, values: {}, values={})


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
    found_in = adapter.queryset() if queryset is None else queryset
    try:
        read = _read(adapter, key, moment(at), found_in, extra, tenant)
    except EmptyResultSet:
        read = None
    if read is None:
        raise CustomerNotFound
    obj, found = read
    values = {
        name: one.value(found[PREFIX + name]) for name, one in declared(adapter).items() if PREFIX + name in found
    }
    python = computed(adapter, [key], at, declared(adapter))
    return Reading(
        obj=obj,
        snapshot=Snapshot(
            model_label=adapter.model_label,
            key=adapter.key(obj),
            tenant=adapter.tenant(obj),
            at=at,
            values=values | {name: of.get(key) for name, of in python.items()},
        ),
        extra={name.removeprefix(EXTRA): value for name, value in found.items() if name.startswith(EXTRA)},
    )


def _read(
    adapter: CustomerAdapter, key: str, moment_: datetime, found_in: QuerySet[Any], extra: Extra, tenant: str
) -> tuple[Any, dict[str, Any]] | None:
    """The customer with everything beside it, by the statement that is known or by one for this once."""

    def columns(at: datetime, values: Mapping[str, Any]) -> dict[str, Any]:
        made = {PREFIX + name: one for name, one in expressions(adapter, at).items()}
        return made | {EXTRA + name: one for name, one in extra.build(adapter, values).items()}

    given = {**extra.values, "at": moment_}
    plan = plan_for(adapter, found_in, columns, mark=(tenant, extra.build), values=given)
    if plan is None:
        return _read_once(with_key(found_in, adapter, key), columns(moment_, given))
    return plan.read(found_in, adapter, key, given)


def _read_once(rows: QuerySet[Any], columns: Mapping[str, Any]) -> tuple[Any, dict[str, Any]] | None:
    """The customer with the columns beside it, by a statement made for this once."""
    obj = next(iter(rows.annotate(**columns)[:1]), None)
    return None if obj is None else (obj, {name: getattr(obj, name) for name in columns})
