"""Addresses of the API: `path("api/assist/", include("crm_assist.api.urls"))` under whatever prefix the host likes.

Each address ends in a slash and is accepted without it, since a POST cannot be redirected to the right one.
"""

from __future__ import annotations

from typing import Any

from django.urls import URLPattern, path, re_path
from django.views.decorators.csrf import csrf_exempt
from rest_framework.views import APIView

from crm_assist.api import description
from crm_assist.api.operations import VIEWS
from crm_assist.api.views import not_found

app_name = "crm_assist_api"


def _route(route: str, view: type[APIView], name: str) -> list[URLPattern]:
    answer: Any = view.as_view()
    return [path(route, answer, name=name), path(route.rstrip("/"), answer)]


urlpatterns: list[URLPattern] = [
    *(pattern for route, (view, name) in VIEWS.items() for pattern in _route(route, view, name)),
    path("v1/openapi.json", description.JsonApi.as_view(), name="openapi_json"),
    path("v1/openapi.yaml", description.YamlApi.as_view(), name="openapi_yaml"),
    *_route("v1/docs/", description.DocsApi, "docs"),
    re_path("^v1(?:/.*)?$", csrf_exempt(not_found)),
]
