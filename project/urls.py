"""Addresses of the demo bank."""

from __future__ import annotations

from django.conf import settings
from django.contrib import admin
from django.contrib.auth import views as auth
from django.urls import URLPattern, URLResolver, include, path
from django.views.generic import RedirectView

from project.crm.views.preferences import set_theme
from project.demo.views import DemoLoginView

urlpatterns: list[URLPattern | URLResolver] = [
    path("", include("project.crm.urls")),
    path("prospects/", include("project.campaigns.urls")),
    path("assist/", include("crm_assist.urls")),
    path("api/assist/", include("crm_assist.api.urls")),
    path("log-in/", DemoLoginView.as_view(), name="login"),
    path("log-out/", auth.LogoutView.as_view(), name="logout"),
    path("theme/", set_theme, name="theme"),
    path("i18n/", include("django.conf.urls.i18n")),
    path("favicon.ico", RedirectView.as_view(url=f"/{settings.STATIC_URL.strip('/')}/crm/logo.svg")),
    path("admin/", admin.site.urls),
]
