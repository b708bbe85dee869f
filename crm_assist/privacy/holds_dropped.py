"""Payloads that a hold covered and that went all the same, with a month that retention dropped."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import Any

from django.db.models import Exists, OuterRef, QuerySet
from django.utils.translation import gettext as _

from crm_assist.journal.faults import Fault, FaultKind
from crm_assist.journal.ids import uuid7
from crm_assist.journal.models import DroppedMonth, Payload
from crm_assist.journal.parts import Month
from crm_assist.journal.tables import log_models, own_subject
from crm_assist.journal.writer import payload_of
from crm_assist.privacy.models import HoldEvent

LOWEST = bytes(10)


def dropped_in_spite(hold: HoldEvent, *, until: datetime, using: str) -> Iterator[Fault]:
    """One fault for each month that was dropped while the hold stood, and that lacks payloads which it covered."""
    drops = DroppedMonth.objects.using(using).filter(tenant=hold.tenant)
    for drop in drops.filter(at__gt=hold.at, at__lt=until).order_by("at", "id"):
        before = drops.filter(month=drop.month, at__lte=hold.at).order_by("at", "id").last()
        left = None if before is None else (payload_of(before.pk) or {"kept": []})["kept"]
        count = _missing(hold, Month.read(drop.month), left, using)
        if count:
            message = _("%(count)s payloads were dropped while hold %(hold)s covered them")
            words = {"count": count, "hold": hold.pk}
            table = Payload._meta.label_lower
            kind = FaultKind.EMPTIED
            yield Fault(kind=kind, tenant=hold.tenant, table=table, row_id=drop.month, message=message % words)


def _missing(hold: HoldEvent, month: Month, left: list[str] | None, using: str) -> int:
    """How many rows that the hold covers have no payload; of a month dropped before, those it still had then."""
    count = 0
    for model in log_models():
        if own_subject(model) is None:
            continue
        rows: QuerySet[Any] = model._base_manager.using(using).filter(tenant=hold.tenant, pk__gte=month.lowest)
        rows = rows.filter(pk__lt=month.later().lowest).exclude(digest="")
        rows = rows if hold.subject_id is None else rows.filter(subject_id=hold.subject_id)
        rows = rows if hold.rows_from is None else rows.filter(pk__gte=uuid7(hold.rows_from, LOWEST))
        rows = rows if hold.rows_until is None else rows.filter(pk__lt=uuid7(hold.rows_until, LOWEST))
        rows = rows if left is None else rows.filter(pk__in=left)
        payloads = Payload._base_manager.using(using).filter(row_id=OuterRef("pk"))
        count += rows.filter(~Exists(payloads)).count()
    return count
