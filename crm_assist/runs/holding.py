"""Taking a run, beating for it and letting it go. Every write names the attempt, so that a late owner writes nothing.

Call `beat` at the end of a chunk's own transaction: whoever was overtaken meanwhile gets TakenOver there, and what
the chunk wrote goes with it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import IntegrityError, connections, router, transaction

from crm_assist.runs.models import Run, RunQuerySet, RunRequest, RunState
from crm_assist.runs.rules import may_take
from crm_assist.types import Step, Verdict

KEPT = 100
"""How many finished runs of the same thing are kept."""

OVER = {"cursor": ""}
"""What a run that is over keeps no longer: the last customer's key, which an erasure would not find here."""


class TakenOver(RuntimeError):
    """Another process works on this run now; whatever the transaction wrote must be rolled back."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Held:
    """A hold on a run: good as long as the attempt is the run's own."""

    run_id: int
    attempt: int


def ask(
    *,
    kind: str,
    about: str = "",
    tenant: str = "",
    by: str = "",
    options: Mapping[str, Any] | None = None,
    request_key: str = "",
    now: datetime,
) -> Run:
    """The run that does this: the one of the same request, else the one with more to do, else a new one that waits.

    The same `request_key` is the same run for ever, so that a message delivered twice asks for nothing new.
    """
    wanted = {"kind": kind, "about": about, "tenant": tenant}
    while True:
        try:
            with transaction.atomic(router.db_for_write(Run)):
                request = RunRequest.objects.filter(key=request_key).select_related("run").first()
                if request is not None:
                    return request.run
                run: Run | None = Run.objects.running().named(**wanted).first()
                run = run or Run.objects.create(**wanted, by=by[:150], options=dict(options or {}), asked_at=now)
                if request_key:
                    RunRequest.objects.create(key=request_key, run=run)
                return run
        except IntegrityError:
            continue  # somebody was quicker: theirs is read


def take(run_id: int, *, now: datetime, stale_seconds: int) -> tuple[Held | None, Verdict]:
    """Hold a run that waits or that is stale; no hold and the reason for any other. A stuck run fails here.

    Never waits: a run whose row is locked is at work, or its owner froze in the middle of a transaction.
    """
    using = router.db_for_write(Run)
    with transaction.atomic(using):
        free = Run.objects.using(using).select_for_update(
            skip_locked=connections[using].features.has_select_for_update_skip_locked
        )
        run: Run | None = free.filter(pk=run_id).first()
        if run is None:
            return None, _seen(Run.objects.get(pk=run_id), now=now, beat_at=now, stale_seconds=stale_seconds)
        verdict = _seen(run, now=now, beat_at=run.beat_at, stale_seconds=stale_seconds)
        # Compared with what was read, and set, in one statement, for databases without row locks.
        mine = Run.objects.running().filter(pk=run.pk, attempt=run.attempt, beat_at=run.beat_at)
        if verdict.code == "stuck":
            mine.update(**OVER, state=RunState.FAILED, finished_at=now, fault=verdict.message)
        if not verdict.open:
            return None, verdict
        started = run.started_at or now
        if not mine.update(attempt=run.attempt + 1, idle=run.idle + 1, beat_at=now, started_at=started):
            return None, _seen(run, now=now, beat_at=now, stale_seconds=stale_seconds)
    return Held(run_id=run.pk, attempt=run.attempt + 1), verdict


def _seen(run: Run, *, now: datetime, beat_at: datetime | None, stale_seconds: int) -> Verdict:
    return may_take(state=run.state, beat_at=beat_at, idle=run.idle, now=now, stale_seconds=stale_seconds)


def beat(held: Held, step: Step, *, now: datetime) -> None:
    """This step is done, if the chunk's transaction commits; TakenOver if the run has another owner."""
    _write(held, **_reached(step), beat_at=now, idle=0)


def confirm(held: Held) -> None:
    """Ours until the surrounding transaction ends: nobody takes the run before. TakenOver if somebody has.

    For a transaction beside the one that beats: call it last, right before the commit.
    """
    using = router.db_for_write(Run)
    with transaction.atomic(using):
        if _mine(held).using(using).select_for_update().values_list("pk").first() is None:
            raise _overtaken(held)


def pulse(held: Held, *, now: datetime) -> bool:
    """Still alive, within a long chunk; says whether the hold is good."""
    return bool(_mine(held).update(beat_at=now))


def finish(held: Held, step: Step | None, *, now: datetime) -> None:
    """All is done; TakenOver if the run has another owner, so that the last writes of this one are taken back."""
    reached = _reached(step) if step else {}
    _write(held, **{**reached, **OVER}, state=RunState.DONE, finished_at=now, beat_at=now, fault="")
    _forget_old(held.run_id)


def fail(held: Held, fault: str, *, now: datetime) -> None:
    """The work cannot be done: say why. TakenOver if the run has another owner."""
    _write(held, **OVER, state=RunState.FAILED, finished_at=now, fault=fault[:1000])


def let_go(held: Held) -> None:
    """Stop in the middle: whoever comes next goes on from the last safe step. Nothing if the run has another owner."""
    _mine(held).update(beat_at=None)


def give_up(run_id: int, *, fault: str, now: datetime) -> bool:
    """End a run for good, whoever holds it; says whether there was one with more to do."""
    found = Run.objects.running().filter(pk=run_id)
    return bool(found.update(**OVER, state=RunState.FAILED, finished_at=now, fault=fault[:1000]))


def _reached(step: Step) -> dict[str, object]:
    return {"done": step.done, "total": step.total, "cursor": step.cursor, "note": step.note[:300]}


def _mine(held: Held) -> RunQuerySet:
    return Run.objects.running().filter(pk=held.run_id, attempt=held.attempt)


def _write(held: Held, **values: object) -> None:
    if not _mine(held).update(**values):
        raise _overtaken(held)


def _overtaken(held: Held) -> TakenOver:
    return TakenOver(f"run {held.run_id}: attempt {held.attempt} was overtaken or given up; its chunk is taken back.")


def _forget_old(run_id: int) -> None:
    run = Run.objects.get(pk=run_id)
    ended = Run.objects.named(run.kind, run.about, run.tenant).exclude(state=RunState.RUNNING).order_by("-pk")
    oldest = list(ended.values_list("pk", flat=True)[KEPT : KEPT + 1])
    if oldest:
        ended.filter(pk__lte=oldest[0]).delete()
