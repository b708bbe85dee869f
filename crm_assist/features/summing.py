"""Related rows summed up for many customers at once: one table of sums per relation.

Each related row is narrowed first to its customer and one value per feature, empty where it does not count; only that
is sorted and summed up. Conditions are looked at once, and a sort of ten million rows moves a third of the bytes.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import Case, F, IntegerField, Q, QuerySet, Value, When
from django.db.models.expressions import RawSQL

from crm_assist.customers import CustomerAdapter
from crm_assist.features.grouped import Grouped, way_back
from crm_assist.features.kinds import Feature
from crm_assist.features.readings import declared

BACK = "assist_back"
"""The column of a table of sums by which it is joined to the customers."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Summed:
    """A table of sums beside the customers: the relation, and the features it serves."""

    relation: str
    features: tuple[tuple[Feature, Grouped], ...]

    @property
    def names(self) -> list[str]:
        """The features by name."""
        return [feature.name for feature, _ in self.features]


@dataclass(frozen=True, kw_only=True, slots=True)
class Sums:
    """A SELECT of `assist_back` and `v0`, `v1`, ..: its text and parameters, and the field of each value."""

    sql: str
    params: tuple[Any, ...]
    fields: tuple[Any, ...]


def tables(adapter: CustomerAdapter, names: Sequence[str], at: datetime) -> list[Summed]:
    """One table per relation; a feature whose conditions look further than the relation's rows has its own."""
    known = declared(adapter)
    shared: dict[str, list[tuple[Feature, Grouped]]] = {}
    own: list[Summed] = []
    for name in names:
        group = known[name].source_at(at)
        if not isinstance(group, Grouped) or group.aggregate is None:
            continue
        related = way_back(adapter.model, group.relation)[0]
        if len(related._default_manager.filter(*group.conditions).query.alias_map) > 1:
            own.append(Summed(relation=group.relation, features=((known[name], group),)))
        else:
            shared.setdefault(group.relation, []).append((known[name], group))
    return [*own, *(Summed(relation=relation, features=tuple(found)) for relation, found in shared.items())]


def sums_of(
    table: Summed,
    adapter: CustomerAdapter,
    host: QuerySet[Any],
    at: datetime,
    *,
    span: tuple[Any, Any] | None,
    fence: str,
) -> Sums:
    """The sums of the customers of `host`; `fence` keeps the database from evaluating a value more than once."""
    groups = [group for _, group in table.features]
    narrow = _narrow(table, adapter, host, at, span=span)
    compiler = narrow.query.get_compiler(host.db)
    sql, params = compiler.as_sql()
    columns, fields = [], []
    for number, group in enumerate(groups):
        assert group.aggregate is not None
        value = RawSQL(f"n.x{number}", (), narrow.query.annotation_select[f"x{number}"].output_field)
        summed = group.aggregate(value).resolve_expression(narrow.query)
        columns.append(f"{compiler.compile(summed)[0]} AS v{number}")
        fields.append(summed.output_field)
    text = f"SELECT n.{BACK}, {', '.join(columns)} FROM ({sql}{fence}) AS n GROUP BY n.{BACK}"
    return Sums(sql=text, params=tuple(params), fields=tuple(fields))


def _narrow(
    table: Summed, adapter: CustomerAdapter, host: QuerySet[Any], at: datetime, *, span: tuple[Any, Any] | None
) -> QuerySet[Any]:
    """The related rows that count for any feature: whose they are, and the value for each."""
    related, back, outer = way_back(adapter.model, table.relation)
    rows = related._default_manager.using(host.db).order_by()
    wanted = [group.met(at) for _, group in table.features]
    if len(wanted) == 1:
        rows = rows.filter(wanted[0])
    elif all(wanted):
        rows = rows.filter(Q(*wanted, _connector=Q.OR))
    after, upto = span or (None, None)
    if outer == adapter.key_path:
        rows = rows if after is None else rows.filter(**{f"{back}__gt": after})
        rows = rows if upto is None else rows.filter(**{f"{back}__lte": upto})
    elif after is not None or upto is not None:
        rows = rows.filter(**{f"{back}__in": host.values(outer)})
    values: dict[str, Any] = {}
    for number, ((_, group), only) in enumerate(zip(table.features, wanted, strict=True)):
        value: Any = F(group.field) if group.field else Value(1, output_field=IntegerField())
        values[f"x{number}"] = Case(When(only, then=value)) if only and len(wanted) > 1 else value
    found: QuerySet[Any] = rows.annotate(**values).values(*values, **{BACK: F(back)})
    return found
