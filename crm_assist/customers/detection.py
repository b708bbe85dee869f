"""Changes seen through the host's own `save()` and `delete()`; what goes round them is told or swept."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from functools import partial
from typing import Any

from django.apps import apps
from django.core.exceptions import FieldDoesNotExist, ObjectDoesNotExist
from django.db.models import Model
from django.db.models.signals import post_delete, post_save

from crm_assist.customers.adapter import CustomerAdapter
from crm_assist.customers.notices import note
from crm_assist.customers.registration import adapter_for, adapters

logger = logging.getLogger("crm_assist.customers")


class BadSender(ValueError):
    """An entry of EXTRA_SENDERS that leads to no registered customer."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Sender:
    """A further model whose rows belong to a customer: the path of attributes from the row to it."""

    model: type[Model]
    path: tuple[str, ...]
    adapter: CustomerAdapter

    def customer(self, instance: Any) -> Any:
        """The customer of a row, or None when it has none."""
        for name in self.path:
            try:
                instance = getattr(instance, name)
            except ObjectDoesNotExist:
                return None
            if instance is None:
                return None
        return instance


def sender_of(entry: str) -> Sender:
    """Read `app.Model:path_to_customer`, or raise BadSender saying what is wrong."""
    label, colon, path = str(entry).partition(":")
    if not colon or not path:
        raise BadSender(f"{entry!r} is not of the form app.Model:path_to_customer.")
    try:
        model = origin = apps.get_model(label)
        steps = tuple(path.replace(".", "__").split("__"))
        for step in steps:
            model = model._meta.get_field(step).related_model
        accessors = tuple(_accessors(origin, steps))
        return Sender(model=origin, path=accessors, adapter=adapter_for(model))
    except (LookupError, ValueError, AttributeError, FieldDoesNotExist) as error:
        raise BadSender(f"{entry!r} does not lead to a registered customer model: {error}") from error


def _accessors(model: Any, steps: Iterable[str]) -> Iterator[str]:
    for step in steps:
        field = model._meta.get_field(step)
        if field.one_to_many or field.many_to_many:
            raise ValueError(f"{step} leads to many rows; name a path that leads to one.")
        yield field.get_accessor_name() if field.auto_created and not field.concrete else field.name
        model = field.related_model


def connect(extra: Iterable[str]) -> None:
    """Listen to every registered model, its proxies and children, and the extra senders; safe twice."""
    for adapter in adapters().values():
        for model in _with_descendants(adapter.model):
            _listen(model, f"{adapter.model_label}<{model._meta.label}", partial(_saw, adapter, _itself))
    for entry in extra:
        try:
            sender = sender_of(entry)
        except BadSender:
            continue  # The system checks name it; start-up must not fail for it.
        _listen(sender.model, entry, partial(_saw, sender.adapter, sender.customer))


def _with_descendants(model: type[Model]) -> list[type[Model]]:
    """Saving a proxy or a child sends the signal of that class, not of the registered one."""
    below = [found for child in model.__subclasses__() for found in _with_descendants(child)]
    return [model, *(child for child in below if not child._meta.abstract)]


def _listen(model: type[Model], uid: str, receiver: Callable[..., None]) -> None:
    for signal in (post_save, post_delete):
        signal.connect(receiver, sender=model, weak=False, dispatch_uid=f"crm_assist:{uid}")


def _itself(instance: Any) -> Any:
    return instance


def _saw(
    adapter: CustomerAdapter,
    customer_of: Callable[[Any], Any],
    *,
    instance: Any,
    raw: bool = False,
    update_fields: Iterable[str] | None = None,
    using: str = "default",
    **kwargs: Any,
) -> None:
    """Note the customer for after the commit; nothing that goes wrong here may reach the host's save."""
    if raw or (update_fields and set(update_fields) <= adapter.ignored_updates):
        return
    try:
        customer = customer_of(instance)
        if customer is not None:
            note(adapter, adapter.key(customer), using)
    except Exception:
        logger.exception("A change of %s was not noticed", adapter.model_label)
