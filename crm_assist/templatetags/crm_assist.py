"""The host's tags: the panel on a record, the scores of a page of a list, one cell of it. None raises into the page."""

from __future__ import annotations

import json
import logging
from collections.abc import Iterable, Mapping
from typing import Any

from django import template
from django.template import Context
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import timezone
from django.utils.http import urlencode
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from crm_assist import customers, flow
from crm_assist.conf import settings
from crm_assist.flow.shielding import savepoint
from crm_assist.web import assets, edge, words

register = template.Library()
logger = logging.getLogger("crm_assist.web")
SHORTEST_POLL = 5


def script_texts() -> dict[str, str]:
    """Everything that the panel's script may have to say, in the language of the page."""
    return {
        "away": _("Help is away for the moment. Carry on as usual; this page tries again by itself."),
        "older": _("Help is away for the moment. What you see may be out of date."),
        "signedOut": _("You are signed out. Sign in again to see the score and suggestions."),
        "signIn": _("Sign in"),
        "failed": _("Your answer was not saved. Please try again."),
        "undo": _("Undo"),
        "undoIn": _("Undo (%s s)"),
        "accepted": _("You accepted"),
        "later": _("You put it off"),
        "rejected": _("You rejected"),
        "gone": _("Suggestions are switched off here at the moment. Your answer was not saved."),
        "noted": _("Thank you, it is noted."),
        "back": _("Your answer was taken back."),
        "chooseDay": _("Choose a day first."),
        "chooseProduct": _("Choose a product first."),
        "changed": _("The score or the suggestions have changed."),
    }


@register.simple_tag(takes_context=True)
def crm_assist_panel(context: Context, customer: Any) -> SafeString:
    """The panel's place on a customer's record: light, filled by its script afterwards; the page never waits for it."""
    try:
        return mark_safe(render_to_string("crm_assist/shell.html", _shell(context, customer)))
    except Exception:
        logger.exception("The panel could not be placed")
        return _away()


def _shell(context: Context, customer: Any) -> dict[str, object]:
    language = get_language() or ""
    adapter = customers.adapter_for(customer._meta.model)
    asked = {"model": adapter.model_label, "key": adapter.key(customer), "lang": language}
    return {
        **_assets(context),
        "lang": language,
        "source": f"{reverse('crm_assist:panel')}?{urlencode(asked)}",
        "fallback": f"{reverse('crm_assist:record')}?{urlencode(asked)}",
        "login": edge.login_address(),
        "poll": max(SHORTEST_POLL, settings.POLL_SECONDS),
        "texts": json.dumps(script_texts(), ensure_ascii=False),
    }


def _assets(context: Context) -> dict[str, object]:
    nonce = context.get("csp_nonce") or getattr(context.get("request"), "csp_nonce", "")
    once = context.render_context.get("crm_assist_assets")
    context.render_context["crm_assist_assets"] = True
    styles = [] if once else [assets.url("panel.css")]
    return {"nonce": nonce, "styles": styles, "scripts": [] if once else [assets.url("panel.js")]}


def _away() -> SafeString:
    return mark_safe(f'<div class="crm-assist-away">{_("Help is away for the moment.")}</div>')


@register.simple_tag(takes_context=True)
def crm_assist_scores(context: Context, page: Iterable[Any]) -> Mapping[str, Any]:
    """The scores of the customers on the visible page of a list, by key; none below `score`, none when help is away."""
    try:
        objects = list(page)
        if not objects:
            return {}
        adapter = customers.adapter_for(objects[0]._meta.model)
        principal = customers.principal_of(context["request"], adapter)
        keys = [adapter.key(obj) for obj in objects]
        with savepoint():
            return flow.list_scores(principal, adapter.model_label, keys, now=timezone.now())
    except Exception:
        logger.exception("The scores of a list could not be had")
        return {}


@register.simple_tag
def crm_assist_score_cell(scores: Mapping[str, Any], customer: Any) -> SafeString | str:
    """One customer's score in a list, or nothing."""
    try:
        found = scores.get(customers.adapter_for(customer._meta.model).key(customer)) if scores else None
        return render_to_string("crm_assist/score_cell.html", {"cell": words.cell(found)}) if found else ""
    except Exception:
        logger.exception("A score could not be shown in a list")
        return ""


@register.simple_tag
def crm_assist_asset(name: str) -> str:
    """The address of one of our style sheets or scripts."""
    return assets.url(name)
