"""The OpenAPI description of the API and a page to read and try it, both from this server alone."""

from __future__ import annotations

import json
from functools import lru_cache
from threading import Lock
from typing import Any

from django.apps import apps
from django.http import HttpResponse, HttpResponseBase
from django.middleware.csrf import get_token
from django.shortcuts import render
from django.templatetags.static import static
from django.urls import include, path
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from drf_spectacular.generators import SchemaGenerator
from drf_spectacular.renderers import OpenApiYamlRenderer
from drf_spectacular.settings import patched_settings
from rest_framework.request import Request

from crm_assist import __version__
from crm_assist.api.decisions import AnyFormat
from crm_assist.api.documenting import describing
from crm_assist.api.faults import Refusal
from crm_assist.api.operations import operations
from crm_assist.api.views import ApiView
from crm_assist.web.problems import Problem

SETTINGS: dict[str, Any] = {
    "TITLE": "crm_assist",
    "DESCRIPTION": "Scores on the customer record and suggestions for agents, who decide; everything is logged.",
    "VERSION": __version__,
    "OAS_VERSION": "3.1.0",
    "SCHEMA_PATH_PREFIX": None,
    "POSTPROCESSING_HOOKS": [],
    "PREPROCESSING_HOOKS": [],
    "COMPONENT_SPLIT_REQUEST": False,
    "CAMELIZE_NAMES": False,
    "SERVERS": [],
    "TAGS": [],
    "SECURITY": [],
    "APPEND_COMPONENTS": {},
    "SORT_OPERATIONS": False,
    "SORT_OPERATION_PARAMETERS": False,
    "DISABLE_ERRORS_AND_WARNINGS": True,
}
"""Ours while our description is made, whatever the host says for its own."""

_one_at_a_time = Lock()


@lru_cache(maxsize=16)
def _text(prefix: str, language: str) -> str:
    # The framework's settings are one object per process: the patch must be short, and never two at once.
    with _one_at_a_time, patched_settings(SETTINGS):
        ours = describing.set(True)
        try:
            generator: Any = SchemaGenerator(patterns=[path(prefix.lstrip("/"), include(operations))])  # type: ignore[no-untyped-call]
            return json.dumps(generator.get_schema(request=None, public=True), default=str)
        finally:
            describing.reset(ours)


def described(prefix: str) -> dict[str, Any]:
    """The OpenAPI 3.1 document of the API as mounted below `prefix`; made once per process and language."""
    document: dict[str, Any] = json.loads(_text(prefix, get_language() or ""))
    return document


class _Description(ApiView):
    """A form of the description."""

    content_negotiation_class = AnyFormat
    name = ""

    def document(self, request: Request) -> dict[str, Any]:
        """The description, below the prefix by which it was asked for."""
        return described(request.path.removesuffix("/").removesuffix(self.name))


class JsonApi(_Description):
    """The description as JSON."""

    name = "v1/openapi.json"

    def get(self, request: Request) -> HttpResponseBase:
        """See the view."""
        return HttpResponse(json.dumps(self.document(request)), content_type="application/vnd.oai.openapi+json")


class YamlApi(_Description):
    """The description as YAML."""

    name = "v1/openapi.yaml"

    def get(self, request: Request) -> HttpResponseBase:
        """See the view."""
        renderer: Any = OpenApiYamlRenderer()
        text = renderer.render(self.document(request))
        return HttpResponse(text, content_type="application/vnd.oai.openapi; charset=utf-8")


class DocsApi(_Description):
    """A page on which the API can be read and tried; scripts and styles come from this server's static files."""

    def get(self, request: Request) -> HttpResponseBase:
        """See the view."""
        if not page_is_possible():
            title = _("This page needs the static files of its viewer.")
            detail = _("Add django.contrib.staticfiles and drf_spectacular_sidecar to INSTALLED_APPS.")
            raise Refusal(Problem(status=404, code="no_viewer", title=title, detail=detail))
        viewer = "drf_spectacular_sidecar/swagger-ui-dist"
        context = {
            "lang": get_language() or "en",
            "style": static(f"{viewer}/swagger-ui.css"),
            "script": static(f"{viewer}/swagger-ui-bundle.js"),
            "start": static("crm_assist/api_docs.js"),
            "description": f"{request.path.removesuffix('/').removesuffix('docs')}openapi.json",
            "token": get_token(request._request),
        }
        return render(request._request, "crm_assist/api_docs.html", context)


def page_is_possible() -> bool:
    """Whether the host serves the viewer's files."""
    return all(apps.is_installed(name) for name in ("django.contrib.staticfiles", "drf_spectacular_sidecar"))
