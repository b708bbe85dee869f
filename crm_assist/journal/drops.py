"""A month of payloads that retention is done with, dropped as a whole: at once, and its room is free at once.

What must be kept (what a hold covers, and what is about nobody) is put back into a partition of its own in the same
transaction, and the log says for each tenant what went and what stayed.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import router
from django.db.models import Count, Q

from crm_assist.journal import guards
from crm_assist.journal.briefly import briefly, lock_whole
from crm_assist.journal.models import DroppedMonth, Payload
from crm_assist.journal.parts import Month, Part, parts_of
from crm_assist.journal.table_shape import PartsError, Shape, shape_of
from crm_assist.journal.writer import record

TRIES = 5
MOST_KEPT = 5_000
"""Payloads that are put back; where more must stay, the month is emptied row by row instead."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Dropped:
    """One month that went: how many payloads, and how many were kept."""

    month: Month
    payloads: int
    kept: int


def droppable(*, before: datetime) -> list[Part]:
    """The partitions of payloads whose whole month lies before this moment, the oldest first."""
    parts = parts_of(router.db_for_write(Payload), [Payload._meta.db_table])
    months = [(part.month, part) for part in parts if part.month is not None]
    return [part for month, part in sorted(months, key=lambda pair: pair[0]) if month.later().start <= before]


def drop(part: Part, *, kept: Q | None, retention_days: int, now: datetime) -> Dropped | None:
    """Drop it, in the transaction that it is called in, and log it; None where nothing changes.

    That is where nothing would go, where more would stay than go or than can be put back, where this role may not, and
    where the table is never free: then it is emptied row by row, or dropped the next time. ACCESS EXCLUSIVE on the
    table while what stays is put back; the rows are counted before.
    """
    using, month = router.db_for_write(Payload), part.month
    assert month is not None
    there = _there(using, month)
    staying = _staying(month, kept)
    count, stay = sum(there.values()), sum(map(len, staying.values()))
    if count == stay or stay > min(MOST_KEPT, count - stay):
        return None
    try:
        shape = shape_of(using, Payload)

        def act(cursor: Any) -> None:
            nonlocal staying
            lock_whole(cursor, shape)
            staying = _staying(month, kept)
            ids = [one for some in staying.values() for one in some]
            if len(ids) > MOST_KEPT:
                raise PartsError(f"{part.name}: a hold came to cover it meanwhile.")
            _replace(cursor, shape, part, ids)
            guards.install(using)

        briefly(using, act, owner=shape.owner, about=shape.table, tries=TRIES)
    except PartsError:
        return None
    _log(month, there, staying, retention_days, now)
    stay = sum(map(len, staying.values()))
    return Dropped(month=month, payloads=count - stay, kept=stay)


def _log(
    month: Month, there: Mapping[str, int], staying: Mapping[str, list[UUID]], retention_days: int, now: datetime
) -> None:
    """A row for each tenant: how many went, and which stayed."""
    for tenant, rows in sorted(there.items()):
        ids = sorted(staying.get(tenant, ()))
        row = DroppedMonth(
            tenant=tenant,
            at=now,
            month=str(month),
            payloads=rows - len(ids),
            kept=len(ids),
            retention_days=retention_days,
        )
        record(row, {"kept": [one.hex for one in ids]})


def _there(using: str, month: Month) -> dict[str, int]:
    rows = Payload.objects.using(using).filter(row_id__gte=month.lowest, row_id__lt=month.later().lowest)
    return dict(rows.values_list("tenant").annotate(count=Count("*")).order_by())


def _staying(month: Month, kept: Q | None) -> Mapping[str, list[UUID]]:
    """What of the month must stay, by tenant; no more than is put back, and one."""
    about_nobody = Q(subject_id__isnull=True)
    rows = Payload.objects.using(router.db_for_write(Payload)).filter(
        about_nobody if kept is None else about_nobody | kept,
        row_id__gte=month.lowest,
        row_id__lt=month.later().lowest,
    )
    found: dict[str, list[UUID]] = defaultdict(list)
    for tenant, row_id in rows.values_list("tenant", "row_id")[: MOST_KEPT + 1]:
        found[tenant].append(row_id)
    return found


def _replace(cursor: Any, shape: Shape, part: Part, kept: list[UUID]) -> None:
    """The partition goes; where something must stay, another of its month has that and nothing else."""
    assert part.month is not None
    columns, was = ", ".join(shape.columns), f"{part.name}_was"
    cursor.execute(f'ALTER TABLE "{shape.table}" DETACH PARTITION "{part.name}"')
    cursor.execute(f'ALTER TABLE "{part.name}" RENAME TO "{was}"')
    if kept:
        cursor.execute(f'CREATE TABLE "{part.name}" PARTITION OF "{shape.table}" {part.month.bounds}')
        cursor.execute(
            f'INSERT INTO "{shape.table}" ({columns}) SELECT {columns} FROM "{was}" WHERE "{shape.key}" = ANY(%s)',
            [kept],
        )
    cursor.execute(f'DROP TABLE "{was}"')
