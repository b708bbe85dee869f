"""A table of scores built beside the one in force and put in its place, on PostgreSQL.

What was written to the old table meanwhile is found by its transaction, not by a clock, and stands. A crash leaves the
old table in force; `begin` clears what it left behind. Everything that an owner may have put on the table is kept
(grants, storage options, names of indexes and constraints) or the exchange is refused (`refusal`).
"""

from __future__ import annotations

import zlib
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import Any

from django.db import connections, router

from crm_assist.customers.models import Subject
from crm_assist.scoring.exchange_indexes import HELPERS, PENDING
from crm_assist.scoring.models import ScoreScope
from crm_assist.scoring.stored import TABLES, Table
from crm_assist.scoring.upsert import COLUMNS, WRITTEN

REFUSALS = {
    "relkind <> 'r' OR relispartition": "is not an ordinary table",
    "NOT pg_has_role(relowner, 'USAGE')": "belongs to another role",
    "NOT has_schema_privilege(relnamespace, 'CREATE')": "lies in a schema where this role may create nothing",
    "relrowsecurity": "has row-level security",
    "EXISTS (SELECT 1 FROM pg_trigger WHERE tgrelid = c.oid AND NOT tgisinternal)": "has triggers",
    "EXISTS (SELECT 1 FROM pg_publication_rel WHERE prrelid = c.oid)": "is published to a replica",
    "EXISTS (SELECT 1 FROM pg_depend d JOIN pg_rewrite r ON r.oid = d.objid WHERE d.refobjid = c.oid "
    "AND d.classid = 'pg_rewrite'::regclass)": "is read by a view",
    "EXISTS (SELECT 1 FROM pg_constraint WHERE contype = 'f' AND (confrelid = c.oid OR conrelid = c.oid))": (
        "has foreign keys"
    ),
    "EXISTS (SELECT 1 FROM pg_constraint WHERE contype IN ('u', 'x') AND conrelid = c.oid)": "has constraints of yours",
    "reltablespace <> 0 OR relpersistence <> 'p'": "lies in a tablespace of its own, or is not logged",
    "obj_description(c.oid, 'pg_class') IS NOT NULL": "has a comment",
}
"""What an exchange of tables would lose or may not do, as a condition on `pg_class` and in words."""


def refusal(cursor: Any, table: Table) -> str:
    """Why this table cannot be exchanged, in words; empty when it can."""
    name = table._meta.db_table
    cursor.execute(f"SELECT {', '.join(REFUSALS)} FROM pg_class c WHERE oid = to_regclass(%s)", [f'"{name}"'])
    found = cursor.fetchone() or ()
    return next((f"{name} {words}" for told, words in zip(found, REFUSALS.values(), strict=False) if told), "")


@dataclass(frozen=True, kw_only=True, slots=True)
class Present:
    """How to ask for the keys that the host has now, for one scope of the batch, in its tenant's context."""

    scope: int
    keys: str
    params: tuple[Any, ...]
    context: Callable[[], AbstractContextManager[Any]]

    @property
    def absent(self) -> str:
        """The condition that nobody has the key of a row `n`; its parameters are `params`."""
        return f'NOT EXISTS (SELECT 1 FROM ({self.keys}) k WHERE k.assist_k = n."key")'


@dataclass(frozen=True, kw_only=True, slots=True)
class Exchange:
    """One table being built: its name, the table it will replace, and the oldest transaction that ran beside it."""

    table: Table
    name: str
    since: int

    @property
    def old(self) -> str:
        """The name of the table in force."""
        return str(self.table._meta.db_table)

    @property
    def mark(self) -> str:
        """What a cursor keeps, to find the table again."""
        return f"{self.name}@{self.since}"

    @property
    def meanwhile(self) -> str:
        """The condition on a row `m` that a transaction wrote which was not over when this began.

        Ages in transactions wrap around after two thousand million of them; a table is never that long in the making.
        """
        return f"age(m.xmin) <= age('{self.since % 2**32}'::xid)"


def name_of(table: Table, model_label: str) -> str:
    """The name of the table under construction for the customers of a model."""
    return f"{table._meta.db_table}_{zlib.crc32(model_label.encode()):08x}"


