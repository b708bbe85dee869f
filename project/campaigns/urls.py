"""Addresses of the campaign's pages."""

from __future__ import annotations

from django.urls import path

from project.campaigns import views

app_name = "campaigns"
urlpatterns = [
    path("", views.prospect_list, name="prospects"),
    path("<int:key>/", views.prospect_page, name="prospect"),
]
