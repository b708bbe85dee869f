"""Who asks, remembered for the length of a request: one page of the admin asks many times."""

from __future__ import annotations

from typing import Any

from django.db.models import Model
from django.http import HttpRequest

from crm_assist import customers, flow
from crm_assist.types import Principal

KEPT = "_crm_assist_kept"


def principal_of(request: HttpRequest, adapter: customers.CustomerAdapter | None = None) -> Principal:
    """The person by the given adapter, or by the first; nobody when the host's rule fails."""
    label = adapter.model_label if adapter else ""
    kept = _kept(request)
    # The user is part of the key: hosts put somebody else into a request, to look through their eyes.
    name = ("principal", label, getattr(getattr(request, "user", None), "pk", None))
    if name not in kept:
        kept[name] = customers.principal_of(request, adapter)
    found: Principal = kept[name]
    return found


def sight_of(request: HttpRequest, model: type[Model]) -> flow.ListSight | None:
    """What the person may see of the scores of this kind of customer, asked once."""
    adapter = customers.adapter_for(model)
    principal, kept = principal_of(request, adapter), _kept(request)
    name = ("sight", adapter.model_label, principal.key)
    if name not in kept:
        kept[name] = flow.list_sight(principal, adapter.model_label)
    found: flow.ListSight | None = kept[name]
    return found


def _kept(request: HttpRequest) -> dict[Any, Any]:
    kept: dict[Any, Any] = request.__dict__.setdefault(KEPT, {})
    return kept
