"""System checks: every misconfiguration that can be seen without a database, with an id and what to do."""

from __future__ import annotations

from django.core import checks

from crm_assist.checks.adapters import check_adapters, check_registration
from crm_assist.checks.admin import check_admin
from crm_assist.checks.features import check_features
from crm_assist.checks.packages import check_packages
from crm_assist.checks.settings import check_settings
from crm_assist.checks.site import check_api, check_site

ALL = (
    check_settings,
    check_registration,
    check_adapters,
    check_features,
    check_site,
    check_api,
    check_admin,
    check_packages,
)


def register_all() -> None:
    """Make `manage.py check` run ours; safe to call twice."""
    for check in ALL:
        checks.register(check, "crm_assist")
