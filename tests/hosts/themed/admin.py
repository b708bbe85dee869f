"""The host's admin, of the theme's own class where it has one; nothing of crm_assist is named."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.contrib import admin
from django.utils.module_loading import import_string

from tests.hosts.desk.models import Client

OWN_CLASS = {"unfold": "unfold.admin.ModelAdmin"}
Base: Any = import_string(OWN_CLASS.get(settings.THEME, "django.contrib.admin.ModelAdmin"))


@admin.register(Client)
class ClientAdmin(Base):
    """Clients, with an editable column and a filter."""

    list_display = ("name", "branch", "segment")
    list_editable = ("segment",)
    list_filter = ("branch",)
    search_fields = ("name",)
