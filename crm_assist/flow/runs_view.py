"""Background work as people see it: what runs, how far it is, who may start it and go on with it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from crm_assist.conf import settings
from crm_assist.flow.refit_notes import note_told
from crm_assist.runs.models import Kind, Run
from crm_assist.runs.rules import standing
from crm_assist.types import Verdict

OK = Verdict(open=True, code="ok")


@dataclass(frozen=True, kw_only=True, slots=True)
class RunView:
    """One run: `state` is running, waiting (nobody works on it now), done or failed; `verdict` what came of asking."""

    id: int
    kind: str
    label: str
    about: str
    tenant: str
    state: str
    done: int
    total: int | None
    note: str
    beat_age: timedelta | None
    attempt: int
    fault: str
    by: str
    asked_at: datetime
    started_at: datetime | None
    finished_at: datetime | None
    verdict: Verdict

    @property
    def share(self) -> float | None:
        """How much is done, 0 to 1; None where nobody can tell."""
        if self.state == "done":
            return 1.0
        return min(1.0, self.done / self.total) if self.total else None


def view_of(run: Run, *, now: datetime, verdict: Verdict = OK) -> RunView:
    """How a run stands at this moment."""
    stale = settings.RUN_STALE_SECONDS
    return RunView(
        id=run.pk,
        kind=run.kind,
        label=str(Kind(run.kind).label),
        about=run.about,
        tenant=run.tenant,
        state=standing(state=run.state, beat_at=run.beat_at, now=now, stale_seconds=stale),
        done=run.done,
        total=run.total,
        note=note_told(run.note),
        beat_age=now - run.beat_at if run.beat_at else None,
        attempt=run.attempt,
        fault=run.fault,
        by=run.by,
        asked_at=run.asked_at,
        started_at=run.started_at,
        finished_at=run.finished_at,
        verdict=verdict,
    )
