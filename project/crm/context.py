"""What every page of the bank knows: the theme in force and the one after it."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from project.crm.rights import sees_whole_bank

THEME_COOKIE = "theme"
THEMES = {"auto": _("Colours: automatic"), "dark": _("Colours: dark"), "light": _("Colours: light")}


def page(request: HttpRequest) -> dict[str, Any]:
    """`theme` as chosen (auto when none or an unknown one is), `next_theme`, and whether all branches are seen."""
    names = list(THEMES)
    theme = request.COOKIES.get(THEME_COOKIE, "auto")
    theme = theme if theme in THEMES else "auto"
    return {
        "theme": theme,
        "theme_label": THEMES[theme],
        "next_theme": names[(names.index(theme) + 1) % len(names)],
        "whole_bank": hasattr(request, "user") and sees_whole_bank(request.user),
    }
