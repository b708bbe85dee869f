"""What every page of ours has around its content: the ways to the other pages that this person may open."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import get_script_prefix, reverse
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from crm_assist.types import Principal


def ways(principal: Principal) -> list[tuple[str, str]]:
    """Addresses and names of the pages that this person may open."""
    found = []
    if principal.may("change_phase"):
        found.append((reverse("crm_assist:phases"), _("Phases")))
    if principal.may("view_log"):
        found.append((reverse("crm_assist:decisions"), _("Decisions")))
        found.append((reverse("crm_assist:results"), _("Results")))
    if any(principal.may(one) for one in ("change_product_catalogue", "view_log", "change_phase")):
        found.append((reverse("crm_assist:products"), _("Products")))
    if any(principal.may(one) for one in ("change_rules", "change_product_catalogue", "view_log")):
        found.append((reverse("crm_assist:rules"), _("Rules")))
    if principal.may("view_dossier"):
        found.append((reverse("crm_assist:dossier"), _("Dossier")))
    return found


def page(
    request: HttpRequest, principal: Principal, template: str, context: Mapping[str, Any], *, status: int = 200
) -> HttpResponse:
    """Render a page of ours within `crm_assist/base.html`, which a host may replace with its own frame."""
    return render(request, template, {**around(request, principal), **context}, status=status)


def around(request: HttpRequest, principal: Principal) -> dict[str, Any]:
    """What the frame of a page needs."""
    return {
        "ways": ways(principal),
        "host_root": get_script_prefix(),
        "principal": principal,
        "lang": get_language() or "en",
        "here": request.path,
    }
