"""A host that mounts us under a prefix, with a record page (the panel inside the host's form) and a list."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.template import RequestContext, Template
from django.urls import URLPattern, URLResolver, include, path

from tests.hosts.desk.models import Client

POLICY = "default-src 'self'; img-src 'self' data:; object-src 'none'; base-uri 'none'; form-action 'self'"
RECORD = """{% load crm_assist %}<!doctype html><html lang="en"{% if theme %} data-theme="{{ theme }}"{% endif %}>
<head><meta charset="utf-8"><meta name="viewport" content="width=device-width"><title>{{ customer }}</title>
<link rel="icon" href="data:,"></head>
<body><h1>{{ customer }}</h1>
<form method="post" action="/saved/"><input name="note">{% crm_assist_panel customer %}</form></body></html>"""
LIST = """{% load crm_assist %}{% crm_assist_scores page as scores %}<ul>{% for one in page %}
<li>{{ one }} {% crm_assist_score_cell scores one %}</li>{% endfor %}</ul>"""


def show(request: HttpRequest, key: int) -> HttpResponse:
    """One client's page."""
    context = {"customer": Client.objects.get(pk=key), "theme": request.GET.get("theme", "")}
    page = HttpResponse(Template(RECORD).render(RequestContext(request, context)))
    page["Content-Security-Policy"] = POLICY
    return page


def everyone(request: HttpRequest) -> HttpResponse:
    """All clients."""
    page = Client.objects.order_by("pk")
    return HttpResponse(Template(LIST).render(RequestContext(request, {"page": page})))


def sign_in(request: HttpRequest) -> HttpResponse:
    """Where the host signs people in."""
    return HttpResponse("sign in")


urlpatterns: list[URLPattern | URLResolver] = [
    path("clients/", everyone, name="clients"),
    path("clients/<int:key>/", show, name="client"),
    path("sign-in/", sign_in, name="sign-in"),
    path("assist/", include("crm_assist.urls")),
]
