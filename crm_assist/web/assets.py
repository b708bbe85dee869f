"""Our style sheets, script and icon: through staticfiles where the host has it, else by an address of our own.

That address carries a hash of the content, so that it may be cached for a long time.
"""

from __future__ import annotations

from functools import cache
from hashlib import sha256
from pathlib import Path

from django.apps import apps
from django.http import Http404, HttpRequest, HttpResponse
from django.urls import reverse
from django.views.decorators.http import require_safe

FOLDER = Path(__file__).resolve().parents[1] / "static" / "crm_assist"
KINDS = {
    "panel.js": "text/javascript; charset=utf-8",
    "panel.css": "text/css; charset=utf-8",
    "pages.css": "text/css; charset=utf-8",
    "admin.css": "text/css; charset=utf-8",
    "results.js": "text/javascript; charset=utf-8",
    "uplot.js": "text/javascript; charset=utf-8",
    "uplot.css": "text/css; charset=utf-8",
    "icon.svg": "image/svg+xml",
}
FILES = {name: FOLDER / name for name in KINDS}


@cache
def content(name: str) -> bytes:
    """The bytes of one of our assets; KeyError for any other name."""
    return FILES[name].read_bytes()


@cache
def fingerprint(name: str) -> str:
    """Twelve hexadecimal digits that change with the content."""
    return sha256(content(name)).hexdigest()[:12]


def url(name: str) -> str:
    """Where the page finds an asset; the address changes with the content, so that it can be cached for ever."""
    if not apps.is_installed("django.contrib.staticfiles"):
        return reverse("crm_assist:asset", args=[fingerprint(name), name])
    # Only hosts with staticfiles have a storage to ask.
    from django.templatetags.static import static

    address = static(f"crm_assist/{name}")
    return address if "?" in address else f"{address}?v={fingerprint(name)}"


@require_safe
def asset(request: HttpRequest, digest: str, name: str) -> HttpResponse:
    """One asset by name and content, for hosts without staticfiles; an outdated address is not found."""
    if name not in KINDS or digest != fingerprint(name):
        raise Http404
    response = HttpResponse(content(name), content_type=KINDS[name])
    response["Cache-Control"] = "public, max-age=31536000, immutable"
    response["X-Content-Type-Options"] = "nosniff"
    return response
