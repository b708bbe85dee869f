"""Who asks: a person by text key, so that any user model, or none, will do."""

from __future__ import annotations

import logging
from collections.abc import Iterator, Set
from typing import Any

from django.http import HttpRequest

from crm_assist.types import Principal

PERMISSIONS = (
    "change_phase",
    "publish_card",
    "change_product_catalogue",
    "change_rules",
    "view_log",
    "export_log",
    "export_names",
    "declare_target",
    "record_outcome",
    "view_health",
    "manage_runs",
    "manage_holds",
    "view_dossier",
    "view_agent",
)
"""The codenames of our permissions, under the app label `crm_assist`."""

NOBODY = Principal(key="")
"""Somebody who is not logged in: may nothing, sees nothing."""

logger = logging.getLogger("crm_assist.customers")


class HeldPermissions(Set[str]):
    """Our permissions that a user holds, asked from the host only when somebody wants to know."""

    def __init__(self, user: Any) -> None:
        self._user = user

    def __contains__(self, codename: object) -> bool:
        try:
            return codename in PERMISSIONS and bool(self._user.has_perm(f"crm_assist.{codename}"))
        except Exception:
            # Some backends raise on apps they do not know; what cannot be read is not held.
            logger.exception("The permission %s could not be read", codename)
            return False

    def __iter__(self) -> Iterator[str]:
        return (codename for codename in PERMISSIONS if codename in self)

    def __len__(self) -> int:
        return sum(1 for _ in self)

    def __hash__(self) -> int:
        return self._hash()

    @classmethod
    def _from_iterable(cls, it: Any) -> Any:
        return frozenset(it)


def principal_from(request: HttpRequest) -> Principal:
    """The principal of `request.user`; nobody where that is absent, anonymous or no longer active."""
    user: Any = getattr(request, "user", None)
    if user is None or not getattr(user, "is_authenticated", False) or not getattr(user, "is_active", True):
        return NOBODY
    return Principal(
        key=str(user.pk),
        name=name_of(user),
        permissions=HeldPermissions(user) if hasattr(user, "has_perm") else frozenset(),
        is_superuser=bool(getattr(user, "is_superuser", False)),
        user=user,
    )


def name_of(user: Any) -> str:
    """How people call a user: the full name, else the user name."""
    for name in ("get_full_name", "get_username"):
        text = str(getattr(user, name)()) if hasattr(user, name) else ""
        if text.strip():
            return text
    return str(user)
