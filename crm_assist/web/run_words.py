"""Background work in words: its kind, how far it is, since when nobody heard of it. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.utils.formats import number_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy

from crm_assist import flow
from crm_assist.runs.models import Kind
from crm_assist.web import words
from crm_assist.web.panel_view import moment

STATES = {
    "running": pgettext_lazy("background work", "Running"),
    "waiting": gettext_lazy("Waiting for a worker"),
    "done": gettext_lazy("Done"),
    "failed": gettext_lazy("Failed"),
}


def kinds() -> list[tuple[str, str]]:
    """What can be asked for."""
    return [(kind.value, str(kind.label)) for kind in Kind]


def run_told(run: flow.RunView, names: Mapping[str, str], called: Mapping[str, str]) -> dict[str, Any]:
    """One run with its progress; the share is in whole hundredths. `called` says what people call what it is about."""
    done, total = _number(run.done), _number(run.total) if run.total is not None else ""
    share = run.share
    return {
        "id": run.id,
        "label": run.label,
        "about": called.get(run.about, run.about),
        "tenant": run.tenant,
        "state": run.state,
        "state_words": words.word(STATES, run.state),
        "progress": _("%(done)s of %(total)s") % {"done": done, "total": total} if total else done,
        "share": "" if share is None else round(share * 100),
        "note": run.note,
        "fault": run.fault,
        "attempt": run.attempt,
        "by": names.get(run.by, run.by),
        "asked_at": moment(run.asked_at),
        "started_at": _moment(run.started_at),
        "finished_at": _moment(run.finished_at),
        "silent": _("%(seconds)s s") % {"seconds": _number(int(run.beat_age.total_seconds()))}
        if run.beat_age is not None and run.state in ("running", "waiting")
        else "",
    }


def _number(value: int) -> str:
    return number_format(value, use_l10n=True, force_grouping=True)


def _moment(at: datetime | None) -> str:
    return moment(at) if at else ""
