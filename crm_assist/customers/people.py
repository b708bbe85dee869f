"""The people who ask, where the host has a user model: their names, and themselves without a request of theirs."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from functools import reduce
from operator import or_
from typing import Any

from django.apps import apps
from django.conf import settings
from django.core.exceptions import FieldDoesNotExist, ValidationError
from django.db.models import Model, Q, QuerySet
from django.http import HttpRequest

from crm_assist.customers.principal import name_of

NAMES = ("first_name", "last_name", "email")


def user_model() -> type[Model] | None:
    """The host's user model, or None where there are no users."""
    if not apps.is_installed("django.contrib.auth") and settings.AUTH_USER_MODEL == "auth.User":
        return None
    try:
        return apps.get_model(settings.AUTH_USER_MODEL)
    except (LookupError, ValueError):
        return None


def users() -> QuerySet[Any] | None:
    """Everybody who may sign in, by name; None where there are no users."""
    model = user_model()
    if model is None:
        return None
    found = model._default_manager.order_by(_username(model), "pk")
    return found.filter(is_active=True) if _has(model, "is_active") else found


def named_like(found: QuerySet[Any], text: str) -> QuerySet[Any]:
    """The users among these whose user name, name or address holds each word of the text."""
    fields = [name for name in (_username(found.model), *NAMES) if _has(found.model, name)]
    for word in text.split()[:5]:
        found = found.filter(reduce(or_, (Q(**{f"{name}__icontains": word}) for name in fields)))
    return found


def names_of(keys: Collection[str]) -> Mapping[str, str]:
    """The names of the users behind these keys, in one statement; whoever is not known is left out."""
    model = user_model()
    if model is None:
        return {}
    wanted = {}
    for key in keys:
        try:
            wanted[model._meta.pk.to_python(key)] = key
        except (ValidationError, ValueError, TypeError):
            continue
    if not wanted:
        return {}
    return {wanted[user.pk]: name_of(user) for user in model._base_manager.filter(pk__in=list(wanted))}


def request_of(user: Any) -> HttpRequest:
    """A request as this user would make it, for hosts' rules that read one."""
    request = HttpRequest()
    request.method, request.user = "GET", user
    return request


def _username(model: Any) -> str:
    return str(getattr(model, "USERNAME_FIELD", "pk"))


def _has(model: type[Model], name: str) -> bool:
    try:
        return bool(model._meta.get_field(name))
    except FieldDoesNotExist:
        return False
