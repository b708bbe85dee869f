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
from django.db.models import F, QuerySet
from django.db.models.expressions import Col, RawSQL

from crm_assist.customers import CustomerAdapter
from crm_assist.features.elapsed import moment
from crm_assist.features.grouped import way_back
from crm_assist.features.kinds import Feature
from crm_assist.features.readings import declared
from crm_assist.features.summing import BACK, Summed, sums_of, tables

KEY = "assist_k"
FENCE = {"postgresql": " OFFSET 0", "sqlite": " LIMIT -1 OFFSET 0"}
"""Keeps the database from evaluating a feature once for each time that it is named outside."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Selected:
    """A SELECT of `key` and one column per feature: its text and parameters, and the name and field of each."""

    sql: str
    params: tuple[Any, ...]
    key: str
    columns: Mapping[str, tuple[str, Any]]


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
    beside_them = tables(adapter, names, at) if span else []
    apart = {name for table in beside_them for name in table.names}
    known = declared(adapter)
    beside = {f"assist_x{n}": known[name] for n, name in enumerate(names) if name not in apart}
    outers = {f"assist_o{n}": F(way_back(adapter.model, table.relation)[2]) for n, table in enumerate(beside_them)}
    made = {alias: feature.expression(adapter.model, at) for alias, feature in beside.items()}
    host = rows.order_by().annotate(**{KEY: F(adapter.key_path)}, **outers, **made).values(KEY, *outers, *made)
    compiler = host.query.get_compiler(host.db)
    sql, params = compiler.as_sql()
    fields = {feature.name: _field(host.query.annotation_select[alias]) for alias, feature in beside.items()}
    plain = all(isinstance(host.query.annotation_select[alias], Col) for alias in made)
    if not beside_them:
        columns = {feature.name: (f"s.{alias}", fields[feature.name]) for alias, feature in beside.items()}
        fence = "" if plain else FENCE[compiler.connection.vendor]
        return Selected(sql=f"({sql}{fence}) AS s", params=tuple(params), key=f"s.{KEY}", columns=columns)
    return _joined(adapter, host, (sql, params), beside, fields, beside_them, at, span)


def _field(expression: Any) -> Any:
    try:
        return expression.output_field
    except (FieldError, AttributeError):
        return None


def _joined(
    adapter: CustomerAdapter,
    host: QuerySet[Any],
    text: tuple[str, Sequence[Any]],
    beside: Mapping[str, Feature],
    fields: dict[str, Any],
    beside_them: Sequence[Summed],
    at: datetime,
    span: tuple[Any, Any] | None,
) -> Selected:
    compiler = host.query.get_compiler(host.db)
    columns = [f"h.{KEY}", *(f"h.{alias}" for alias in beside)]
    column_params: list[Any] = []
    joins: list[str] = []
    join_params: list[Any] = []
    named = {feature.name: (f"s.{alias}", fields[feature.name]) for alias, feature in beside.items()}
    for place, table in enumerate(beside_them):
        sums = sums_of(table, adapter, host, at, span=span, fence=FENCE[compiler.connection.vendor])
        joins.append(f"LEFT JOIN ({sums.sql}) AS g{place} ON g{place}.{BACK} = h.assist_o{place}")
        join_params += sums.params
        for number, (feature, group) in enumerate(table.features):
            value: Any = RawSQL(f"g{place}.v{number}", (), sums.fields[number])
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
