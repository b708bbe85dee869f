"""Many customers and their features as one SELECT, for batches that the database computes.

What one record asks by a sub-select of its own, a batch asks once per relation: one grouped table, joined. The
declaration is the same, and so are the values.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.core.exceptions import FieldError
from django.db.models import F, Q, QuerySet
from django.db.models.expressions import Col, RawSQL

from crm_assist.customers import CustomerAdapter
from crm_assist.features.elapsed import moment
from crm_assist.features.grouped import Grouped, way_back
from crm_assist.features.kinds import Feature
from crm_assist.features.readings import declared

KEY = "assist_k"
BACK = "assist_back"
FENCE = {"postgresql": " OFFSET 0", "sqlite": " LIMIT -1 OFFSET 0"}
"""Keeps the database from evaluating a feature once for each time that it is named outside."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Selected:
    """A SELECT of `key` and one column per feature: its text and parameters, and the name and field of each."""

    sql: str
    params: tuple[Any, ...]
    key: str
    columns: Mapping[str, tuple[str, Any]]


@dataclass(frozen=True, kw_only=True, slots=True)
class Summed:
    """A grouped table beside the customers: the features it serves, and the customer's column that it meets."""

    relation: str
    features: tuple[tuple[Feature, Grouped], ...]

    @property
    def names(self) -> list[str]:
        """The features by name."""
        return [feature.name for feature, _ in self.features]


def select(
    adapter: CustomerAdapter,
    rows: QuerySet[Any],
    names: Sequence[str],
    at: datetime,
    *,
    span: tuple[Any, Any] | None = None,
) -> Selected:
    """The customers of `rows` with these features as of a moment; related rows are summed up within `span` alone.

    `span` are the keys between which `rows` lie, the first left out, None for no end; without it each feature is a
    sub-select, which is right for a few customers. EmptyResultSet where the query can give nothing.
    """
    at = moment(at)
    tables = _tables(adapter, names, at) if span else []
    apart = {name for table in tables for name in table.names}
    known = declared(adapter)
    beside = {f"assist_x{n}": known[name] for n, name in enumerate(names) if name not in apart}
    outers = {f"assist_o{n}": F(way_back(adapter.model, table.relation)[2]) for n, table in enumerate(tables)}
    made = {alias: feature.expression(adapter.model, at) for alias, feature in beside.items()}
    host = rows.order_by().annotate(**{KEY: F(adapter.key_path)}, **outers, **made).values(KEY, *outers, *made)
    compiler = host.query.get_compiler(host.db)
    sql, params = compiler.as_sql()
    fields = {feature.name: _field(host.query.annotation_select[alias]) for alias, feature in beside.items()}
    plain = all(isinstance(host.query.annotation_select[alias], Col) for alias in made)
    if not tables:
        columns = {feature.name: (f"s.{alias}", fields[feature.name]) for alias, feature in beside.items()}
        fence = "" if plain else FENCE[compiler.connection.vendor]
        return Selected(sql=f"({sql}{fence}) AS s", params=tuple(params), key=f"s.{KEY}", columns=columns)
    return _joined(adapter, host, (sql, params), beside, fields, tables, at, span)


def _field(expression: Any) -> Any:
    try:
        return expression.output_field
    except (FieldError, AttributeError):
        return None


def _tables(adapter: CustomerAdapter, names: Sequence[str], at: datetime) -> list[Summed]:
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


def _joined(
    adapter: CustomerAdapter,
    host: QuerySet[Any],
    text: tuple[str, Sequence[Any]],
    beside: Mapping[str, Feature],
    fields: dict[str, Any],
    tables: Sequence[Summed],
    at: datetime,
    span: tuple[Any, Any] | None,
) -> Selected:
    compiler = host.query.get_compiler(host.db)
    columns = [f"h.{KEY}", *(f"h.{alias}" for alias in beside)]
    column_params: list[Any] = []
    joins, join_params = [], []
    named = {feature.name: (f"s.{alias}", fields[feature.name]) for alias, feature in beside.items()}
    for place, table in enumerate(tables):
        sums = _sums(adapter, host, table, at, span)
        sql, params = sums.query.get_compiler(host.db).as_sql()
        joins.append(f"LEFT JOIN ({sql}) AS g{place} ON g{place}.{BACK} = h.assist_o{place}")
        join_params += params
        for number, (feature, group) in enumerate(table.features):
            value: Any = RawSQL(f"g{place}.v{number}", (), sums.query.annotation_select[f"v{number}"].output_field)
            value = group.finish(value, at) if group.finish else value
            value = feature.shaped(value, adapter.model, at).resolve_expression(host.query)
            shaped, shaped_params = compiler.compile(value)
            alias = f"y{place}_{number}"
            columns.append(f"{shaped} AS {alias}")
            column_params += shaped_params
            named[feature.name] = (f"s.{alias}", _field(value))
    sql = f"(SELECT {', '.join(columns)} FROM ({text[0]}) AS h {' '.join(joins)}{FENCE[compiler.connection.vendor]})"
    params = (*column_params, *text[1], *join_params)
    return Selected(sql=f"{sql} AS s", params=params, key=f"s.{KEY}", columns=named)


def _sums(
    adapter: CustomerAdapter, host: QuerySet[Any], table: Summed, at: datetime, span: tuple[Any, Any] | None
) -> QuerySet[Any]:
    related, back, outer = way_back(adapter.model, table.relation)
    rows = related._default_manager.using(host.db).order_by()
    wanted = [Q(*group.conditions) for _, group in table.features]
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
    values = {}
    for number, (_, group) in enumerate(table.features):
        assert group.aggregate is not None
        values[f"v{number}"] = group.aggregate(group, Q() if len(wanted) == 1 else wanted[number], at)
    summed: QuerySet[Any] = rows.values(**{BACK: F(back)}).annotate(**values).values(BACK, *values)
    return summed
