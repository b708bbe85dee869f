"""Checks of what `assist.py` registered, and of each adapter's answers."""

from __future__ import annotations

import inspect
from collections.abc import Iterator, Sequence
from typing import Any

from django.apps import AppConfig
from django.core.checks import CheckMessage, Error, Warning
from django.core.exceptions import FieldDoesNotExist

from crm_assist import customers
from crm_assist.customers import CustomerAdapter, keys, registration

MISFITS = {
    "not_a_model": ("E010", "is not a Django model", "Register a model class."),
    "abstract": ("E011", "is abstract and has no rows", "Register the models that inherit from it."),
    "proxy": (
        "E012",
        "is a proxy",
        "Register the model behind it, and leave rows out in the adapter's queryset().",
    ),
    "swapped": ("E013", "has been swapped for another model", "Register the model that replaces it."),
}
HOOKS = tuple(
    name for name, hook in vars(CustomerAdapter).items() if inspect.isfunction(hook) and not name.startswith("_")
)


def check_registration(app_configs: Sequence[AppConfig] | None = None, **kwargs: Any) -> list[CheckMessage]:
    """E010 to E013: what cannot hold customers; W001: nothing is registered."""
    messages: list[CheckMessage] = []
    for misfit in registration.misfits:
        code, fault, hint = MISFITS[misfit.fault]
        name = getattr(getattr(misfit.model, "_meta", None), "label", repr(misfit.model))
        text = f"{name} {fault}, so {misfit.adapter.__name__} cannot speak for it."
        messages.append(Error(text, hint=hint, obj=misfit.adapter, id=f"crm_assist.{code}"))
    if not messages and not customers.adapters():
        hint = "Write an assist.py in one of your apps with @customers.register(YourCustomer) on an adapter."
        messages.append(Warning("No customer model is registered.", hint=hint, id="crm_assist.W001"))
    return messages


def check_adapters(app_configs: Sequence[AppConfig] | None = None, **kwargs: Any) -> list[CheckMessage]:
    """E020 to E023 and W002, W003, W005: keys, targets and questions of every adapter."""
    return [message for adapter in customers.adapters().values() for message in _faults_of(adapter)]


def _faults_of(adapter: CustomerAdapter) -> Iterator[CheckMessage]:
    yield from _key_faults(adapter)
    if not isinstance(adapter.main_target, str):
        hint = 'Give the name of a target, or "" for the one marked as main.'
        yield Error(f"main_target is {adapter.main_target!r}.", hint=hint, obj=_of(adapter), id="crm_assist.E022")
    yield from _hook_faults(adapter)
    if not _overrides(adapter, "visible"):
        yield _warning(
            adapter,
            "W002",
            "visible() is not told, so that only superusers see a score.",
            "Return the customers this principal may see: def visible(self, principal, queryset).",
        )
    if not (_overrides(adapter, "consent") or _overrides(adapter, "consents")):
        yield _warning(
            adapter,
            "W003",
            "consent() is not told, so that nothing will ever be suggested.",
            "Return crm_assist.types.Consent from what the customer agreed to: def consent(self, obj).",
        )
    told = {name for name in ("principal", "tenant", "tenant_filter") if _overrides(adapter, name)}
    if "tenant" in told or "tenant_filter" in told:
        yield from _tenant_faults(adapter, told)


def _key_faults(adapter: CustomerAdapter) -> Iterator[CheckMessage]:
    try:
        field: Any = adapter.model._meta.get_field(adapter.key_field) if adapter.key_field else None
    except FieldDoesNotExist:
        known = ", ".join(item.name for item in adapter.model._meta.concrete_fields if item.unique)
        text, hint = f"key_field {adapter.key_field!r} is no field of the model.", f"Unique fields: {known}."
        yield Error(text, hint=hint, obj=_of(adapter), id="crm_assist.E020")
        return
    if field is not None and (not _is_unique(field) or field.null or field.is_relation):
        text = f"key_field {adapter.key_field!r} is not unique for every row, or may be empty."
        hint = "Name a plain field with unique=True and without null=True, or leave key_field out."
        yield Error(text, hint=hint, obj=_of(adapter), id="crm_assist.E021")
        return
    width = getattr(adapter.field(), "max_length", None)
    if width is not None and width > keys.LONGEST:
        text = f"Keys may be {width} characters long; only {keys.LONGEST} fit."
        hint = "Name a shorter unique field as key_field; customers with longer keys are not found."
        yield Warning(text, hint=hint, obj=_of(adapter), id="crm_assist.W006")


def _is_unique(field: Any) -> bool:
    alone = (item.fields for item in field.model._meta.total_unique_constraints)
    return bool(field.unique or (field.name,) in alone)


def _hook_faults(adapter: CustomerAdapter) -> Iterator[CheckMessage]:
    for name in HOOKS:
        wanted = list(inspect.signature(getattr(CustomerAdapter, name)).parameters)
        hook = inspect.getattr_static(type(adapter), name)
        if isinstance(hook, staticmethod | classmethod):
            hook, given = hook.__func__, [None] * (len(wanted) - isinstance(hook, staticmethod))
        else:
            given = [None] * len(wanted)
        try:
            inspect.signature(hook).bind(*given)
        except (TypeError, ValueError):
            text = f"{name}() cannot be called as {name}({', '.join(wanted[1:])})."
            hint = f"Write it as def {name}({', '.join(wanted)})."
            yield Error(text, hint=hint, obj=_of(adapter), id="crm_assist.E023")


def _tenant_faults(adapter: CustomerAdapter, told: set[str]) -> Iterator[CheckMessage]:
    for name in ("principal", "tenant", "tenant_filter"):
        if name not in told:
            yield _warning(
                adapter,
                "W005",
                f"{' and '.join(sorted(told))} know of tenants, but {name}() is not told.",
                "Tell all three: principal() for who asks, tenant() for one customer, tenant_filter() for a set.",
            )


def _overrides(adapter: CustomerAdapter, name: str) -> bool:
    return getattr(type(adapter), name) is not getattr(CustomerAdapter, name)


def _warning(adapter: CustomerAdapter, code: str, text: str, hint: str) -> CheckMessage:
    return Warning(text, hint=hint, obj=_of(adapter), id=f"crm_assist.{code}")


def _of(adapter: CustomerAdapter) -> str:
    """How messages name the adapter."""
    return f"{type(adapter).__name__} ({adapter.model_label})"
