"""Holds by people with the right to them: data kept for a claim or an authority, and what waited for its end."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _

from crm_assist.customers.models import Subject
from crm_assist.events import emit_on_commit
from crm_assist.flow.errors import require
from crm_assist.flow.rights import erase_due
from crm_assist.privacy import holds
from crm_assist.privacy.holds import BadHold
from crm_assist.privacy.models import HoldEvent
from crm_assist.types import Principal


@dataclass(frozen=True, kw_only=True, slots=True)
class HoldView:
    """One hold in force: on whom or on which rows, since when and why, and how many erasures wait for its end."""

    id: UUID
    tenant: str
    model_label: str
    key: str
    rows_from: datetime | None
    rows_until: datetime | None
    since: datetime
    ends_at: datetime | None
    by: str
    reason: str
    waiting: int


def place_hold(
    principal: Principal,
    *,
    model_label: str = "",
    key: str = "",
    rows_from: datetime | None = None,
    rows_until: datetime | None = None,
    ends_at: datetime | None = None,
    reason: str,
    now: datetime,
) -> HoldView:
    """Hold a customer's data, or without a key a period's or everything of the person's tenant; BadHold or NotAllowed.

    In force once it is committed: an erasure that had begun before goes through.
    """
    require(principal, "manage_holds")
    subject = _subject(principal.tenant, model_label, key) if key or model_label else None
    period = {"rows_from": rows_from, "rows_until": rows_until, "ends_at": ends_at}
    with transaction.atomic():
        hold = holds.place(tenant=principal.tenant, subject=subject, **period, by=principal.key, reason=reason, now=now)
        emit_on_commit("hold.placed", tenant=principal.tenant)
    return _view(hold)


def lift_hold(principal: Principal, hold_id: UUID, *, reason: str, now: datetime) -> int:
    """A hold of the person's tenant is over; says how many customers were forgotten who had waited for that."""
    require(principal, "manage_holds")
    waiting = HoldEvent.objects.filter(hold_id=hold_id, kind=HoldEvent.Kind.DEFERRED).values("subject")
    with transaction.atomic():
        holds.lift(tenant=principal.tenant, hold_id=hold_id, by=principal.key, reason=reason, now=now)
    due = Subject.objects.due_for_erasure().filter(pk__in=waiting).order_by("pk")
    # One by one, each in a transaction of its own: what is interrupted here, retention goes on with.
    found = [erase_due(pk, now=now) for pk in list(due.values_list("pk", flat=True))]
    forgotten = len(found) - found.count(None)
    emit_on_commit("hold.lifted", tenant=principal.tenant, count=forgotten)
    return forgotten


def holds_in_force(principal: Principal, *, now: datetime) -> tuple[HoldView, ...]:
    """The holds of the person's tenant, the oldest first."""
    require(principal, "manage_holds")
    found = HoldEvent.objects.filter(tenant=principal.tenant).in_force(now).select_related("subject")
    return tuple(_view(hold) for hold in found.order_by("at", "id"))


def _subject(tenant: str, model_label: str, key: str) -> Subject:
    subject: Subject | None = Subject.objects.of(model_label, key, tenant).filter(erased_at=None).first()
    if subject is None:
        told = {"model": model_label, "key": key}
        raise BadHold("key", _("Nothing is known here about %(model)s “%(key)s”; there is nothing to hold.") % told)
    return subject


def _view(hold: HoldEvent) -> HoldView:
    subject = hold.subject
    deferred = HoldEvent.objects.filter(hold_id=hold.pk, kind=HoldEvent.Kind.DEFERRED).values("subject")
    return HoldView(
        id=hold.pk,
        tenant=hold.tenant,
        model_label=subject.model_label if subject else "",
        key=subject.key if subject else "",
        rows_from=hold.rows_from,
        rows_until=hold.rows_until,
        since=hold.at,
        ends_at=hold.ends_at,
        by=hold.by,
        reason=hold.reason,
        waiting=Subject.objects.due_for_erasure().filter(pk__in=deferred).count(),
    )
