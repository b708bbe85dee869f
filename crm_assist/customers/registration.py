"""Which models hold customers, and the adapter of each. Importable before Django's apps are ready."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, TypeVar

from django.db.models import Model

from crm_assist.customers.adapter import CustomerAdapter
from crm_assist.registry import NotRegistered, Registry

A = TypeVar("A", bound=type[CustomerAdapter])

_registry: Registry[str, CustomerAdapter] = Registry("Customer model")


@dataclass(frozen=True, kw_only=True, slots=True)
class Misfit:
    """Something that was registered but cannot hold customers; the system checks report it."""

    model: Any
    adapter: type[CustomerAdapter]
    fault: str


misfits: list[Misfit] = []


def register(*models: type[Model]) -> Callable[[A], A]:
    """Class decorator: this adapter speaks for these models. AlreadyRegistered when a model has one."""

    def decorate(adapter_class: A) -> A:
        for model in models:
            fault = fault_of(model)
            if fault:
                misfits.append(Misfit(model=model, adapter=adapter_class, fault=fault))
            else:
                _registry.register(model._meta.label, adapter_class(model))
        return adapter_class

    return decorate


def fault_of(model: Any) -> str:
    """Why this cannot be registered: `not_a_model`, `abstract`, `proxy`, `swapped`, or nothing."""
    if not (isinstance(model, type) and issubclass(model, Model) and hasattr(model, "_meta")):
        return "not_a_model"
    for fault in ("abstract", "proxy", "swapped"):
        if getattr(model._meta, fault):
            return fault
    return ""


def adapters() -> dict[str, CustomerAdapter]:
    """Every adapter by the label of its model, in the order of registration."""
    return dict(_registry.items())


def adapter_for(model: type[Model] | str) -> CustomerAdapter:
    """The adapter of a model, of a proxy or child of it, or of a label; NotRegistered otherwise."""
    if isinstance(model, str):
        return _registry.get(model)
    for ancestor in model.__mro__:
        label = str(getattr(getattr(ancestor, "_meta", None), "label", ""))
        if label in _registry:
            return _registry.get(label)
    raise NotRegistered(
        f"{model._meta.label} is not registered; write @customers.register({model.__name__}) in assist.py."
    )


def key_of(obj: Model) -> str:
    """The key of a customer of any registered model."""
    return adapter_for(type(obj)).key(obj)


@contextmanager
def registered(model: type[Model], adapter_class: type[CustomerAdapter]) -> Iterator[CustomerAdapter]:
    """Use this adapter for the length of a block, in place of any other of the model: for tests."""
    with _registry.temporarily(model._meta.label, adapter_class(model)) as adapter:
        yield adapter
