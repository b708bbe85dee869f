"""What a table of the log is on PostgreSQL beyond its rows, so that another with the same rows can take its place."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from django.db import connections, models

LEAST_VERSION = 14


class PartsError(RuntimeError):
    """A table cannot be parted, or made one again; the message says why, and what to do."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Shape:
    """A table as the catalog has it; `indexes` and `foreign_keys` are pairs of name and definition."""

    table: str
    key: str
    columns: tuple[str, ...]
    primary: str
    indexes: tuple[tuple[str, str], ...]
    foreign_keys: tuple[tuple[str, str], ...]
    refers_to: tuple[str, ...]
    owner: str
    grants: tuple[str, ...]


def shape_of(using: str, model: type[models.Model]) -> Shape:
    """The shape of a model's table; PartsError where this role, server or schema lets nobody take its place."""
    table = model._meta.db_table
    with connections[using].cursor() as cursor:
        oid, owner, schema, current = _found(cursor, table, using)
        _may(cursor, table, owner, schema, current)
        indexes = _rows(
            cursor,
            "SELECT c.relname, substring(pg_get_indexdef(c.oid) from ' (USING .*)') FROM pg_index i "
            "JOIN pg_class c ON c.oid = i.indexrelid WHERE i.indrelid = %s AND NOT i.indisunique ORDER BY 1",
            oid,
        )
        keys = "SELECT conname, pg_get_constraintdef(oid) FROM pg_constraint WHERE conrelid = %s AND contype = %s"
        columns = (
            "SELECT quote_ident(attname) FROM pg_attribute WHERE attrelid = %s AND attnum > 0 AND NOT attisdropped "
            "ORDER BY attnum"
        )
        return Shape(
            table=table,
            key=str(model._meta.pk.column),
            columns=tuple(name for (name,) in _rows(cursor, columns, oid)),
            primary=_rows(cursor, keys, oid, "p")[0][0],
            indexes=tuple(indexes),
            foreign_keys=tuple(_rows(cursor, keys + " AND conparentid = 0 ORDER BY 1", oid, "f")),
            refers_to=tuple(name for (name,) in _rows(cursor, REFERS_TO, oid)),
            owner=owner,
            grants=tuple(_grants(cursor, oid)),
        )


def refuse_obstacles(using: str, table: str) -> None:
    """PartsError that names what hangs on the table and would not come along."""
    with connections[using].cursor() as cursor:
        found = [name for (name,) in _rows(cursor, OBSTACLES, *[table] * 7)]
    if found:
        raise PartsError(
            f"{table} has what a new table in its place would lack: {', '.join(found)}. Remove it, and make it anew "
            "afterwards."
        )


REFERS_TO = """
SELECT DISTINCT confrelid::regclass::text FROM pg_constraint WHERE conrelid = %s AND contype = 'f' ORDER BY 1
"""
OBSTACLES = """
SELECT DISTINCT 'view ' || v.relname FROM pg_depend d JOIN pg_rewrite r ON r.oid = d.objid
    JOIN pg_class v ON v.oid = r.ev_class WHERE d.classid = 'pg_rewrite'::regclass AND d.refobjid = %s::regclass
    AND v.oid <> d.refobjid
UNION ALL SELECT 'trigger ' || tgname FROM pg_trigger
    WHERE tgrelid = %s::regclass AND NOT tgisinternal AND tgname NOT LIKE 'crm\\_assist\\_%%'
UNION ALL SELECT 'policy ' || polname FROM pg_policy WHERE polrelid = %s::regclass
UNION ALL SELECT 'foreign key ' || conname FROM pg_constraint WHERE confrelid = %s::regclass AND conparentid = 0
UNION ALL SELECT 'rights on column ' || attname FROM pg_attribute WHERE attrelid = %s::regclass AND attacl IS NOT NULL
UNION ALL SELECT 'publication ' || pubname FROM pg_publication_rel r JOIN pg_publication p ON p.oid = r.prpubid
    WHERE r.prrelid = %s::regclass
UNION ALL SELECT 'unique index ' || c.relname FROM pg_index i JOIN pg_class c ON c.oid = i.indexrelid
    WHERE i.indrelid = %s::regclass AND i.indisunique AND NOT i.indisprimary
"""


def _found(cursor: Any, table: str, using: str) -> tuple[int, str, str, str]:
    connection: Any = connections[using]
    if connection.vendor != "postgresql" or connection.pg_version < LEAST_VERSION * 10_000:
        raise PartsError(
            f"Monthly partitions need PostgreSQL {LEAST_VERSION} or newer; database {using!r} is "
            f"{_server(connection)}. The log works without them: its tables stay plain."
        )
    cursor.execute(
        "SELECT c.oid, pg_get_userbyid(c.relowner), n.nspname, current_schema() FROM pg_class c "
        "JOIN pg_namespace n ON n.oid = c.relnamespace WHERE c.relname = %s AND pg_table_is_visible(c.oid)",
        [table],
    )
    found: tuple[int, str, str, str] | None = cursor.fetchone()
    if found is None:
        raise PartsError(f"There is no table {table}. Run: manage.py migrate")
    return found


def _server(connection: Any) -> str:
    if connection.vendor != "postgresql":
        return str(connection.display_name)
    return f"PostgreSQL {connection.pg_version // 10_000}"


def _may(cursor: Any, table: str, owner: str, schema: str, current: str) -> None:
    """Whether this role may act for the owner, and the owner make tables where this one is."""
    cursor.execute(
        "SELECT current_user, pg_has_role(current_user, %s, 'MEMBER'), has_schema_privilege(%s, %s, 'CREATE')",
        [owner, owner, schema],
    )
    role, is_member, may_create = cursor.fetchone()
    if not is_member:
        raise PartsError(f"{table} belongs to role {owner}, and {role} may not act for it. Run this as {owner}.")
    if not may_create:
        raise PartsError(
            f"Role {owner} may make no tables in schema {schema}. As an administrator of the database run: "
            f"GRANT CREATE ON SCHEMA {schema} TO {owner}"
        )
    if schema != current:
        raise PartsError(
            f"{table} lies in schema {schema}, but new tables would be made in {current}: put {schema} first in the "
            "search_path of this role."
        )


def _grants(cursor: Any, oid: int) -> Iterator[str]:
    """Who else may do what, as GRANT with a place for the table."""
    sql = (
        "SELECT a.privilege_type, "
        "CASE a.grantee WHEN 0 THEN 'PUBLIC' ELSE quote_ident(pg_get_userbyid(a.grantee)) END, a.is_grantable "
        "FROM pg_class c, aclexplode(c.relacl) a WHERE c.oid = %s AND a.grantee <> c.relowner ORDER BY 2, 1"
    )
    for right, whom, may_pass_on in _rows(cursor, sql, oid):
        yield f'GRANT {right} ON "{{table}}" TO {whom}{" WITH GRANT OPTION" if may_pass_on else ""}'


def _rows(cursor: Any, sql: str, *values: Any) -> list[Any]:
    cursor.execute(sql, values)
    return list(cursor.fetchall())
