"""The Django admin: the panel and the score on the host's own pages, and pages of ours for those who govern.

Only loaded where `django.contrib.admin` is installed.
"""

from __future__ import annotations

from django.contrib import admin

from crm_assist.admin.panel import AssistPanelMixin
from crm_assist.admin.site import register

__all__ = ["AssistPanelMixin", "register"]

register(admin.site)
