"""Payloads that are older than retention allows, emptied chunk by chunk as an erasure would; rows and seals stay.

The ids of log rows sort by time, so that age is a range of the primary key and costs no column.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db.models import Q, QuerySet

from crm_assist.journal.ids import uuid7
from crm_assist.journal.models import Payload

ROWS = 500


@dataclass(frozen=True, kw_only=True, slots=True)
class Emptied:
    """One chunk: how many payloads lost their body, and the last id, to go on from."""

    count: int
    last: UUID


def expired(*, before: datetime, after: UUID | None = None, kept: Q | None = None) -> QuerySet[Payload]:
    """Payloads about customers that still have a body and were written before this moment, the oldest first.

    Those that `kept` is true of are left out, whatever their age.
    """
    rows = Payload.objects.filter(row_id__lt=uuid7(before, bytes(10)), erased_at__isnull=True, subject_id__isnull=False)
    rows = rows if kept is None else rows.exclude(kept)
    rows = rows if after is None else rows.filter(row_id__gt=after)
    return rows.order_by("row_id")


def empty_expired(
    *, before: datetime, after: UUID | None = None, kept: Q | None = None, now: datetime, rows: int = ROWS
) -> Emptied | None:
    """Empty the next chunk for good; None when nothing is left. Call it in the transaction that notes it."""
    ids = list(expired(before=before, after=after, kept=kept).values_list("row_id", flat=True)[:rows])
    if not ids:
        return None
    count = Payload.objects.filter(row_id__in=ids, erased_at__isnull=True).update(body=None, erased_at=now)
    return Emptied(count=count, last=ids[-1])
