"""Checks of the project around us."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.apps import AppConfig
from django.conf import settings
from django.core.checks import CheckMessage, Warning
from django.urls import get_resolver


def check_site(app_configs: Sequence[AppConfig] | None = None, **kwargs: Any) -> list[CheckMessage]:
    """W004: our addresses are not included, so that no panel can load."""
    if urls_included():
        return []
    hint = 'Add path("assist/", include("crm_assist.urls")) to your URL configuration, under any prefix.'
    return [Warning("The addresses of crm_assist are not included.", hint=hint, id="crm_assist.W004")]


def urls_included() -> bool:
    """Whether the project's URL configuration has our namespace somewhere, at any depth."""
    return bool(getattr(settings, "ROOT_URLCONF", None)) and _has_ours(get_resolver())


def _has_ours(resolver: Any) -> bool:
    return any(
        getattr(pattern, "app_name", None) == "crm_assist" or _has_ours(pattern)
        for pattern in getattr(resolver, "url_patterns", ())
    )
