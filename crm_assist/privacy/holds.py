"""Holds placed and lifted, and whom and what they cover now.

A hold on a customer follows them: it covers what is about them under every key, before and after a merge.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from datetime import datetime
from uuid import UUID

from django.db import router
from django.db.models import Q, QuerySet
from django.db.models.functions import Coalesce
from django.utils.translation import gettext as _

from crm_assist.customers.models import Subject
from crm_assist.journal.faults import Fault, FaultKind
from crm_assist.journal.ids import uuid7
from crm_assist.journal.models import Payload
from crm_assist.journal.writer import record
from crm_assist.privacy.holds_dropped import dropped_in_spite
from crm_assist.privacy.models import HoldEvent

LONGEST_REASON = 500
LOWEST = bytes(10)


class BadHold(ValueError):
    """A hold cannot be placed or lifted like this; names the field and says what to do."""

    def __init__(self, field: str, message: str) -> None:
        super().__init__(message)
        self.field = field


def place(
    *,
    tenant: str,
    subject: Subject | None,
    rows_from: datetime | None = None,
    rows_until: datetime | None = None,
    ends_at: datetime | None = None,
    by: str,
    reason: str,
    now: datetime,
) -> HoldEvent:
    """Hold a customer's data, or a period's, or everything of the tenant; raises BadHold and changes nothing."""
    why = _reason(reason)
    if subject is not None and (rows_from or rows_until):
        raise BadHold("rows_from", _("A hold on one customer keeps all that is about them; leave the period out."))
    if rows_from and rows_until and rows_from >= rows_until:
        raise BadHold("rows_until", _("The period ends before it begins."))
    if ends_at is not None and ends_at <= now:
        raise BadHold("ends_at", _("A hold cannot end in the past; leave its end out, and lift it when it is time."))
    given = {"rows_from": rows_from, "rows_until": rows_until, "ends_at": ends_at, "by": by, "reason": why}
    row = HoldEvent(id=uuid7(now), tenant=tenant, at=now, kind=HoldEvent.Kind.PLACED, subject=subject, **given)
    return record(row, None)


def lift(*, tenant: str, hold_id: UUID, by: str, reason: str, now: datetime) -> HoldEvent:
    """A hold is over; raises BadHold when it is none that is in force."""
    why = _reason(reason)
    hold = HoldEvent.objects.filter(tenant=tenant).in_force(now).filter(pk=hold_id).first()
    if hold is None:
        raise BadHold("hold_id", _("There is no such hold in force: %(id)s.") % {"id": hold_id})
    given = {"hold_id": hold_id, "subject_id": hold.subject_id, "by": by, "reason": why}
    return record(HoldEvent(id=uuid7(now), tenant=tenant, at=now, kind=HoldEvent.Kind.LIFTED, **given), None)


def defer(*, subject_ids: Collection[int], hold: HoldEvent, by: str, now: datetime) -> None:
    """These customers asked to be forgotten and a hold stands in the way: noted, and due as soon as it is over."""
    for subject in Subject.objects.filter(pk__in=subject_ids, erasure_due_at=None, erased_at=None).order_by("pk"):
        given = {"hold_id": hold.pk, "subject_id": subject.pk, "by": by}
        kind = HoldEvent.Kind.DEFERRED
        record(HoldEvent(id=uuid7(now), tenant=subject.tenant, at=now, kind=kind, **given), None)
    Subject.objects.filter(pk__in=subject_ids, erasure_due_at=None).update(erasure_due_at=now)


def over(subject_ids: Collection[int], *, now: datetime) -> HoldEvent | None:
    """The oldest hold that covers any of these customers, a whole tenant's and a period's included."""
    subjects = Subject.objects.filter(pk__in=subject_ids)
    tenants = set(subjects.values_list("tenant", flat=True))
    holds = HoldEvent.objects.in_force(now)
    if not (tenants and holds.exists()):
        return None
    wide: list[HoldEvent] = [
        hold for hold in holds.filter(subject=None, tenant__in=tenants) if _has_rows(hold, subject_ids)
    ]
    own = holds.filter(subject__in=_family(subjects)).order_by("at", "id").first()
    return min([*wide, *([own] if own else [])], key=lambda hold: (hold.at, hold.pk), default=None)


def _has_rows(hold: HoldEvent, subject_ids: Collection[int]) -> bool:
    if not (hold.rows_from or hold.rows_until):
        return True
    return Payload.objects.filter(_rows(hold), subject_id__in=subject_ids, erased_at=None).exists()


def covered(*, now: datetime) -> Q | None:
    """The payloads that a hold covers now, as a condition on them; None where nothing is held."""
    holds = HoldEvent.objects.in_force(now)
    conditions = [_rows(hold) for hold in holds.filter(subject=None)]
    own = holds.exclude(subject=None)
    if own.exists():
        held = Subject.objects.filter(pk__in=own.values("subject"))
        conditions.append(Q(subject_id__in=_family(held).values("pk")))
    found = Q()
    for condition in conditions:
        found |= condition
    return found if conditions else None


def _family(subjects: QuerySet[Subject]) -> QuerySet[Subject]:
    """With each all that stand for the same customer: chains of merges are one link long."""
    ends = subjects.order_by().values(end=Coalesce("merged_into", "pk"))
    return Subject.objects.filter(Q(pk__in=ends) | Q(merged_into__in=ends)).order_by()


def _rows(hold: HoldEvent) -> Q:
    """The payloads of a tenant, or those written in a period of it."""
    found = Q(tenant=hold.tenant)
    if hold.rows_from:
        found &= Q(row_id__gte=uuid7(hold.rows_from, LOWEST))
    if hold.rows_until:
        found &= Q(row_id__lt=uuid7(hold.rows_until, LOWEST))
    return found


def broken(*, tenant: str | None, now: datetime) -> Iterator[Fault]:
    """Payloads that were emptied or dropped while a hold covered them; of a customer's, under the key that was held."""
    using = router.db_for_write(Payload)
    placed = HoldEvent.objects.using(using).filter(kind=HoldEvent.Kind.PLACED).order_by("at", "id")
    for hold in placed if tenant is None else placed.filter(tenant=tenant):
        lifted = HoldEvent.objects.using(using).filter(kind=HoldEvent.Kind.LIFTED, hold_id=hold.pk).first()
        end = min(one for one in (lifted and lifted.at, hold.ends_at, now) if one is not None)
        rows = Payload.objects.using(using).filter(erased_at__gt=hold.at, erased_at__lt=end)
        rows = rows.filter(_rows(hold)) if hold.subject_id is None else rows.filter(subject_id=hold.subject_id)
        for row_id, whose in rows.order_by("row_id").values_list("row_id", "tenant").iterator(500):
            message = _("was emptied while hold %(hold)s covered it") % {"hold": hold.pk}
            table = Payload._meta.label_lower
            yield Fault(kind=FaultKind.EMPTIED, tenant=whose, table=table, row_id=str(row_id), message=message)
        yield from dropped_in_spite(hold, until=end, using=using)


def _reason(text: str) -> str:
    why = text.strip()
    if not why:
        raise BadHold("reason", _("Say why: name the case, not the customer."))
    if len(why) > LONGEST_REASON:
        told = _("The reason is too long: use at most %(length)d characters.") % {"length": LONGEST_REASON}
        raise BadHold("reason", told)
    return why