def begin(cursor: Any, table: Table, model_label: str) -> Exchange:
    """Make the empty table, in place of any that an interrupted run left behind."""
    name, old = name_of(table, model_label), table._meta.db_table
    cursor.execute("SELECT pg_snapshot_xmin(pg_current_snapshot())::text::bigint")
    exchange = Exchange(table=table, name=name, since=int(cursor.fetchone()[0]))
    cursor.execute(f'DROP TABLE IF EXISTS "{name}"')
    cursor.execute(f'CREATE TABLE "{name}" (LIKE "{old}" INCLUDING ALL EXCLUDING INDEXES) WITH ({HELPERS} = 2)')
    cursor.execute(f"COMMENT ON TABLE \"{name}\" IS '{exchange.mark}'")
    return exchange


def is_under_way(table: Table) -> bool:
    """Whether a table is being built to take the place of this one, or was left half built."""
    connection = connections[router.db_for_write(table)]
    if connection.vendor != "postgresql":
        return False
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT EXISTS (SELECT 1 FROM pg_class WHERE relkind = 'r' AND relname ~ %s AND pg_table_is_visible(oid))",
            [f"^{table._meta.db_table}_[0-9a-f]{{8}}$"],
        )
        return bool(cursor.fetchone()[0])


def resumed(cursor: Any, table: Table, mark: str) -> Exchange | None:
    """The exchange that a cursor's mark stands for, if its table is still there."""
    name, _, since = mark.partition("@")
    cursor.execute("SELECT obj_description(to_regclass(%s), 'pg_class')", [f'"{name}"'])
    found = cursor.fetchone()
    if not found or found[0] != mark or not name.startswith(table._meta.db_table):
        return None
    return Exchange(table=table, name=name, since=int(since))


def cut_back(cursor: Any, exchange: Exchange, *, scope: int | None, after: Any, done: Sequence[int]) -> None:
    """Take out what an interrupted run wrote after the place that it told of; everything where it told of none."""
    if scope is None:
        cursor.execute(f'DELETE FROM "{exchange.name}"')
        return
    beyond = 'scope_id <> ALL(%s) AND (scope_id <> %s OR "key" > %s)'
    cursor.execute(f'DELETE FROM "{exchange.name}" WHERE {beyond}', [list(done), scope, after])


def copy_others(cursor: Any, exchange: Exchange, *, scopes: Sequence[int]) -> None:
    """Copy the scores of everybody else, none of which are there yet."""
    cursor.execute(f'SELECT id FROM "{ScoreScope._meta.db_table}" WHERE id <> ALL(%s)', [list(scopes)])
    others = [number for (number,) in cursor.fetchall()]
    if others:  # as a rule nobody: then the old table need not be looked through
        columns = ", ".join(COLUMNS)
        source = f'SELECT {columns} FROM "{exchange.old}" WHERE scope_id = ANY(%s)'
        cursor.execute(f'INSERT INTO "{exchange.name}" ({columns}) {source}', [others])


def take_over(cursor: Any, exchange: Exchange) -> None:
    """Options, grants and owner of the old table; statistics for the first who asks."""
    cursor.execute(f'ALTER TABLE "{exchange.name}" RESET ({HELPERS})')
    cursor.execute(f'ANALYZE "{exchange.name}"')
    cursor.execute(
        "SELECT format('ALTER TABLE %%I SET (%%s)', n.name, option) FROM pg_class c, unnest(c.reloptions) AS option, "
        "(SELECT %s AS name) n WHERE c.oid = to_regclass(%s) UNION ALL "
        "SELECT format('GRANT %%s ON %%I TO %%s%%s', privilege_type, n.name, CASE WHEN grantee = 0 THEN 'PUBLIC' "
        "ELSE quote_ident(pg_get_userbyid(grantee)) END, CASE WHEN is_grantable THEN ' WITH GRANT OPTION' ELSE '' END) "
        "FROM pg_class c, aclexplode(c.relacl), (SELECT %s AS name) n WHERE c.oid = to_regclass(%s) UNION ALL "
        "SELECT format('GRANT %%s (%%I) ON %%I TO %%s', privilege_type, attname, n.name, CASE WHEN grantee = 0 "
        "THEN 'PUBLIC' ELSE quote_ident(pg_get_userbyid(grantee)) END) "
        "FROM pg_attribute a, aclexplode(a.attacl), (SELECT %s AS name) n WHERE a.attrelid = to_regclass(%s) UNION ALL "
        "SELECT format('ALTER TABLE %%I OWNER TO %%I', n.name, pg_get_userbyid(relowner)) FROM pg_class c, "
        "(SELECT %s AS name) n WHERE c.oid = to_regclass(%s)",
        [exchange.name, f'"{exchange.old}"'] * 4,
    )
    for (statement,) in cursor.fetchall():
        cursor.execute(statement)


