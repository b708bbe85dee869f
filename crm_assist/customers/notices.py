"""How a host tells us what its signals cannot: rows changed in bulk, merged, erased."""

from __future__ import annotations

import logging
from collections.abc import Collection, Iterable

from django.apps import apps
from django.db import transaction
from django.db.models import Model
from django.dispatch import Signal

from crm_assist.customers.adapter import CustomerAdapter
from crm_assist.customers.pending import after_commit
from crm_assist.customers.registration import adapter_for
from crm_assist.customers.visibility import load

changed = Signal()
"""Internal, after commit: `model_label`, `keys` of customers that exist for us."""

gone = Signal()
"""Internal, after commit: `model_label`, `keys` of customers that were deleted or put into the trash."""

merged = Signal()
"""Internal, at once: `model_label`, `from_key`, `to_key`, `tenant`."""

erased = Signal()
"""Internal, at once: `model_label`, `key`."""

logger = logging.getLogger("crm_assist.customers")


def notify_changed(model: type[Model] | str, keys: Iterable[object]) -> None:
    """Call this after `.update()`, `bulk_update()` or raw SQL; taken up after commit."""
    adapter = adapter_for(model)
    with transaction.atomic():  # so that all of them are taken up together
        for key in keys:
            note(adapter, as_key(adapter, key))


class MergeRefused(ValueError):
    """The merge would make a customer stand for itself, or for one of another tenant."""


def notify_merged(model: type[Model] | str, from_key: object, to_key: object) -> None:
    """Call this when two records became one, within your transaction; raises when it cannot be done.

    MergeRefused for a customer of another tenant: no history may pass from one tenant to another.
    """
    adapter = adapter_for(model)
    loser, winner = as_key(adapter, from_key), as_key(adapter, to_key)
    there = load(adapter, [loser, winner])
    tenant = adapter.tenant(there[winner]) if winner in there else ""
    # A loser that the host has deleted by now belongs where we knew it.
    known = {adapter.tenant(there[loser])} if loser in there else _tenants_of(adapter, loser)
    if known and tenant not in known:
        raise MergeRefused(f"{adapter.model_label} {loser} is of another tenant than {winner}; they cannot be merged.")
    with transaction.atomic():
        merged.send(sender=None, model_label=adapter.model_label, from_key=loser, to_key=winner, tenant=tenant)


def _tenants_of(adapter: CustomerAdapter, key: str) -> set[str]:
    subjects = apps.get_model("crm_assist", "Subject")._default_manager.filter(model_label=adapter.model_label, key=key)
    return set(subjects.values_list("tenant", flat=True))


def notify_erased(model: type[Model] | str, key: object) -> None:
    """Call this when a customer must be forgotten, within your transaction; raises when it cannot."""
    adapter = adapter_for(model)
    with transaction.atomic():
        erased.send(sender=None, model_label=adapter.model_label, key=as_key(adapter, key))


def note(adapter: CustomerAdapter, key: str, using: str = "default") -> None:
    """Remember that this customer changed until the host's transaction is through."""
    after_commit(adapter.model_label, key, _tell, using=using)


def _tell(model_label: str, keys: Collection[str]) -> None:
    """Nothing of ours may reach the host, whose work is done: it is logged, and the sweep finds the change."""
    try:
        there = load(adapter_for(model_label), keys)
        for signal, some in ((changed, set(there)), (gone, set(keys) - set(there))):
            if some:
                signal.send(sender=None, model_label=model_label, keys=frozenset(some))
    except Exception:
        logger.exception("Changed customers of %s were not taken up", model_label)


def as_key(adapter: CustomerAdapter, given: object) -> str:
    """The key's text from a record, a raw key value or the text itself; BadKey if it is none of them."""
    if isinstance(given, Model):
        return adapter.key(given)
    text = given if isinstance(given, str) else adapter.key_text(given)
    adapter.parse_key(text)
    return text
