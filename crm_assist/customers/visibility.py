"""Which customers a person may see; whoever may not see one learns nothing of it, not even that it exists."""

from __future__ import annotations

import logging
from collections.abc import Collection, Iterator, Sequence
from itertools import islice
from typing import Any, TypeVar

from django.db import DatabaseError
from django.db.models import QuerySet
from django.http import HttpRequest

from crm_assist.customers.adapter import CustomerAdapter
from crm_assist.customers.keys import BadKey
from crm_assist.customers.principal import NOBODY, principal_from
from crm_assist.customers.registration import adapter_for, adapters
from crm_assist.registry import NotRegistered
from crm_assist.types import Principal

T = TypeVar("T")
KEYS_PER_QUERY = 900
"""Old SQLite takes 999 parameters; nothing gets faster above."""

logger = logging.getLogger("crm_assist.customers")


class CustomerNotFound(LookupError):
    """No such customer for this person: unknown, unreadable, invisible or another tenant's alike."""

    def __init__(self) -> None:
        super().__init__("There is no such customer here.")


def principal_of(request: HttpRequest, adapter: CustomerAdapter | None = None) -> Principal:
    """Who asks, by the given adapter or the first registered one; nobody when the host's rule fails."""
    try:
        return who_asks(request, adapter)
    except Exception:
        logger.exception("The principal of a request could not be found; it counts as nobody")
        return NOBODY


def who_asks(request: HttpRequest, adapter: CustomerAdapter | None = None) -> Principal:
    """Who asks, as `principal_of` tells it, but what keeps us from knowing is raised: it is not that nobody asks."""
    chosen = adapter or next(iter(adapters().values()), None)
    try:
        principal = chosen.principal(request) if chosen else principal_from(request)
        if not isinstance(principal, Principal):
            raise TypeError(f"principal() must return a crm_assist.types.Principal, not {principal!r:.80}.")
    except DatabaseError:
        raise
    except Exception:
        # A host's rule may stumble over whoever is not signed in, who has no profile to read a team from.
        if not principal_from(request).key:
            return NOBODY
        raise
    return principal


def visible_to(principal: Principal, adapter: CustomerAdapter) -> QuerySet[Any]:
    """The customers this person may see: of the own tenant, and all of those only for superusers."""
    if not principal.key:
        return adapter.queryset().none()
    own, of_tenant = adapter.queryset(), adapter.tenant_filter(principal.tenant)
    own = own.filter(of_tenant) if of_tenant else own
    return own if principal.is_superuser else adapter.visible(principal, own)


def with_key(queryset: QuerySet[Any], adapter: CustomerAdapter, key: str) -> QuerySet[Any]:
    """The rows of one customer, or CustomerNotFound when the text cannot be a key."""
    try:
        return queryset.filter(**{adapter.key_path: adapter.parse_key(key)})
    except BadKey as error:
        raise CustomerNotFound from error


def resolve(principal: Principal, model_label: str, key: str) -> Any:
    """The customer as a fresh record, or CustomerNotFound, which tells nobody why."""
    try:
        adapter = adapter_for(model_label)
    except NotRegistered as error:
        raise CustomerNotFound from error
    # A host's rule may join many-relations: the same row twice is still one customer.
    obj = next(iter(with_key(visible_to(principal, adapter), adapter, key)[:1]), None)
    if obj is None or not is_of_tenant(adapter, obj, principal.tenant):
        raise CustomerNotFound
    return obj


def is_of_tenant(adapter: CustomerAdapter, obj: Any, tenant: str) -> bool:
    """Whether the customer belongs to the tenant; no, when the host cannot tell."""
    try:
        return adapter.tenant(obj) == tenant
    except Exception:
        logger.exception("The tenant of a customer of %s could not be told", adapter.model_label)
        return False


def load(adapter: CustomerAdapter, keys: Collection[str], *, tenant: str | None = None) -> dict[str, Any]:
    """The existing customers among these keys, or those of one tenant, whoever may see them: for background work."""
    rows = adapter.queryset() if tenant is None else adapter.queryset().filter(adapter.tenant_filter(tenant))
    found: dict[str, Any] = {}
    for some in chunks(sorted(set(keys)), KEYS_PER_QUERY):
        values = [value for value in (_parsed(adapter, key) for key in some) if value is not None]
        for obj in rows.filter(**{f"{adapter.key_path}__in": values}):
            found[adapter.key(obj)] = obj
    return found


def _parsed(adapter: CustomerAdapter, key: str) -> Any:
    try:
        return adapter.parse_key(key)
    except BadKey:
        return None


def chunks(items: Collection[T], size: int) -> Iterator[Sequence[T]]:
    """The items in lists of at most `size`."""
    rest = iter(items)
    while some := list(islice(rest, size)):
        yield some
