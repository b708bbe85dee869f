"""A system check: no log-in with a known password where DEBUG is off (`manage.py check --database default`)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.apps import AppConfig
from django.conf import settings
from django.core.checks import CheckMessage, Error, Tags, register
from django.db import connections

from project.crm.models import AgentProfile


@register(Tags.database)
def demo_logins_only_with_debug(
    app_configs: Sequence[AppConfig] | None, databases: Sequence[str] | None = None, **kwargs: Any
) -> list[CheckMessage]:
    """crm.E001: demo log-ins exist although DEBUG is off."""
    if settings.DEBUG:
        return []
    found: list[str] = []
    table = AgentProfile._meta.db_table
    for alias in databases or ():
        if table in connections[alias].introspection.table_names():
            profiles = AgentProfile.objects.using(alias).filter(is_demo_login=True)
            found += profiles.order_by("user__username").values_list("user__username", flat=True)
    if not found:
        return []
    return [
        Error(
            f"Demo log-ins with a known password exist while DEBUG is off: {', '.join(found)}.",
            hint="Run manage.py remove_demo_logins, or set DEBUG=1 on a machine of your own.",
            id="crm.E001",
        )
    ]
