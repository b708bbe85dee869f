"""Many rows by one prepared statement, for batches: `bulk_create` assembles a text for each few rows."""

from __future__ import annotations

from collections.abc import Sequence

from django.db import connections, models, router, transaction

DO_NOTHING = "ON CONFLICT DO NOTHING"


def insert_all(rows: Sequence[models.Model], *, on_conflict: str = "") -> None:
    """Insert rows of one model, all or none; `on_conflict` is the SQL for those that are there already.

    The database gives the primary keys, which are not read back, and no signal is sent.
    """
    if not rows:
        return
    model = type(rows[0])
    using = router.db_for_write(model)
    connection = connections[using]
    fields = [field for field in model._meta.local_concrete_fields if not field.primary_key]
    quote = connection.ops.quote_name
    columns, places = ", ".join(quote(str(field.column)) for field in fields), ", ".join(["%s"] * len(fields))
    values = [[field.get_db_prep_save(field.pre_save(row, add=True), connection) for field in fields] for row in rows]
    sql = f"INSERT INTO {quote(model._meta.db_table)} ({columns}) VALUES ({places}) {on_conflict}"
    with transaction.atomic(using, savepoint=False), connection.cursor() as cursor:
        cursor.executemany(sql, values)
