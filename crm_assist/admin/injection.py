"""From outside: every registered customer model on every admin site gets the mixin, and nobody edits the host."""

from __future__ import annotations

import inspect
import logging
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from django.contrib.admin.sites import all_sites
from django.core.signals import request_started
from django.db.models import Model
from django.urls import get_resolver

from crm_assist import customers
from crm_assist.admin.panel import AssistPanelMixin
from crm_assist.conf import settings

logger = logging.getLogger("crm_assist.admin")
ANSWERING = ("change_view", "changeform_view", "_changeform_view", "render_change_form")
"""The methods of a ModelAdmin that answer for the record page."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Place:
    """One page of the host: its site, its model, and how the panel came there, or why it did not.

    `how` is `injected`, `mixin`, `off`, `own_answer` (the host answers by itself: no panel) or `refused`.
    """

    site: str
    model: str
    admin: str
    how: str

    @property
    def has_panel(self) -> bool:
        """Whether the panel stands there."""
        return self.how in ("injected", "mixin")


_seen: list[Any] = []
"""Every ModelAdmin that stood on a site when we looked last; a count would miss one that took another's place."""


def connect() -> None:
    """Wrap what is registered now, and again when a request comes: hosts register at their own time."""
    inject()
    request_started.connect(_on_request, dispatch_uid="crm_assist:admin")


def _on_request(**kwargs: Any) -> None:
    global _seen
    if not _seen:
        try:
            # The request is about to load the addresses; they may register a site, whose first page is this one.
            _ = get_resolver().url_patterns
        except Exception:
            logger.debug("The addresses could not be loaded yet", exc_info=True)
    registered = [admin for site in all_sites for admin in site._registry.values()]
    if registered != _seen:
        _seen = registered
        inject()


def inject() -> None:
    """Put the mixin in front of each such ModelAdmin's class; done twice it changes nothing, off it does nothing."""
    if not settings.ADMIN_PANEL:
        return
    for _site, _model, admin in _customer_admins():
        if not isinstance(admin, AssistPanelMixin):
            _swap(admin)


def _swap(admin: Any) -> None:
    host = type(admin)
    names = {"__module__": host.__module__, "__qualname__": host.__qualname__, "crm_assist_injected": True}
    try:
        # The class and not single methods: `super()` then reaches the host's own, and Django's checks stay content.
        admin.__class__ = type(host.__name__, (AssistPanelMixin, host), names)
    except Exception:  # a host may forbid subclasses in any way it likes
        logger.warning(
            "%s cannot be extended from outside; the panel stays away from its pages", host.__qualname__, exc_info=True
        )


def places() -> list[Place]:
    """Every page of a customer on every admin site, with what happened to it."""
    inject()
    return [
        Place(site=site.name, model=model._meta.label, admin=type(admin).__qualname__, how=_how(admin))
        for site, model, admin in _customer_admins()
    ]


def _customer_admins() -> Iterator[tuple[Any, type[Model], Any]]:
    known = {adapter.model for adapter in customers.adapters().values()}
    for site in sorted(all_sites, key=lambda site: site.name):
        for model, admin in list(site._registry.items()):
            if known.intersection(model.__mro__):
                yield site, model, admin


def _how(admin: Any) -> str:
    if not isinstance(admin, AssistPanelMixin):
        return "refused" if settings.ADMIN_PANEL else "off"
    if not admin.crm_assist_is_on:
        return "off"
    if answers_alone(type(admin)):
        return "own_answer"
    return "injected" if admin.crm_assist_injected else "mixin"


def answers_alone(admin: type[Any]) -> bool:
    """Whether the host's class answers for the record page without asking Django's: then there is nothing to wrap."""
    for owner in admin.__mro__:
        if owner.__module__.startswith(("django.contrib.admin", "crm_assist.")):
            continue
        for name in ANSWERING:
            if name in vars(owner) and not _goes_on(vars(owner)[name]):
                return True
    return False


def _goes_on(method: Any) -> bool:
    """Whether a method hands on to the one that it replaces, or to another that answers."""
    code = getattr(inspect.unwrap(method), "__code__", None)
    return code is None or not {"super", *ANSWERING}.isdisjoint(code.co_names)