def swap(cursor: Any, exchange: Exchange, *, present: Sequence[Present]) -> None:
    """Under lock: take over what was written and forgotten meanwhile, then put the table in the place of the old one.

    Writers wait from the beginning, readers only for the renaming. OperationalError when somebody is in the way:
    nothing has happened then.
    """
    # Below the server's own deadlock timeout, so that we are the one to give way.
    cursor.execute("SET LOCAL lock_timeout = '800ms'")
    cursor.execute(f'LOCK TABLE "{exchange.old}" IN SHARE ROW EXCLUSIVE MODE')
    if _merge(cursor, exchange):
        _leave_out_moved(cursor, exchange, present)
    _forget(cursor, exchange, present)
    cursor.execute(f'LOCK TABLE "{exchange.old}" IN ACCESS EXCLUSIVE MODE')
    _rename(cursor, exchange)
    cursor.execute("SET LOCAL lock_timeout = DEFAULT")


def _merge(cursor: Any, exchange: Exchange) -> int:
    columns = ", ".join(COLUMNS)
    fresh = ", ".join(f"{name} = EXCLUDED.{name}" for name in WRITTEN)
    cursor.execute(
        f'INSERT INTO "{exchange.name}" ({columns}) SELECT {columns} FROM "{exchange.old}" m '
        f'WHERE {exchange.meanwhile} ON CONFLICT (scope_id, "key") DO UPDATE SET {fresh}'
    )
    return int(cursor.rowcount)


def _leave_out_moved(cursor: Any, exchange: Exchange, present: Sequence[Present]) -> None:
    """Of the customers written meanwhile, the scores of tenants that do not have them (any more)."""
    written = f'SELECT "key" FROM "{exchange.old}" m WHERE {exchange.meanwhile}'
    for some in present:
        moved = f'DELETE FROM "{exchange.name}" n WHERE scope_id = %s AND "key" IN ({written}) AND {some.absent}'
        with some.context():
            cursor.execute(moved, [some.scope, *some.params])


def _forget(cursor: Any, exchange: Exchange, present: Sequence[Present]) -> None:
    """Leave out whom the host merged, lost or had erased since the beginning."""
    subject, scope = Subject._meta.db_table, ScoreScope._meta.db_table
    cursor.execute(
        f'SELECT count(*), count(erased_at) FROM "{subject}" m WHERE {exchange.meanwhile} '
        "AND (merged_into_id IS NOT NULL OR gone_at IS NOT NULL OR erased_at IS NOT NULL)"
    )
    away, erased = cursor.fetchone()
    if not away:
        return
    column = next(name for name, table in TABLES.items() if table is exchange.table)
    cursor.execute(
        f'DELETE FROM "{exchange.name}" n USING "{subject}" m, "{scope}" c WHERE {exchange.meanwhile} '
        "AND (m.merged_into_id IS NOT NULL OR m.gone_at IS NOT NULL) AND c.id = n.scope_id "
        f'AND m.model_label = c.model_label AND m.tenant = c.tenant AND m.{column} = n."key"'
    )
    if not erased:
        return
    # An erased subject has no key any more: ask the host who is there, and the old table for everybody else's.
    for some in present:
        gone = f'DELETE FROM "{exchange.name}" n WHERE scope_id = %s AND {some.absent}'
        with some.context():
            cursor.execute(gone, [some.scope, *some.params])
    cursor.execute(
        f'DELETE FROM "{exchange.name}" n WHERE scope_id <> ALL(%s) AND NOT EXISTS (SELECT 1 FROM "{exchange.old}" o '
        'WHERE o.scope_id = n.scope_id AND o."key" = n."key")',
        [[some.scope for some in present]],
    )


def _rename(cursor: Any, exchange: Exchange) -> None:
    cursor.execute(
        "SELECT indexrelid::bigint, relname, indisprimary FROM pg_index JOIN pg_class ON oid = indexrelid "
        "WHERE indrelid = to_regclass(%s)",
        [f'"{exchange.old}"'],
    )
    names = cursor.fetchall()
    (key,) = (oid for oid, _, is_key in names if is_key)
    cursor.execute(f'ALTER TABLE "{exchange.name}" ADD PRIMARY KEY USING INDEX "{PENDING}{key}"')
    cursor.execute(f'DROP TABLE "{exchange.old}"')
    cursor.execute(f'ALTER TABLE "{exchange.name}" RENAME TO "{exchange.old}"')
    for oid, name, _ in names:
        cursor.execute(f'ALTER INDEX "{PENDING}{oid}" RENAME TO "{name}"')
    cursor.execute(f'COMMENT ON TABLE "{exchange.old}" IS NULL')
