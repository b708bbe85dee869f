"""Only ours, at the root."""

from __future__ import annotations

from django.urls import include, path

urlpatterns = [path("", include("crm_assist.urls"))]
