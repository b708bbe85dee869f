"""Subjects: made on first need, safe in a race, followed through merges, made nameless on erasure."""

from __future__ import annotations

import secrets
from collections.abc import Collection
from datetime import datetime

from django.db import IntegrityError, transaction

from crm_assist.customers.keys import typed
from crm_assist.customers.models import Subject, SubjectQuerySet
from crm_assist.customers.notices import MergeRefused
from crm_assist.customers.registration import adapter_for
from crm_assist.customers.visibility import KEYS_PER_QUERY, chunks

LONGEST_CHAIN = 100
"""More merges than this in a row are a fault, not a customer."""


def subject_for(*, model_label: str, key: str, tenant: str, now: datetime, looked: bool = False) -> Subject:
    """The subject that stands for this customer now, made if need be; BadKey if the text is no key.

    `looked` says that there was none a moment ago, which saves a statement and decides nothing.
    """
    return end_of(own_subject(model_label=model_label, key=key, tenant=tenant, now=now, looked=looked))


def own_subject(*, model_label: str, key: str, tenant: str, now: datetime, looked: bool = False) -> Subject:
    """The customer's own row, even after it was merged into another."""
    found = None if looked else Subject.objects.of(model_label, key, tenant).first()
    if found is not None:
        return found  # type: ignore[no-any-return]
    made = new_subject(model_label=model_label, key=key, tenant=tenant, now=now)
    try:
        with transaction.atomic():
            made.save(force_insert=True)
            return made
    except IntegrityError:  # the unique constraint settles a race: whoever comes second reads the first one's row
        return Subject.objects.get(tenant=tenant, model_label=model_label, key=key)


def new_subject(*, model_label: str, key: str, tenant: str, now: datetime) -> Subject:
    """A subject for a customer whom nobody has met yet, not saved; BadKey if the text is no key."""
    columns = typed(adapter_for(model_label).parse_key(key))
    return Subject(tenant=tenant, model_label=model_label, key=key, created_at=now, **columns)


def end_of(subject: Subject) -> Subject:
    """Where a chain of merges ends; one statement per merge."""
    for _ in range(LONGEST_CHAIN):
        if subject.merged_into_id is None:
            return subject
        subject = Subject.objects.get(pk=subject.merged_into_id)
    raise MergeRefused(f"subject {subject.pk} is merged in a circle or more than {LONGEST_CHAIN} times.")


def family(subject: Subject) -> list[int]:
    """The ids of this subject and of all that were merged into it: one customer's whole history."""
    ids = layer = [subject.pk]
    while layer:
        layer = list(Subject.objects.filter(merged_into__in=layer).values_list("pk", flat=True))
        ids = [*ids, *layer]
    return ids


def merge(*, model_label: str, from_key: str, to_key: str, tenant: str, now: datetime) -> Subject:
    """From now on `from_key` stands for `to_key`; told twice changes nothing, a circle is refused."""
    with transaction.atomic():
        loser, winner = (
            own_subject(model_label=model_label, key=key, tenant=tenant, now=now) for key in (from_key, to_key)
        )
        # Locked in one order, so that two merges of the same customers wait for each other.
        list(Subject.objects.select_for_update().filter(pk__in=[loser.pk, winner.pk]).order_by("pk"))
        loser.refresh_from_db()
        winner = end_of(Subject.objects.get(pk=winner.pk))
        if winner.pk == loser.pk:
            raise MergeRefused(f"{model_label} {to_key} stands for {from_key} already; merge the other way round.")
        loser.merged_into = winner
        loser.gone_at = loser.gone_at or now
        loser.save(update_fields=["merged_into", "gone_at"])
        # Chains stay one link long: what reads a customer's history asks for one link alone.
        Subject.objects.filter(merged_into=loser).update(merged_into=winner)
    return winner


def erase(*, model_label: str, key: str, now: datetime, tenant: str | None = None) -> list[int]:
    """Take the key off this customer's rows and those merged into it; the ids of all, none if unknown."""
    own = Subject.objects.filter(model_label=model_label, key=key)
    if tenant is not None:
        own = own.filter(tenant=tenant)
    with transaction.atomic():
        ids = sorted({pk for subject in own for pk in family(subject)})
        for subject in Subject.objects.select_for_update().filter(pk__in=ids).order_by("pk"):
            subject.key = f"erased:{secrets.token_hex(16)}"
            subject.key_int = subject.key_uuid = None
            subject.seen_hash = ""
            subject.erased_at = subject.erased_at or now
            subject.gone_at = subject.gone_at or now
            subject.save()
    return ids


def leave_nameless(*, model_label: str, tenant: str, now: datetime) -> None:
    """A subject without a key, as an erased one is: somebody left whom nobody had met, and nothing says who."""
    key = f"erased:{secrets.token_hex(16)}"
    Subject.objects.create(model_label=model_label, tenant=tenant, key=key, created_at=now, erased_at=now, gone_at=now)


def mark_gone(*, model_label: str, keys: Collection[str], now: datetime, tenant: str | None = None) -> int:
    """The host no longer has these customers: keep their history, stop scoring; how many were marked."""
    return sum(
        _of_tenant(tenant).filter(model_label=model_label, key__in=some, gone_at=None).update(gone_at=now)
        for some in chunks(sorted(keys), KEYS_PER_QUERY)
    )


def mark_back(*, model_label: str, keys: Collection[str], tenant: str | None = None) -> int:
    """The host has these customers again; merged and erased ones stay away, and those whose erasure is put off."""
    return sum(
        _of_tenant(tenant)
        .filter(model_label=model_label, key__in=some, merged_into=None, erased_at=None, gone_at__isnull=False)
        .filter(erasure_due_at=None)
        .update(gone_at=None)
        for some in chunks(sorted(keys), KEYS_PER_QUERY)
    )


def _of_tenant(tenant: str | None) -> SubjectQuerySet:
    return Subject.objects.all() if tenant is None else Subject.objects.for_tenant(tenant)
