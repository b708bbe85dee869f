"""The host tells outcomes over the wire: for customers of the teller's own tenant, all or none, each in its place."""

from __future__ import annotations

from collections.abc import Container, Sequence
from dataclasses import replace
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
from crm_assist.decisions.outcomes import checked_moment, checked_version
from crm_assist.decisions.tellings import Told
from crm_assist.flow.errors import CustomerNotFound, require
from crm_assist.flow.outcomes import ToldOutcome, record_outcome, record_outcomes, refusals_told
from crm_assist.registry import NotRegistered
from crm_assist.types import Principal

PERMISSION = "record_outcome"
MOST = 1000
"""The most outcomes that may be told at once."""


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
        version=told.version,
        now=now,
    )


def tell_outcomes(principal: Principal, model: str, told: Sequence[ToldOutcome], *, source: str, now: datetime) -> Told:
    """Record up to 1,000 outcomes, all or none: those told before change nothing, changed ones are corrections.

    Raises as `tell_outcome`; a customer who is not of the tenant is named by place, as `outcomes[3].key`.
    """
    require(principal, PERMISSION)
    ours = _ours(principal, _adapter(model), [one.key for one in told[:MOST]])
    with refusals_told(principal.tenant, source):
        if len(told) > MOST:
            raise BadAnswer("outcomes", _("Tell at most %(most)d outcomes at once.") % {"most": MOST})
        for place, one in enumerate(told):
            _check(one, ours, f"outcomes[{place}]", now)
    mine = [replace(one, tenant=principal.tenant) for one in told]
    with transaction.atomic():
        _lock(principal, model, mine, now)
        return record_outcomes(model, mine, source=source, now=now)


def _check(one: ToldOutcome, ours: Container[str], place: str, now: datetime) -> None:
    """BadAnswer naming the place for what could not be taken for itself alone."""
    if one.key not in ours:
        raise BadAnswer(f"{place}.key", _("There is no such customer here."))
    try:
        checked_moment(one.occurred_at, now=now)
        checked_version(one.version, external_id=one.external_id)
    except BadAnswer as error:
        raise BadAnswer(f"{place}.{error.field}", error.message) from error


def _lock(principal: Principal, model: str, told: Sequence[ToldOutcome], now: datetime) -> None:
    """Of the same outcomes told twice at once, the second teller waits and sees the first one's."""
    for some in chunks(sorted({one.key for one in told}), KEYS_PER_QUERY):
        subjects = subjects_for(model_label=model, who=[(principal.tenant, key) for key in some], now=now)
        locked = Subject.objects.select_for_update().filter(pk__in=[subject.pk for subject in subjects.values()])
        list(locked.order_by("pk").values_list("pk"))


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
