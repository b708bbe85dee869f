"""The statement that reads one customer: what stands around the host's own conditions, and how to read its row."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from itertools import count
from typing import Any

from django.core.exceptions import FullResultSet
from django.db import connections
from django.db.models import QuerySet

from crm_assist.customers import BadKey, CustomerAdapter, CustomerNotFound, with_key
from crm_assist.moments import Looked
from crm_assist.statements import Statement, statement

SEEN = "crm_assist_seen"
"""Stands in the SQL where the host's own conditions go."""

Columns = Callable[[datetime, Mapping[str, Any]], dict[str, Any]]
"""The expressions to read, of a moment and named values."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Plan:
    """A statement around the host's own query, and how to read its row."""

    head: str
    tail: str
    before: Statement
    after: tuple[Any, ...]
    fields: tuple[str, ...]
    names: tuple[str, ...]
    converters: tuple[tuple[int, Any, Any], ...]
    primary_key: str
    key_column: Any
    uses: Iterator[int] = field(default_factory=lambda: count(1))

    def read(
        self, rows: QuerySet[Any], adapter: CustomerAdapter, key: str, values: Mapping[str, Any]
    ) -> tuple[Any, dict[str, Any]] | None:
        """The customer of that key among the host's `rows` with the values read beside it, or None."""
        connection = connections[rows.db]
        seen, seen_params = self._condition(rows, adapter, key)
        params = [*self.before.filled(values), *seen_params, *self.after]
        with connection.cursor() as cursor:
            cursor.execute(f"{self.head}{seen}{self.tail}", params)
            found = cursor.fetchone()
        if found is None:
            return None
        row = list(found)
        for place, convert, expression in self.converters:
            row[place] = convert(row[place], expression, connection)
        first = len(self.fields)
        return rows.model.from_db(rows.db, self.fields, row[:first]), dict(zip(self.names, row[first:], strict=True))

    def _condition(self, rows: QuerySet[Any], adapter: CustomerAdapter, key: str) -> tuple[str, Sequence[Any]]:
        """The host's own conditions, straight where they name no other table, else around its whole query."""
        query = rows.query
        if self.key_column is None or len(query.alias_map) > 1:
            keys = keys_of(with_key(rows, adapter, key))
            sql, params = keys.get_compiler(rows.db).as_sql()
            return f"{self.primary_key} IN ({sql})", params
        compiler = query.get_compiler(rows.db)
        sql, params = compiler.compile(
            self.key_column.output_field.get_lookup("exact")(self.key_column, _value(adapter, key))
        )
        try:
            where, where_params = compiler.compile(query.where)
        except FullResultSet:
            where, where_params = "", ()
        return (f"{sql} AND {where}" if where else sql), (*params, *where_params)


def keys_of(rows: QuerySet[Any]) -> Any:
    """The query of the rows' keys alone."""
    query = rows.query.chain()
    query.clear_ordering(force=True)
    query.clear_select_clause()
    query.add_fields([rows.model._meta.pk.name])
    return query


def compiled(adapter: CustomerAdapter, using: str, columns: Columns, values: Mapping[str, Any]) -> Plan:
    """The plan for reading these columns; Looked when a row cannot be taken apart by their places."""
    model, connection = adapter.model, connections[using]
    quote = connection.ops.quote_name
    pk: Any = model._meta.pk
    made = columns(values["at"], values)
    rows = QuerySet(model, using=using).annotate(**made)
    rows = rows.extra(where=[SEEN])
    compiler = rows[:1].query.get_compiler(using)
    sql, params = compiler.as_sql()
    head, _, tail = sql.rpartition(SEEN)
    behind = tail.count("%s")
    fields, names, order = _order(compiler, made)
    if order != list(range(len(order))):
        raise Looked
    converters = compiler.get_converters([column[0] for column in compiler.select[: compiler.col_count]])
    return Plan(
        head=head,
        tail=tail,
        before=statement("", params[: len(params) - behind]),
        after=tuple(params[len(params) - behind :]),
        fields=fields,
        names=names,
        converters=tuple(
            (place, each, expression) for place, (all_, expression) in converters.items() for each in all_
        ),
        primary_key=f"{quote(model._meta.db_table)}.{quote(pk.column)}",
        key_column=_key_column(adapter) if len(rows.query.alias_map) == 1 else None,
    )


def _key_column(adapter: CustomerAdapter) -> Any:
    """The column of the key, or None where it stands in another table or leads to one."""
    model = adapter.model
    field: Any = model._meta.get_field(adapter.key_field) if adapter.key_field else model._meta.pk
    if field.remote_field is not None or field.model._meta.concrete_model is not model._meta.concrete_model:
        return None
    return field.get_col(model._meta.db_table)


def _value(adapter: CustomerAdapter, key: str) -> Any:
    try:
        return adapter.parse_key(key)
    except BadKey as error:
        raise CustomerNotFound from error


def _order(compiler: Any, made: Mapping[str, Any]) -> tuple[tuple[str, ...], tuple[str, ...], list[int]]:
    """The fields of the model and the names of the columns, with the places that they have in a row."""
    info, places = compiler.klass_info, compiler.annotation_col_map
    fields = tuple(compiler.select[place][0].target.attname for place in info["select_fields"])
    return fields, tuple(made), [*info["select_fields"], *(places[name] for name in made)]
