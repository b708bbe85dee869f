"""A host that mounts both doors."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.urls import URLPattern, URLResolver, include, path


def sign_in(request: HttpRequest) -> HttpResponse:
    """Where the host signs people in."""
    return HttpResponse("sign in")


urlpatterns: list[URLPattern | URLResolver] = [
    path("sign-in/", sign_in, name="sign-in"),
    path("assist/", include("crm_assist.urls")),
    path("api/assist/", include("crm_assist.api.urls")),
]
