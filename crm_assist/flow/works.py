"""What each kind of run does, as steps from its cursor on; nothing here knows who runs it."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.db import router, transaction
from django.utils.translation import gettext as _

from crm_assist import customers
from crm_assist.flow.card_roles import publish_card
from crm_assist.flow.challenging import challenge, fit_card
from crm_assist.flow.comparison import comparison_of
from crm_assist.flow.counting import count
from crm_assist.flow.drifting import moved_since
from crm_assist.flow.keeping import retain, seal
from crm_assist.flow.learned_rows import MOST_ROWS, past_rows
from crm_assist.flow.past import Past
from crm_assist.flow.refit_notes import refit_note
from crm_assist.flow.rescoring import rescore
from crm_assist.flow.soundness import accepted_before, check_rows, refuse_unsound
from crm_assist.flow.sweeping import sweep
from crm_assist.learning.models import Target
from crm_assist.runs.models import Kind
from crm_assist.scorecards.models import CardVersion
from crm_assist.types import Step


@dataclass(frozen=True, kw_only=True, slots=True)
class Job:
    """One attempt at a run: what it is about, where to go on from, and how to tell what is done.

    `beat` and `finish` belong into the transaction of what they tell, `confirm` into any other that writes: they raise
    when another process took over.
    """

    about: str
    tenant: str
    cursor: str
    done: int
    by: str
    options: Mapping[str, Any]
    now: datetime
    beat: Callable[[Step], object]
    confirm: Callable[[], object]
    finish: Callable[[Step], object]
    past: Past = field(default_factory=Past)


def steps_of(kind: str, job: Job) -> Iterator[Step]:
    """The steps of one kind of run."""
    return WORKS[kind](job)


def _rescore(job: Job) -> Iterator[Step]:
    adapter, way = customers.adapter_for(job.about), job.options.get("way", "auto")
    return rescore(adapter, now=job.now, after=job.cursor, way=way, beat=job.beat, confirm=job.confirm)


def _sweep(job: Job) -> Iterator[Step]:
    return sweep(customers.adapter_for(job.about), now=job.now, after=job.cursor, beat=job.beat)


def _seal(job: Job) -> Iterator[Step]:
    return seal(now=job.now, beat=job.beat)


def _retain(job: Job) -> Iterator[Step]:
    return retain(now=job.now, after=job.cursor, done=job.done, beat=job.beat)


def _count(job: Job) -> Iterator[Step]:
    return count(now=job.now, beat=job.beat)


def _refit(job: Job) -> Iterator[Step]:
    """From the beginning, each time; but the card is published in the transaction that ends the run: once."""
    target = Target.objects.get(tenant=job.tenant, name=job.about)
    moments, most = job.options.get("moments", 6), job.options.get("most", MOST_ROWS)
    rows = past_rows(target, job.past, moments=moments, most=most, now=job.now)
    yield _told(job, Step(done=1, total=3, note=_("%(count)s rows read") % {"count": len(rows.y)}))
    findings = check_rows(rows, target)
    accepted = accepted_before(target) | job.options.get("accepted", {})
    refuse_unsound(findings, accepted)
    monotonic = job.options.get("monotonic")
    card = fit_card(rows, monotonic=monotonic)
    yield _told(job, Step(done=2, total=3, note=_("fitted")))
    in_force = job.options.get("in_force", "")
    judged: dict[str, Any] = {"most": most, "in_force": in_force, "monotonic": monotonic}
    comparison = challenge(target, rows, job.past, **judged, now=job.now)
    moved = moved_since(target, rows)
    reason = in_force or job.options.get("reason", "") or _("Regular refit")
    with transaction.atomic(router.db_for_write(CardVersion)):
        told: dict[str, Any] = {"findings": findings, "accepted": accepted, "by": job.by, "reason": reason}
        version = publish_card(target, card, **told, comparison=comparison, moved=moved, now=job.now)
        last = Step(done=3, total=3, note=refit_note(version, findings, comparison_of(version), moved).text())
        job.finish(last)
    yield last


def _told(job: Job, step: Step) -> Step:
    job.beat(step)
    return step


WORKS: Mapping[str, Callable[[Job], Iterator[Step]]] = {
    Kind.RESCORE: _rescore,
    Kind.SWEEP: _sweep,
    Kind.REFIT: _refit,
    Kind.SEAL: _seal,
    Kind.RETAIN: _retain,
    Kind.COUNT: _count,
}
