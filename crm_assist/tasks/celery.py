"""Celery's tasks: each asks the flow for runs, or carries on the one whose number it is given.

Asking and working are two messages: the one that works holds a run's number alone, so that it may be lost, late or
delivered twice, and nothing is lost, waits for ever or happens twice.
"""

from __future__ import annotations

import logging
from typing import Any

from celery import Task, shared_task
from celery.exceptions import SoftTimeLimitExceeded
from celery.signals import worker_ready
from django.db import InterfaceError, OperationalError
from django.utils import timezone

from crm_assist import flow
from crm_assist.conf import settings
from crm_assist.signals import run_asked

logger = logging.getLogger("crm_assist.tasks")
ONE_TRY = {"max_retries": 1, "interval_start": 0, "interval_step": 0, "interval_max": 0}
LOST_DATABASE = (OperationalError, InterfaceError)


class Look(Task[Any, Any]):
    """Told again if the worker dies, and when the database comes back; nobody waits for a result."""

    ignore_result = True
    acks_late = True
    reject_on_worker_lost = True
    autoretry_for = LOST_DATABASE
    retry_backoff = True
    retry_backoff_max = 600
    retry_jitter = True
    max_retries = 8


class Work(Look):
    """Work that lasts, within limits: at the soft one it lets its run go, to be resumed."""

    soft_time_limit = settings.TASK_SOFT_SECONDS
    time_limit = settings.TASK_HARD_SECONDS


def _do(task: Task[Any, Any], kind: str, run_id: int | None, about: str = "", tenant: str = "") -> None:
    """Carry on a run; without a number ask for it first, and send each number as a message of its own."""
    if run_id is not None:
        _carry_on(kind, run_id)
        return
    key = f"celery:{task.request.id}"
    asked = flow.ask_runs(kind, about=about, tenant=tenant, by="celery", request_key=key, now=timezone.now())
    for one in asked:
        task.apply_async(kwargs={"run_id": one})


def _carry_on(kind: str, run_id: int) -> None:
    try:
        flow.carry_on(run_id, pause_on=(SoftTimeLimitExceeded,))
    except SoftTimeLimitExceeded:
        logger.warning("Run %s (%s) reached the time limit of a task; another task goes on with it", run_id, kind)
        _send(run_id, kind)


@shared_task(name="crm_assist.rescore", base=Work, bind=True)
def rescore(self: Look, about: str = "", run_id: int | None = None) -> None:
    """Stored scores of one model, such as `crm.Customer`, or of all."""
    _do(self, "rescore", run_id, about=about)


@shared_task(name="crm_assist.sweep", base=Work, bind=True)
def sweep(self: Look, about: str = "", run_id: int | None = None) -> None:
    """Silent changes of one model's customers, or of all."""
    _do(self, "sweep", run_id, about=about)


@shared_task(name="crm_assist.refit", base=Work, bind=True)
def refit(self: Look, about: str = "", tenant: str = "", run_id: int | None = None) -> None:
    """A new card for one target, or for each."""
    _do(self, "refit", run_id, about=about, tenant=tenant)


@shared_task(name="crm_assist.seal", base=Work, bind=True)
def seal(self: Look, run_id: int | None = None) -> None:
    """Seals over what is settled."""
    _do(self, "seal", run_id)


@shared_task(name="crm_assist.retain", base=Work, bind=True)
def retain(self: Look, run_id: int | None = None) -> None:
    """Payloads that are older than retention allows."""
    _do(self, "retain", run_id)


@shared_task(name="crm_assist.count", base=Work, bind=True)
def count(self: Look, run_id: int | None = None) -> None:
    """Suggestions and their answers, counted for review."""
    _do(self, "count", run_id)


@shared_task(name="crm_assist.tell_outcomes", base=Look, bind=True)
def tell_outcomes(self: Look, model: str, outcomes: list[dict[str, Any]], source: str = "") -> None:
    """What customers did, in a message of the host: all of it or none; delivered twice it changes nothing."""
    flow.record_message(model, outcomes, source=source, now=timezone.now())


TASKS: dict[str, Task[Any, Any]] = {
    "rescore": rescore,
    "sweep": sweep,
    "refit": refit,
    "seal": seal,
    "retain": retain,
    "count": count,
}


@shared_task(name="crm_assist.resume", base=Look, bind=True)
def resume(self: Look) -> None:
    """A message for every run that waits or whose heart-beat stopped; nobody depends on the broker to redeliver."""
    for run_id, kind in flow.stale_runs(now=timezone.now()):
        _send(run_id, kind)


def _send(run_id: int, kind: str) -> None:
    # Tried once, within moments: whoever asks does not wait for a broker that is away.
    with TASKS[kind].app.connection_for_write(transport_options=ONE_TRY) as wire:
        # Of no use once it is old: the next look sends another.
        options: dict[str, Any] = {"expires": 60, "retry": False, "connection": wire}
        TASKS[kind].apply_async(kwargs={"run_id": run_id}, **options)


@worker_ready.connect(dispatch_uid="crm_assist:resume")
def on_worker_ready(**kwargs: Any) -> None:
    """A worker that starts goes on with what waits, and with what died only just now as soon as that is certain."""
    resume.apply_async(retry=False)
    resume.apply_async(countdown=settings.RUN_STALE_SECONDS + 1, retry=False)


def on_run_asked(*, run_id: int, kind: str, **given: Any) -> None:
    """Somebody asked for a run: a worker starts at once. Should the broker be away, the next look finds it."""
    _send(run_id, kind)


run_asked.connect(on_run_asked, dispatch_uid="crm_assist:run_asked")
