"""What happens to customers in the host, followed here: merged, gone, erased. The log stays whole through all of it."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction
from django.utils import timezone

from crm_assist import customers
from crm_assist.customers.models import Subject, SubjectQuerySet
from crm_assist.customers.subjects import leave_nameless
from crm_assist.decisions.models import State, Suggestion
from crm_assist.events import emit_on_commit
from crm_assist.journal import writer
from crm_assist.privacy import holds
from crm_assist.privacy.models import HoldEvent
from crm_assist.scoring import exchange
from crm_assist.scoring.stored import forget, table_of


def customers_merged(
    model_label: str, *, from_key: str, to_key: str, tenant: str = "", now: datetime | None = None
) -> None:
    """One customer became another in the host: its history counts for the one that stays, its own score goes."""
    moment = now or timezone.now()
    with transaction.atomic():
        _withdraw_first(model_label, from_key, tenant, moment)
        winner = customers.merge(model_label=model_label, from_key=from_key, to_key=to_key, tenant=tenant, now=moment)
        losers = [pk for pk in customers.family(winner) if pk != winner.pk]
        _forget(Subject.objects.filter(pk__in=losers))
        _withdraw(losers, moment)
        emit_on_commit("customer.merged", adapter=model_label)


def customer_erased(model_label: str, *, key: str, tenant: str | None = None, now: datetime | None = None) -> int:
    """A customer is to be forgotten: key, payloads and stored scores go; rows, digests and seals stay verifiable.

    Says how many payloads were erased. Where a hold stands in the way, none: the customer is scored and suggested to no
    more, and is forgotten as soon as the hold is over; `erasure.deferred` tells.
    """
    moment = now or timezone.now()
    with transaction.atomic():
        _withdraw_first(model_label, key, tenant, moment)
        forget(customers.adapter_for(model_label), [key], tenant=tenant)
        ids = [pk for own in _of(model_label, [key], tenant) for pk in customers.family(own)]
        _forget(Subject.objects.filter(pk__in=ids))  # with those merged into it, while they still have their keys
        hold = holds.over(ids, now=moment)
        if hold is not None:
            return _put_off(model_label, ids, hold, moment)
        subjects = customers.erase(model_label=model_label, key=key, now=moment, tenant=tenant)
        if not subjects:
            _tell_exchange(model_label, tenant, moment)
        _withdraw(subjects, moment)
        rows = writer.erase(subjects, now=moment)
        emit_on_commit("customer.erased", adapter=model_label, rows=rows)
        return rows


def _put_off(model_label: str, subjects: list[int], hold: HoldEvent, now: datetime) -> int:
    """What helps no claim ends at once; what may be evidence stays until the hold is over."""
    holds.defer(subject_ids=subjects, hold=hold, by="host", now=now)
    Subject.objects.filter(pk__in=subjects, gone_at=None).update(gone_at=now)
    emit_on_commit("erasure.deferred", adapter=model_label)
    return 0


def erase_due(subject_id: int, *, now: datetime) -> int | None:
    """Forget a customer whose erasure was put off; None while a hold stands in the way, and when it is done already."""
    subject = Subject.objects.due_for_erasure().filter(pk=subject_id).first()
    if subject is None or holds.over(customers.family(subject), now=now) is not None:
        return None
    return customer_erased(subject.model_label, key=subject.key, tenant=subject.tenant, now=now)


def customers_gone(model_label: str, *, keys: list[str], tenant: str | None = None, now: datetime | None = None) -> int:
    """The host deleted customers without another word: stop scoring them, keep what was decided."""
    moment = now or timezone.now()
    with transaction.atomic():
        gone = customers.mark_gone(model_label=model_label, keys=keys, now=moment, tenant=tenant)
        if gone < len(keys):
            _tell_exchange(model_label, tenant, moment)
        forget(customers.adapter_for(model_label), keys, tenant=tenant)
        _withdraw(list(_of(model_label, keys, tenant).values_list("pk", flat=True)), moment)
        if gone:
            emit_on_commit("customers.gone", adapter=model_label, count=gone)
    return gone


def _tell_exchange(model_label: str, tenant: str | None, now: datetime) -> None:
    """Somebody leaves who is no subject: an exchange of the scores that is under way must ask the host who is there."""
    if exchange.is_under_way(table_of(customers.adapter_for(model_label))):
        leave_nameless(model_label=model_label, tenant=tenant or "", now=now)


def _of(model_label: str, keys: list[str], tenant: str | None) -> SubjectQuerySet:
    found = Subject.objects.filter(model_label=model_label, key__in=keys)
    return found if tenant is None else found.for_tenant(tenant)


def _forget(subjects: SubjectQuerySet) -> None:
    for model_label, tenant, key in subjects.values_list("model_label", "tenant", "key"):
        forget(customers.adapter_for(model_label), [key], tenant=tenant)


def _withdraw_first(model_label: str, key: str, tenant: str | None, now: datetime) -> None:
    """Before any subject is locked: who offers or answers locks suggestions first, and two orders end in a deadlock.

    What is offered until the subject is locked is withdrawn afterwards.
    """
    _withdraw([pk for own in _of(model_label, [key], tenant) for pk in customers.family(own)], now)


def _withdraw(subjects: list[int], now: datetime) -> None:
    Suggestion.objects.filter(subject_id__in=subjects, state=State.OPEN).update(state=State.WITHDRAWN, answered_at=now)
