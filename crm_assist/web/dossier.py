"""The dossier of a customer: a page to print and a file for programs, for those with a right of its own."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.http import HttpRequest, HttpResponseBase
from django.template.loader import render_to_string
from django.utils import timezone
from django.utils.translation import gettext as _

from crm_assist import customers, flow
from crm_assist.types import Principal
from crm_assist.web import dossier_files, edge, pages
from crm_assist.web.bodies import keepable
from crm_assist.web.dossier_files import FORMATS
from crm_assist.web.problems import Refused, bad, not_allowed
from crm_assist.web.streaming import streamed

LONGEST_KEY = 255


@edge.for_person("GET", "HEAD")
def dossier(request: HttpRequest, principal: Principal) -> HttpResponseBase:
    """Without a key the form that asks for one; with it the customer's dossier, as a page or as JSON."""
    model, key = request.GET.get("model", ""), request.GET.get("key", "").strip()
    if not principal.may("view_dossier"):
        raise flow.NotAllowed("view_dossier")
    if not key:
        return pages.page(request, principal, "crm_assist/dossier_form.html", _form(principal, model))
    if len(key) > LONGEST_KEY or not keepable(key):
        raise bad("key", _("This cannot be the key of a customer."))
    chosen = _format(request)
    named = asks_names(principal, request.GET.get("agents", ""))
    try:
        found = flow.dossier(principal, model, key, now=timezone.now())
    except customers.CustomerNotFound:
        missing = {**_form(principal, model), "missing": key}
        return pages.page(request, principal, "crm_assist/dossier_form.html", missing, status=404)
    if chosen == "json":
        pieces = dossier_files.as_json(found, named=named)
    else:
        pieces = dossier_files.as_html(found, _frame(request, principal), named=named)
    response = streamed(request, dossier_files.spoken(pieces), content_type=FORMATS[chosen])
    if chosen == "json":
        response["Content-Disposition"] = f'attachment; filename="{filename(found)}.json"'
    return response


def _format(request: HttpRequest) -> str:
    chosen = request.GET.get("format", "html")
    if chosen not in FORMATS:
        told = {"value": chosen[:20], "known": ", ".join(FORMATS)}
        raise bad("format", _("“%(value)s” is not a format; use %(known)s.") % told)
    return chosen


def _frame(request: HttpRequest, principal: Principal) -> dossier_files.Frame:
    """The page around the decisions, with the ways to its other forms."""
    ways = {
        "file_address": f"?{request.GET.urlencode()}&format=json",
        "names_address": f"?{request.GET.urlencode()}&agents=1",
        "may_name": principal.may("view_log"),
    }

    def frame(told: Mapping[str, Any]) -> str:
        return render_to_string(
            "crm_assist/dossier.html", {**pages.around(request, principal), **told, **ways}, request
        )

    return frame


def asks_names(principal: Principal, asked: str) -> bool:
    """Whether agents are to be named, which takes the right to read the log beside."""
    if asked in ("", "0"):
        return False
    if asked != "1":
        raise bad("agents", _("Write 1 to have the agents named, or leave it out."))
    if not principal.may("view_log"):
        raise Refused(not_allowed())
    return True


def filename(dossier: flow.Dossier) -> str:
    """A name for the file that says the day and nothing about the customer."""
    return f"dossier-{dossier.at:%Y-%m-%d}"


def _form(principal: Principal, model: str) -> dict[str, Any]:
    kinds = [(label, str(one.model._meta.verbose_name)) for label, one in customers.adapters().items()]
    return {"kinds": kinds, "chosen": model}
