"""The panel on the record: a fragment for the script with an ETag, and the same as a page of its own."""

from __future__ import annotations

import logging
from hashlib import sha256

from django.http import HttpRequest, HttpResponse
from django.middleware.csrf import get_token
from django.shortcuts import render
from django.urls import get_script_prefix
from django.utils import timezone
from django.utils.http import parse_etags
from django.utils.translation import get_language

from crm_assist import __version__, customers, flow
from crm_assist.conf import settings
from crm_assist.types import Principal
from crm_assist.web import edge, words
from crm_assist.web.panel_view import panel_view

logger = logging.getLogger("crm_assist.web")
LONGEST = 255


def asked(request: HttpRequest) -> tuple[str, str]:
    """The model and key that the address names."""
    # An over-long label or key is unknown, as any other that does not exist.
    return request.GET.get("model", "")[:LONGEST], request.GET.get("key", "")[: LONGEST + 1]


def etag(state: str) -> str:
    """A weak tag for the words on the screen: the flow's state, the language and the version that words it."""
    source = f"{state}|{get_language()}|{timezone.get_current_timezone_name()}|{__version__}"
    return f'W/"{sha256(source.encode()).hexdigest()[:32]}"'


def _context(request: HttpRequest, model: str, record: flow.RecordView) -> dict[str, object]:
    return {
        "model": model,
        "panel": panel_view(record),
        "reasons": list(words.REASONS.items()),
        "score_answers": list(words.SCORE_ANSWERS.items()),
        "comment_length": settings.COMMENT_LENGTH,
        "token": get_token(request),
        "lang": get_language() or "",
    }


@edge.for_script("GET", "HEAD")
def fragment(request: HttpRequest, principal: Principal) -> HttpResponse:
    """What stands on the record now, or 304 when the screen shows it already."""
    model, key = asked(request)
    record = flow.record(principal, model, key, now=timezone.now())
    tag = etag(record.etag)
    if tag in [weak(given) for given in parse_etags(request.headers.get("If-None-Match", ""))]:
        return HttpResponse(status=304, headers={"ETag": tag})
    response = render(request, "crm_assist/panel.html", _context(request, model, record))
    response["ETag"] = tag
    return response


def weak(tag: str) -> str:
    """A tag as the one kind that we send."""
    return tag if tag.startswith("W/") else f"W/{tag}"


@edge.for_person("GET", "HEAD", calm=True)
def page(request: HttpRequest, principal: Principal) -> HttpResponse:
    """The panel as a page of its own: where the link leads when scripts are switched off."""
    model, key = asked(request)
    record = flow.record(principal, model, key, now=timezone.now())
    context = {**_context(request, model, record), **_customer(principal, model, key), "host_root": get_script_prefix()}
    return render(request, "crm_assist/record.html", context)


def _customer(principal: Principal, model: str, key: str) -> dict[str, str]:
    """How people call the customer, and where the record is; what the host cannot tell is left out."""
    told: dict[str, str] = {}
    try:
        obj = customers.resolve(principal, model, key)
    except customers.CustomerNotFound:  # merged meanwhile: the panel shows the one that is left
        return told
    for name in ("label", "url"):
        try:
            told[f"customer_{name}"] = str(getattr(customers.adapter_for(model), name)(obj))
        except Exception:
            logger.exception("The %s of a customer of %s could not be told", name, model)
    return told
