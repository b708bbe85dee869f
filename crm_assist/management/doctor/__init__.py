"""What an integrator still has to do, found by looking, in the order in which to do it."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from crm_assist.management.doctor.finding import Finding
from crm_assist.management.doctor.installed import INSTALLATION
from crm_assist.management.doctor.published import PUBLICATION


def examine(now: datetime) -> Iterator[Finding]:
    """Every finding in order; after one on which the rest rests, nothing more is asked."""
    for question in (*INSTALLATION, *PUBLICATION):
        for finding in question(now):
            yield finding
            if finding.ends:
                return
