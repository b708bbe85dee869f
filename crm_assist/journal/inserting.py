"""The INSERT of a row and its payload, put into words once: an agent waits while it is written.

A payload about a subject is kept only while that subject is not erased. Both are settled by the subject's own row: the
eraser locks it, and so does the insert, so that whoever comes second sees what the first one did.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from functools import cache
from operator import attrgetter
from types import MappingProxyType
from typing import Any
from uuid import UUID

from django.db import connections, models
from django.db.backends.base.base import BaseDatabaseWrapper

from crm_assist.journal.models import LogRow, Payload

ABOUT = "subject_id"
"""The payload's own word for its subject."""

NOTHING: Mapping[str, str] = MappingProxyType({})

PLAIN = frozenset({str, float, UUID, datetime, type(None)})
"""What psycopg takes as it is; whole numbers get the width of their column from the field."""


def insert_both(row: LogRow, beside: Payload, connection: BaseDatabaseWrapper) -> bool:
    """Write both in one statement (PostgreSQL); whether the payload was kept: not if its subject is erased."""
    sql, about = _both_sql(type(row), connection.alias)
    owner = (getattr(row, about),) if about else ()
    with connection.cursor() as cursor:
        cursor.execute(sql, (*owner, *_values(beside, connection), *_values(row, connection)))
        return not about or cursor.fetchone()[0] is None


def insert_payload(row: LogRow, beside: Payload, connection: BaseDatabaseWrapper) -> bool:
    """Write the payload alone, by the same rule."""
    sql, about = _payload_sql(type(row), connection.alias)
    owner = (getattr(row, about),) if about else ()
    with connection.cursor() as cursor:
        cursor.execute(sql, (*_values(beside, connection), *owner))
        if not about or not connection.features.can_return_columns_from_insert:
            return True
        found = cursor.fetchone()
        return found is None or found[0] is None


def insert_first(row: LogRow, beside: Payload, subject: models.Model, connection: BaseDatabaseWrapper) -> int | None:
    """Write both and their subject, which is new, in one statement (PostgreSQL); its key, or None and nothing written.

    None when there is such a subject by now: then it may be merged or erased, and must be looked at.
    """
    sql, about = _first_sql(type(row), connection.alias)
    given = (*_values(subject, connection), *_values(beside, connection, ABOUT), *_values(row, connection, about))
    with connection.cursor() as cursor:
        cursor.execute(sql, given)
        made = cursor.fetchone()
    return None if made is None else int(made[0])


def columns_of(model: type[models.Model]) -> list[models.Field[Any, Any]]:
    """The fields that an INSERT fills; what the database fills is left to it."""
    by_database = (models.AutoField, models.BigAutoField, models.SmallAutoField)
    return [f for f in model._meta.concrete_fields if f.name != "tx" and not isinstance(f, by_database)]


@cache
def _readers(model: type[models.Model]) -> tuple[attrgetter[tuple[Any, ...]], list[models.Field[Any, Any]]]:
    found = columns_of(model)
    return attrgetter(*(field.attname for field in found)), found


def _values(row: models.Model, connection: BaseDatabaseWrapper, but: str = "") -> list[Any]:
    """The values of every column that an INSERT fills, in their order, but for the one named."""
    plain = PLAIN if connection.vendor == "postgresql" else frozenset()
    get, fields = _readers(type(row))
    return [
        value if type(value) in plain else field.get_db_prep_save(value, connection)
        for value, field in zip(get(row), fields, strict=True)
        if field.attname != but
    ]


@cache
def _both_sql(model: type[LogRow], alias: str) -> tuple[str, str]:
    quote = connections[alias].ops.quote_name
    subject, about = _subject_of(model)
    into = f"INSERT INTO {_table(model, quote)} VALUES ({_places(model)})"
    if subject is None:
        return f"WITH payload AS (INSERT INTO {_table(Payload, quote)} VALUES ({_places(Payload)})) {into}", ""
    # FOR KEY SHARE is what the foreign key takes anyway; an eraser's FOR UPDATE waits for it, and it for the eraser.
    here = (
        f"SELECT erased_at AS gone FROM {quote(subject._meta.db_table)} "
        f"WHERE {quote(str(subject._meta.pk.column))} = %s FOR KEY SHARE"
    )
    payload = f"INSERT INTO {_table(Payload, quote)} SELECT {_kept()} FROM here"
    return (
        f"WITH here AS ({here}), payload AS ({payload}) {into} RETURNING (SELECT gone FROM here)",
        about,
    )


@cache
def _payload_sql(model: type[LogRow], alias: str) -> tuple[str, str]:
    connection = connections[alias]
    quote = connection.ops.quote_name
    subject, about = _subject_of(model)
    if subject is None:
        return f"INSERT INTO {_table(Payload, quote)} VALUES ({_places(Payload)})", ""
    told = " RETURNING erased_at" if connection.features.can_return_columns_from_insert else ""
    key = quote(str(subject._meta.pk.column))
    here = f"SELECT erased_at AS gone FROM {quote(subject._meta.db_table)} WHERE {key} = %s"
    return f"INSERT INTO {_table(Payload, quote)} SELECT {_kept()} FROM ({here}) AS here{told}", about


@cache
def _first_sql(model: type[LogRow], alias: str) -> tuple[str, str]:
    quote = connections[alias].ops.quote_name
    subject, about = _subject_of(model)
    assert subject is not None, f"{model.__name__} is about no subject"
    key = quote(str(subject._meta.pk.column))
    here = (
        f"INSERT INTO {_table(subject, quote)} VALUES ({_places(subject)}) ON CONFLICT DO NOTHING RETURNING {key} AS id"
    )
    payload = f"INSERT INTO {_table(Payload, quote)} SELECT {_places(Payload, {ABOUT: 'here.id'})} FROM here"
    row = f"INSERT INTO {_table(model, quote)} SELECT {_places(model, {about: 'here.id'})} FROM here"
    return f"WITH here AS ({here}), payload AS ({payload}) {row} RETURNING {quote(about)}", about


def _subject_of(model: type[LogRow]) -> tuple[type[models.Model] | None, str]:
    """The model of the subject that a row is about, and the row's attribute that holds its key."""
    found: Any = next((field for field in model._meta.concrete_fields if field.name == "subject"), None)
    return (found.related_model, found.attname) if found is not None and found.is_relation else (None, "")


def _kept() -> str:
    """The payload's values as they are, but no body and the time of the erasure once its subject is erased."""
    return _places(Payload, {"body": "CASE WHEN here.gone IS NULL THEN %s END", "erased_at": "COALESCE(here.gone, %s)"})


def _table(model: type[models.Model], quote: Any) -> str:
    columns = ", ".join(quote(str(field.column)) for field in columns_of(model))
    return f"{quote(model._meta.db_table)} ({columns})"


def _places(model: type[models.Model], special: Mapping[str, str] = NOTHING) -> str:
    """A place for each column's value, or what stands there instead."""
    return ", ".join(special.get(field.attname, "%s") for field in columns_of(model))
