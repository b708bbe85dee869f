"""`manage.py crm_assist_log size`: what a decision takes of the disk."""

from __future__ import annotations

from collections.abc import Iterator

from django.db import router
from django.db.models import Sum

from crm_assist.decisions.models import Decision
from crm_assist.journal.models import Payload, Seal
from crm_assist.journal.sizes import TableSize, payload_size, table_size


def sizes_told() -> Iterator[str]:
    """A line for each part of a decision, of all tenants together, and one for what they come to."""
    rows, beside, seals = map(table_size, (Decision, Payload, Seal))
    if rows is None or beside is None or seals is None:
        yield "this database does not tell how large its tables are"
        return
    if not rows.rows:
        yield "no decisions yet"
        return
    sealed = Seal._base_manager.using(router.db_for_read(Seal)).aggregate(rows=Sum("rows"))["rows"] or 0
    (row, its_indexes), (_body, key) = rows.of_a_row, beside.of_a_row
    link = (seals.table + seals.indexes) / sealed if sealed else 0.0
    found = payload_size(Decision)
    stored = found.stored / found.count if found.count else 0.0
    yield from (_table(name, size) for name, size in (("decisions", rows), ("payloads of all rows", beside)))
    yield f"seals: {sealed:,} rows sealed, {link:,.0f} bytes for each"
    if found.count:
        yield (
            f"payloads of the latest {found.count:,} decisions: {stored:,.0f} bytes each as stored; "
            f"{found.text / found.count:,.0f} characters, {found.whole / found.count:,.0f} were they written whole"
        )
    total = row + its_indexes + stored + key + link
    yield (
        f"a decision: {total:,.0f} bytes (row {row:,.0f}, indexes {its_indexes:,.0f}, payload {stored:,.0f}, "
        f"its index {key:,.0f}, seal {link:,.0f})"
    )


def _table(name: str, size: TableSize) -> str:
    row, indexes = size.of_a_row
    return f"{name}: {size.rows:,} rows, {row:,.0f} bytes each and {indexes:,.0f} in indexes"
