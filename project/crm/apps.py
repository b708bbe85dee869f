"""The bank's records as a Django app."""

from __future__ import annotations

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class CrmConfig(AppConfig):
    """Customers, contacts and what they hold."""

    name = "project.crm"
    label = "crm"
    verbose_name = _("Customers")
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Register the system checks of the demo's log-ins."""
        from project.demo import checks  # noqa: F401  (the checks read models, which are not ready before)
