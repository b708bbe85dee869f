"""Payloads beside rows that are intact: whose they are, what they say, and whether one that is empty may be."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

from django.utils.translation import gettext as _

from crm_assist.journal.canonical import digest_of
from crm_assist.journal.faults import Fault, FaultKind, Tally
from crm_assist.journal.models import LogRow, Payload
from crm_assist.journal.months_check import MonthsCheck
from crm_assist.journal.order import Order
from crm_assist.journal.tables import own_subject

PAYLOAD_TABLE = Payload._meta.label_lower
Values = Mapping[str, Any]
"""A row, or a payload, by column."""


@dataclass(kw_only=True, slots=True)
class PayloadsCheck:
    """Checks the payloads of a tenant's rows, chunk by chunk, with one statement and one more where some are empty.

    `kept_from`: retention may have emptied what is about customers and older than that; None: it empties nothing.
    """

    order: Order
    tally: Tally
    kept_from: datetime | None
    months: MonthsCheck = field(init=False)

    def __post_init__(self) -> None:
        self.months = MonthsCheck(using=self.order.using, tenant=self.order.tenant)

    def faults(self, model: type[LogRow], rows: list[dict[str, Any]]) -> Iterator[Fault]:
        """What is wrong with the payloads of these rows; an erasure and retention are no faults."""
        found = Payload._base_manager.using(self.order.using).filter(row_id__in=[values["id"] for values in rows])
        stored = {one["row_id"]: one for one in found.values("row_id", "tenant", "subject_id", "body", "erased_at")}
        emptied = []
        for values in rows:
            payload = stored.get(values["id"])
            wrong = _wrong(values, payload)
            if wrong is not None and payload is None:
                yield from self._absent(model, values, *wrong)
            elif wrong is not None:
                yield self._fault(values["id"], *wrong)
            elif payload is not None and payload["body"] is None:
                emptied.append(values)
            elif payload is not None:
                self.tally.payloads += 1
        if emptied:
            yield from self._emptied(model, emptied)

    def _absent(self, model: type[LogRow], row: Values, kind: FaultKind, message: str) -> Iterator[Fault]:
        """A payload that is gone: with its month, which retention may have dropped, or alone."""
        fault: Fault | None = self._fault(row["id"], kind, message)
        if own_subject(model) is not None and self.months.is_dropped(row["id"]):
            is_old = self.kept_from is not None and row["at"] <= self.kept_from
            self.tally.dropped += is_old
            fault = None if is_old else self.months.too_early(row["id"])
        elif self.months.is_gone(Payload, row["id"]):
            fault = self.months.gone(Payload, row["id"])
        if fault is not None:
            yield fault

    def _emptied(self, model: type[LogRow], rows: list[dict[str, Any]]) -> Iterator[Fault]:
        subjects = own_subject(model)
        erased: set[int] = set()
        if subjects is not None:
            theirs = subjects._base_manager.using(self.order.using)
            theirs = theirs.filter(pk__in={values["subject_id"] for values in rows}, erased_at__isnull=False)
            erased = set(theirs.values_list("pk", flat=True))
        kept_from = self.kept_from if subjects is not None else None
        for values in rows:
            if values.get("subject_id") in erased or (kept_from is not None and values["at"] <= kept_from):
                self.tally.erased += 1
            else:
                message = _("is empty, but its customer was not erased and it is younger than retention allows")
                yield self._fault(values["id"], FaultKind.EMPTIED, message)

    def _fault(self, row_id: UUID, kind: FaultKind, message: str) -> Fault:
        return Fault(kind=kind, tenant=self.order.tenant, table=PAYLOAD_TABLE, row_id=str(row_id), message=message)


def _wrong(row: Values, payload: Values | None) -> tuple[FaultKind, str] | None:
    """What a payload contradicts its row in; None for one that agrees, is empty and dated, or was never written."""
    if payload is None:
        if row["digest"]:
            return FaultKind.MISSING, _("is gone; an erasure would have left it, empty and dated")
        return None
    if not row["digest"]:
        return FaultKind.INSERTED, _("belongs to a row that was written without one")
    if (payload["tenant"], payload["subject_id"]) != (row["tenant"], row.get("subject_id")):
        return FaultKind.CHANGED, _("names another tenant or another customer than its row")
    if payload["body"] is None and payload["erased_at"] is None:
        return FaultKind.CHANGED, _("is empty, but bears no date of an erasure")
    if payload["body"] is None:
        return None
    if digest_of(payload["body"]) != row["digest"]:
        return FaultKind.CHANGED, _("does not match the digest in its row")
    if payload["erased_at"] is not None:
        return FaultKind.CHANGED, _("bears the date of an erasure, but is not empty")
    return None
