"""The host tells outcomes over the wire: for customers of the teller's own tenant, all or none, each told once."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from crm_assist import customers
from crm_assist.customers import CustomerAdapter
from crm_assist.customers.bulk import subjects_for
from crm_assist.customers.models import Subject
from crm_assist.customers.visibility import KEYS_PER_QUERY, chunks
from crm_assist.decisions.answers import BadAnswer
from crm_assist.decisions.models import Outcome
from crm_assist.decisions.outcomes import told_before
from crm_assist.flow.errors import CustomerNotFound, require
from crm_assist.flow.outcomes import ToldOutcome, record_outcome, record_outcomes
from crm_assist.registry import NotRegistered
from crm_assist.types import Principal

PERMISSION = "record_outcome"
MOST = 1000
"""The most outcomes that may be told at once."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Told:
    """What became of outcomes told together."""

    recorded: int
    corrected: int
    known: int


def tell_outcome(principal: Principal, model: str, told: ToldOutcome, *, source: str, now: datetime) -> Outcome:
    """Record one outcome for a customer of the person's tenant; told again it is returned as it stands.

    Raises NotAllowed without `record_outcome`, CustomerNotFound for who is not of the tenant, BadAnswer with the field.
    """
    require(principal, PERMISSION)
    if told.key not in _ours(principal, _adapter(model), [told.key]):
        raise CustomerNotFound
    return record_outcome(
        model=model,
        key=told.key,
        tenant=principal.tenant,
        product=told.product,
        kind=told.kind,
        occurred_at=told.occurred_at,
        source=source,
        external_id=told.external_id,
        now=now,
    )


def tell_outcomes(principal: Principal, model: str, told: Sequence[ToldOutcome], *, source: str, now: datetime) -> Told:
    """Record up to 1,000 outcomes, all or none: those told before change nothing, changed ones are corrections.

    Raises as `tell_outcome`; a customer who is not of the tenant is named by place, as `outcomes[3].key`.
    """
    require(principal, PERMISSION)
    ours = _ours(principal, _adapter(model), [one.key for one in told[:MOST]])
    if len(told) > MOST:
        raise BadAnswer("outcomes", _("Tell at most %(most)d outcomes at once.") % {"most": MOST})
    for place, one in enumerate(told):
        if one.key not in ours:
            raise BadAnswer(f"outcomes[{place}].key", _("There is no such customer here."))
    mine = [replace(one, tenant=principal.tenant) for one in told]
    with transaction.atomic():
        ends = _locked(principal, model, mine, now)
        before = told_before(principal.tenant, source, [one.external_id for one in mine])
        again = [one for one in mine if one.external_id in before]
        # An id of which all is as before costs no statement: whoever sends the same again sends a lot of it.
        other = {one.external_id for one in again if not _is_as(before[one.external_id], one, ends)}
        recorded = record_outcomes(model, mine, source=source, now=now)
        corrected = sum(
            _corrects(principal, model, one, before[one.external_id], source, now)
            for one in again
            if one.external_id in other
        )
    return Told(recorded=recorded, corrected=corrected, known=len(mine) - recorded - corrected)


def _corrects(principal: Principal, model: str, one: ToldOutcome, known: Outcome, source: str, now: datetime) -> bool:
    return tell_outcome(principal, model, one, source=source, now=now).pk != known.pk


def _is_as(known: Outcome, one: ToldOutcome, ends: Mapping[str, int]) -> bool:
    """Whether an outcome is told as it is known."""
    stands = (known.subject_id, known.product, known.kind, known.occurred_at)
    return stands == (ends[one.key], one.product, one.kind, one.occurred_at)


def _locked(principal: Principal, model: str, told: Sequence[ToldOutcome], now: datetime) -> dict[str, int]:
    """Of the same outcomes told twice at once, the second teller waits and sees the first one's.

    By key the subject that stands for the customer.
    """
    ends: dict[str, int] = {}
    for some in chunks(sorted({one.key for one in told}), KEYS_PER_QUERY):
        subjects = subjects_for(model_label=model, who=[(principal.tenant, key) for key in some], now=now)
        locked = Subject.objects.select_for_update().filter(pk__in=[subject.pk for subject in subjects.values()])
        list(locked.order_by("pk").values_list("pk"))
        ends |= {key: customers.end_of(subject).pk for (_tenant, key), subject in subjects.items()}
    return ends


def _adapter(model: str) -> CustomerAdapter:
    try:
        return customers.adapter_for(model)
    except NotRegistered as error:
        raise CustomerNotFound from error


def _ours(principal: Principal, adapter: CustomerAdapter, keys: Sequence[str]) -> set[str]:
    """Those of the keys that are customers of the person's tenant, or were when we last met them.

    Late outcomes may be about customers that the host has put in the trash since.
    """
    label, tenant = adapter.model_label, principal.tenant
    found = customers.load(adapter, keys)
    ours = {key for key, obj in found.items() if adapter.tenant(obj) == tenant}
    for some in chunks(sorted(set(keys) - set(found)), KEYS_PER_QUERY):
        met = Subject.objects.filter(tenant=tenant, model_label=label, key__in=some, erased_at=None)
        ours |= set(met.values_list("key", flat=True))
    return ours
