"""Start-up: the one place that wires the product into Django."""

from __future__ import annotations

import sys
from importlib import import_module

from django.apps import AppConfig, apps
from django.utils.module_loading import autodiscover_modules
from django.utils.translation import gettext_lazy as _


class CrmAssistConfig(AppConfig):
    """The app; it finds the host's `assist.py` files, then listens."""

    name = "crm_assist"
    label = "crm_assist"
    verbose_name = _("CRM assist")
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Load every app's `assist.py`, then the checks and the receivers, which need to know the adapters."""
        # Here and not above: all import models, which Django forbids while it is still collecting apps.
        from crm_assist import checks, flow, metrics, receivers

        metrics.connect()
        flow.register_views()
        autodiscover_modules("assist")
        checks.register_all()
        receivers.connect()
        if "celery" in sys.modules:
            # Celery finds tasks only when a worker starts, but the host's web processes ask for runs too.
            import_module("crm_assist.tasks")
        if apps.is_installed("django.contrib.admin"):
            # Only where there is an admin: many hosts have none.
            from crm_assist.admin import injection

            injection.connect()
