"""Who may take a run, and when: values in, a verdict out. No database, no clock."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.utils.translation import gettext as _

from crm_assist.types import Verdict

STUCK = 5
"""So many times in a row taken without getting any further: the work itself kills whoever does it."""


def may_take(*, state: str, beat_at: datetime | None, idle: int, now: datetime, stale_seconds: int) -> Verdict:
    """Whether a process may take this run: waiting or stale ones, not a busy one, nor one that is over or stuck."""
    if state != "running":
        return Verdict(open=False, code="over", message=_("This run is over."))
    if beat_at is not None and beat_at >= now - timedelta(seconds=stale_seconds):
        return Verdict(open=False, code="busy", message=_("Somebody works on this run now."))
    if idle >= STUCK:
        message = _("Interrupted %(count)s times in a row at the same place.") % {"count": idle}
        return Verdict(open=False, code="stuck", message=message)
    if beat_at is None:
        return Verdict(open=True, code="waiting")
    return Verdict(open=True, code="stale")


def standing(*, state: str, beat_at: datetime | None, now: datetime, stale_seconds: int) -> str:
    """What people are told: running, done or failed as it is; waiting where nobody works on it now."""
    if state != "running":
        return state
    fresh = beat_at is not None and beat_at >= now - timedelta(seconds=stale_seconds)
    return "running" if fresh else "waiting"
