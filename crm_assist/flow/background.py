"""Work that lasts: asked for once, done by one process at a time, gone on with after a crash, never doubled.

`ask_runs` puts a run on record, `carry_on` does it: Celery's tasks and the management commands are two ways to call
them. A run that waits or whose heart-beat has stopped may be carried on by anybody.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextlib import suppress
from datetime import datetime
from functools import partial
from typing import Any

from django.core.exceptions import ImproperlyConfigured
from django.db import Error, InterfaceError, OperationalError, router, transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from crm_assist import customers
from crm_assist.conf import settings
from crm_assist.events import emit_on_commit
from crm_assist.flow.past import Past
from crm_assist.flow.rescore_batch import WayRefused
from crm_assist.flow.rescore_place import BadCursor
from crm_assist.flow.runs_view import RunView, view_of
from crm_assist.flow.works import Job, steps_of
from crm_assist.journal.head_file import HeadFileError
from crm_assist.journal.order import SealingError
from crm_assist.learning import FitError
from crm_assist.learning.models import Target
from crm_assist.runs import holding
from crm_assist.runs.holding import Held, TakenOver
from crm_assist.runs.models import Kind, Run
from crm_assist.runs.pulse import beating
from crm_assist.scorecards import CardError
from crm_assist.signals import run_asked
from crm_assist.types import Step, Verdict

Clock = Callable[[], datetime]
INTERRUPTIONS: tuple[type[BaseException], ...] = (OperationalError, InterfaceError, KeyboardInterrupt, SystemExit)
"""What stops a run in the middle, to be gone on with; anything else is a fault of the run."""
TOLD = (
    FitError,
    CardError,
    SealingError,
    HeadFileError,
    BadCursor,
    WayRefused,
    ImproperlyConfigured,
    Target.DoesNotExist,
    customers.NotRegistered,
)
"""Faults whose words hold nothing of a customer's data, so that they may be kept with the run."""


def ask_runs(
    kind: str,
    *,
    about: str = "",
    tenant: str = "",
    by: str = "",
    options: Mapping[str, Any] | None = None,
    request_key: str = "",
    now: datetime,
) -> tuple[int, ...]:
    """Ask for a run, or where it must be about something and nothing is named for one of each; says which runs.

    Asked again while one has more to do, it is that one; asked with the same `request_key`, the same one for ever.
    """
    subjects = [(about, tenant)] if about or kind not in EACH else EACH[kind]()
    asked = partial(holding.ask, kind=Kind(kind), by=by, options=options, now=now)
    return tuple(
        asked(about=one, tenant=whose, request_key=request_key and f"{request_key}:{whose}:{one}").pk
        for one, whose in subjects
    )


def _models() -> list[tuple[str, str]]:
    return [(label, "") for label in customers.adapters()]


def _targets() -> list[tuple[str, str]]:
    return list(Target.objects.order_by("tenant", "name").values_list("name", "tenant"))


EACH: Mapping[str, Callable[[], list[tuple[str, str]]]] = {
    Kind.RESCORE: _models,
    Kind.SWEEP: _models,
    Kind.REFIT: _targets,
}
"""What runs of a kind are about, and whose; the other kinds are about the whole log."""


def carry_on(
    run_id: int,
    *,
    clock: Clock = timezone.now,
    watch: Callable[[Step], object] | None = None,
    pause_on: tuple[type[BaseException], ...] = (),
    past: Past | None = None,
) -> RunView:
    """Take a run, if nobody works on it, and do it to the end; its verdict says why not.

    What interrupts it (`pause_on`, a lost database, Ctrl-C) leaves it to be resumed and is raised again; a fault ends
    it and is raised again. `watch` is called after each step that is safe.
    """
    held, verdict = holding.take(run_id, now=clock(), stale_seconds=settings.RUN_STALE_SECONDS)
    if held is None:
        return _view(run_id, clock, verdict)
    _told("run.started", held)
    work = _Attempt(held, clock, past or Past())
    try:
        with beating(held, every=settings.RUN_STALE_SECONDS / 3, clock=clock):
            work.do(watch)
    except TakenOver:
        return _view(run_id, clock, Verdict(open=False, code="taken_over", message=_("Another process took over.")))
    except (*INTERRUPTIONS, *pause_on):
        with suppress(Error):  # where the database is lost, the heart-beat just stops
            holding.let_go(held)
            _told("run.paused", held)
        raise
    except Exception as error:
        with suppress(Error, TakenOver):
            holding.fail(held, _fault(error), now=clock())
            _told("run.failed", held, fault=type(error).__name__)
        raise
    _told("run.done", held)
    return _view(run_id, clock, verdict)


def _told(name: str, held: Held, **fields: str) -> None:
    """The event, if the database still answers: it is not worth the run."""
    with suppress(Error):
        run = Run.objects.get(pk=held.run_id)
        which = {"tenant": run.tenant, "run_id": run.pk, "kind": run.kind, "about": run.about}
        emit_on_commit(name, **which, attempt=held.attempt, done=run.done, **fields)


class _Attempt:
    """One process at work on a run, until it is finished or overtaken."""

    def __init__(self, held: Held, clock: Clock, past: Past) -> None:
        self.held, self.clock, self.past, self.is_over = held, clock, past, False

    def do(self, watch: Callable[[Step], object] | None) -> None:
        last: Step | None = None
        run = Run.objects.get(pk=self.held.run_id)
        for last in steps_of(run.kind, self._job(run)):
            if watch is not None:
                watch(last)
        if not self.is_over:
            self.finish(last)

    def beat(self, step: Step) -> None:
        holding.beat(self.held, step, now=self.clock())

    def confirm(self) -> None:
        holding.confirm(self.held)

    def finish(self, step: Step | None) -> None:
        with transaction.atomic(router.db_for_write(Run)):
            holding.finish(self.held, step, now=self.clock())
        self.is_over = True

    def _job(self, run: Run) -> Job:
        return Job(
            about=run.about,
            tenant=run.tenant,
            cursor=run.cursor,
            done=run.done,
            by=run.by,
            options=run.options,
            now=self.clock(),
            beat=self.beat,
            confirm=self.confirm,
            finish=self.finish,
            past=self.past,
        )


def _view(run_id: int, clock: Clock, verdict: Verdict) -> RunView:
    return view_of(Run.objects.get(pk=run_id), now=clock(), verdict=verdict)


def _fault(error: Exception) -> str:
    if isinstance(error, TOLD):
        return str(error)
    return _("%(kind)s; the log of the process tells more.") % {"kind": type(error).__name__}


def stale_runs(*, now: datetime) -> tuple[tuple[int, str], ...]:
    """Id and kind of every run with more to do that nobody works on, the oldest first."""
    found = Run.objects.stale(now, seconds=settings.RUN_STALE_SECONDS).order_by("pk")
    return tuple(found.values_list("pk", "kind"))


def tell_asked(run_id: int, kind: str) -> None:
    """After commit, tell whoever does background work that a run waits; where nobody listens, it waits on."""
    transaction.on_commit(
        partial(run_asked.send_robust, Run, run_id=run_id, kind=kind), using=router.db_for_write(Run), robust=True
    )
