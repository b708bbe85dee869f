"""What an integrator still has to do, found by looking, in the order in which to do it."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from crm_assist.management.doctor.finding import Finding, block
from crm_assist.management.doctor.installed import INSTALLATION
from crm_assist.management.doctor.published import PUBLICATION


def examine(now: datetime) -> Iterator[Finding]:
    """Every finding in order; after one on which the rest rests, nothing more is asked."""
    for question in (*INSTALLATION, *PUBLICATION):
        for finding in calmly(question(now)):
            yield finding
            if finding.ends:
                return


def calmly(findings: Iterator[Finding]) -> Iterator[Finding]:
    """The findings; where looking itself fails, that is a finding too, and no traceback."""
    try:
        yield from findings
    except Exception as error:
        text = f"looking no further here: {type(error).__name__}: {str(error)[:300]}"
        yield block(text, "Mend what it names; `manage.py check` may know more.")
