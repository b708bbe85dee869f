"""How a host tells us what its signals cannot: rows changed in bulk, merged, erased."""

from __future__ import annotations

from collections.abc import Iterable

from django.db import transaction
from django.db.models import Model
from django.dispatch import Signal

from crm_assist.customers.adapter import CustomerAdapter
from crm_assist.customers.pending import send_after_commit
from crm_assist.customers.registration import adapter_for

changed = Signal()
"""Internal, after commit: `model_label`, `keys` (a frozenset of texts)."""

merged = Signal()
"""Internal, at once: `model_label`, `from_key`, `to_key`."""

erased = Signal()
"""Internal, at once: `model_label`, `key`."""


def notify_changed(model: type[Model] | str, keys: Iterable[object]) -> None:
    """Call this after `.update()`, `bulk_update()` or raw SQL; taken up after commit."""
    adapter = adapter_for(model)
    for key in keys:
        send_after_commit(changed, adapter.model_label, as_key(adapter, key))


def notify_merged(model: type[Model] | str, from_key: object, to_key: object) -> None:
    """Call this when two records became one, within your transaction; raises when it cannot be done."""
    adapter = adapter_for(model)
    pair = {"from_key": as_key(adapter, from_key), "to_key": as_key(adapter, to_key)}
    with transaction.atomic():
        merged.send(sender=None, model_label=adapter.model_label, **pair)


def notify_erased(model: type[Model] | str, key: object) -> None:
    """Call this when a customer must be forgotten, within your transaction; raises when it cannot."""
    adapter = adapter_for(model)
    with transaction.atomic():
        erased.send(sender=None, model_label=adapter.model_label, key=as_key(adapter, key))


def as_key(adapter: CustomerAdapter, given: object) -> str:
    """The key's text from a record, a raw key value or the text itself; BadKey if it is none of them."""
    if isinstance(given, Model):
        return adapter.key(given)
    if isinstance(given, str):
        adapter.parse_key(given)
        return given
    text = adapter.key_text(given)
    adapter.parse_key(text)
    return text
