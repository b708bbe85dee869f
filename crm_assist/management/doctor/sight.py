"""Whether `visible()` answers for ordinary people: superusers, who often are the first to look, never ask it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime
from typing import Any

from django.core.exceptions import FieldDoesNotExist, FieldError
from django.db.models import Q, QuerySet

from crm_assist import customers
from crm_assist.customers import CustomerAdapter
from crm_assist.customers.people import request_of, users
from crm_assist.flow.shielding import savepoint
from crm_assist.management.doctor.finding import Finding, good, note
from crm_assist.management.doctor.trying import Wrong, fault, of_kind, tried
from crm_assist.types import Principal

MADE_UP = Principal(key="0", name="somebody without rights")
"""Where the host has no users yet."""


def sights(now: datetime) -> Iterator[Finding]:
    """Whether each adapter says who may see its customers, for a person without rights."""
    for adapter in customers.adapters().values():
        yield from _sight(adapter)


def _sight(adapter: CustomerAdapter) -> Iterator[Finding]:
    user = _ordinary_user()
    principal = MADE_UP
    if user is not None:
        try:
            with savepoint():
                principal = of_kind(adapter.principal(request_of(user)), Principal, "a crm_assist.types.Principal")
        except Exception as error:
            yield fault(adapter, "principal", error, about=f"asked as {user}")
            return
    yield from tried_visible(adapter, replace(principal, is_superuser=False, permissions=frozenset()))


def tried_visible(adapter: CustomerAdapter, principal: Principal) -> Iterator[Finding]:
    """Whether the rows that this person may see can be told, and read."""
    name = principal.name or principal.key
    yield from tried(adapter, "queryset", lambda: _rows(adapter, adapter.queryset()))
    yield from tried(adapter, "tenant_filter", lambda: _filter(adapter, adapter.tenant_filter(principal.tenant)))
    yield from tried(adapter, "silent_filter", lambda: _filter(adapter, adapter.silent_filter()))
    try:
        with savepoint(), adapter.tenant_context(principal.tenant):
            own = adapter.queryset().filter(adapter.tenant_filter(principal.tenant))
            seen = _rows(adapter, adapter.visible(principal, own))
    except Exception as error:
        found = fault(adapter, "visible", error, about=f"asked as {name}")
        # A rule may well need a real user; what no user could mend is said all the same.
        is_sure = principal.user is not None or isinstance(error, Wrong | FieldError)
        yield found if is_sure else note(found.text, "Make an ordinary user and ask again.")
    else:
        some = "some" if seen else "none"
        yield good(f"{adapter.model_label}: visible() answers for {name}, who sees {some} without a right")


def _rows(adapter: CustomerAdapter, found: Any) -> list[Any]:
    of_kind(found, QuerySet, f"a queryset of {adapter.model_label}")
    if not issubclass(found.model, adapter.model):
        raise Wrong(f"a queryset of {found.model._meta.label}, not of {adapter.model_label}")
    return list(found[:1])


def _filter(adapter: CustomerAdapter, found: Any) -> list[Any]:
    return list(adapter.queryset().filter(of_kind(found, Q, "a Q"))[:1])


def _ordinary_user() -> Any:
    """Somebody who may sign in, without rights where there is one; None where there are no users."""
    found = users()
    if found is None:
        return None
    try:
        found.model._meta.get_field("is_superuser")
    except FieldDoesNotExist:
        return found.first()
    return found.filter(is_superuser=False).first() or found.first()
