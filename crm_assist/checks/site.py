"""Checks of the project around us."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.apps import AppConfig, apps
from django.conf import settings
from django.core.checks import CheckMessage, Warning
from django.urls import get_resolver


def check_site(app_configs: Sequence[AppConfig] | None = None, **kwargs: Any) -> list[CheckMessage]:
    """W004: our addresses are not included, so that no panel can load."""
    if urls_included():
        return []
    hint = 'Add path("assist/", include("crm_assist.urls")) to your URL configuration, under any prefix.'
    return [Warning("The addresses of crm_assist are not included.", hint=hint, id="crm_assist.W004")]


def check_api(app_configs: Sequence[AppConfig] | None = None, **kwargs: Any) -> list[CheckMessage]:
    """W011 and W012: the API is mounted, but its pages for browsers, or the one that describes it, lack their files."""
    if not _is_mounted("crm_assist_api"):
        return []
    found: list[CheckMessage] = []
    if _shows_pages() and not apps.is_installed("rest_framework"):
        hint = 'Add "rest_framework" to INSTALLED_APPS, or take BrowsableAPIRenderer out of REST_FRAMEWORK.'
        found.append(
            Warning("The API answers browsers with pages that it does not have.", hint=hint, id="crm_assist.W011")
        )
    if not all(map(apps.is_installed, VIEWER)):
        hint = f"Add {' and '.join(VIEWER)} to INSTALLED_APPS, or silence this if nobody needs the page."
        found.append(Warning("The page that describes the API has no viewer.", hint=hint, id="crm_assist.W012"))
    return found


VIEWER = ("django.contrib.staticfiles", "drf_spectacular_sidecar")
"""The apps whose files the page needs."""


def _shows_pages() -> bool:
    given = getattr(settings, "REST_FRAMEWORK", {}).get("DEFAULT_RENDERER_CLASSES")
    return given is None or any("BrowsableAPIRenderer" in str(one) for one in given)


def urls_included() -> bool:
    """Whether the project's URL configuration has our namespace somewhere, at any depth."""
    return _is_mounted("crm_assist")


def _is_mounted(name: str) -> bool:
    return bool(getattr(settings, "ROOT_URLCONF", None)) and _has(get_resolver(), name)


def _has(resolver: Any, name: str) -> bool:
    return any(
        getattr(pattern, "app_name", None) == name or _has(pattern, name)
        for pattern in getattr(resolver, "url_patterns", ())
    )
