"""Checks of the Django admin: where the panel was put from outside, and where it could not be."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from django.apps import AppConfig, apps
from django.core.checks import CheckMessage, Info, Warning

from crm_assist import conf

TAG = "{% load crm_assist %}{% crm_assist_panel original %}"
REASONS = {
    "own_answer": "answers for the record page by itself, so the panel could not be put there",
    "refused": "cannot be extended from outside, so panel and score column are missing there",
}


def check_admin(app_configs: Sequence[AppConfig] | None = None, **kwargs: Any) -> list[CheckMessage]:
    """I001: pages that were extended without being asked for; W008: pages where the panel could not be put."""
    return list(_messages(admin_pages()))


def admin_pages() -> Sequence[Any]:
    """Every page of a customer on every admin site, with what happened to it; none where there is no admin."""
    if not apps.is_installed("django.contrib.admin"):
        return ()
    # Only here: the admin's classes cannot be imported where it is not installed.
    from crm_assist.admin.injection import places

    return places()


def _messages(found: Sequence[Any]) -> Iterator[CheckMessage]:
    names = ", ".join(f"{place.model} ({place.site})" for place in found if place.how == "injected")
    if names and "ADMIN_PANEL" not in conf.given():
        hint = 'Confirm it with CRM_ASSIST["ADMIN_PANEL"] = True, or leave those pages alone with False.'
        yield Info(f"The panel and the score column were added to: {names}.", hint=hint, id="crm_assist.I001")
    for place in found:
        if place.how in REASONS:
            text = f"{place.admin} of {place.model} on the admin site {place.site!r} {REASONS[place.how]}."
            hint = f"Write {TAG} in its template."
            yield Warning(text, hint=hint, id="crm_assist.W008")
