"""Checks of the packages beside us: resolvers step back to ancient releases in silence, this check does not."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.apps import AppConfig
from django.core.checks import CheckMessage, Warning

from crm_assist.packages import outdated


def check_packages(app_configs: Sequence[AppConfig] | None = None, **kwargs: Any) -> list[CheckMessage]:
    """W090: an installed package is older than the lowest version that we were tried with."""
    return [
        Warning(
            f"{one.package} {one.installed} is installed; crm_assist was tried with {one.lowest} and later.",
            hint=f'Install "{one.package}>={one.lowest}"'
            + (f", as 'crm-assist[{one.extra}]' asks" if one.extra else "")
            + "; when nothing else fits, another package holds it back: see `pip check`.",
            id="crm_assist.W090",
        )
        for one in outdated()
    ]
