"""The agent opens a customer: features, score, eligibility, slate, journal, and what may be shown of it."""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager, nullcontext
from dataclasses import replace
from datetime import datetime
from time import perf_counter
from typing import Any
from uuid import UUID

from django.db import DatabaseError, connections, router, transaction
from django.utils.translation import get_language

from crm_assist import __version__, customers
from crm_assist.conf import settings
from crm_assist.customers.subjects import new_subject
from crm_assist.decisions import suggestions
from crm_assist.decisions.models import Decision, Suggestion
from crm_assist.events import emit, emit_on_commit
from crm_assist.flow import gaps
from crm_assist.flow.payload import inputs_payload, result_payload, row_payload
from crm_assist.flow.run import Run, prepare, still_holds
from crm_assist.flow.showing import view_of
from crm_assist.flow.view import RecordView
from crm_assist.journal.canonical import UnfitPayload
from crm_assist.journal.ids import uuid7
from crm_assist.journal.writer import record as write
from crm_assist.journal.writer import record_first as write_first
from crm_assist.registry import NotRegistered
from crm_assist.rollout.admission import admission as admission_of
from crm_assist.types import Phase, Principal

logger = logging.getLogger("crm_assist.flow")
ATTEMPTS = 3
"""How often a decision is made anew when colleagues answer in between."""


def record(
    principal: Principal,
    model_label: str,
    key: str,
    *,
    now: datetime,
    clock: Callable[[], float] = perf_counter,
) -> RecordView:
    """What this agent may see of this customer now; the decision is logged, or that of a moment ago is shown again.

    Raises CustomerNotFound alike for what is unknown, invisible or another tenant's. Off reads nothing of the customer.
    """
    started = clock()
    try:
        adapter = customers.adapter_for(model_label)
    except NotRegistered as error:
        raise customers.CustomerNotFound from error
    admission, revision = admission_of(principal)
    if not admission.phase.opens(Phase.SHADOW):
        return RecordView(admission=admission)
    overtaken, subject_id = suggestions.Overtaken(), None
    for _attempt in range(ATTEMPTS):
        run = prepare(principal, adapter, key, admission=admission, revision=revision, now=now)
        if subject_id not in (None, run.sighting.subject_id):
            raise customers.CustomerNotFound  # erased or merged while we looked: it is not this one any more
        last = run.sighting.last
        if last is not None and still_holds(run, last):
            return view_of(run, last.id, last.slate, run.newest)
        try:
            return _decided(run, lambda: (clock() - started) * 1000.0)
        except suggestions.Overtaken as error:  # a colleague answered in between: what was read is no longer true
            overtaken, subject_id = error, run.sighting.subject_id
    return _silent(run, overtaken)


def _decided(run: Run, elapsed: Callable[[], float]) -> RecordView:
    decision_id = uuid7(run.now)
    try:
        with _together(run):
            subject_id = _subject_id(run)
            standing = _offered(run, decision_id, subject_id)
            slate = [candidate.product for candidate in run.result.slate if candidate.product in standing]
            row = _log(run, decision_id, subject_id, {code: standing[code] for code in slate}, elapsed())
            if not row.payload_kept:
                raise customers.CustomerNotFound  # erased while we looked; what was offered goes with it
            _tell(row)
    except (DatabaseError, UnfitPayload) as error:
        logger.exception("crm_assist.record_failed")
        return _silent(run, error)
    if missed := gaps.told(run.principal.tenant):
        emit_on_commit("log.resumed", count=missed)
    return view_of(run, decision_id, slate, standing)


def _silent(run: Run, error: Exception) -> RecordView:
    """The score without any suggestion, for want of a durable row; the gap is told by the next row that can be."""
    gaps.note(run.principal.tenant, run.now)
    emit("log.gap", tenant=run.principal.tenant, fault=type(error).__name__)
    quiet = replace(run.result, candidates=(), silence="record_failed")
    view = view_of(replace(run, result=quiet), None, (), {})
    return replace(view, away=view.shows_score)


def _together(run: Run) -> AbstractContextManager[Any]:
    """A transaction where there is more than one row to write; a single statement is one by itself."""
    connection = connections[router.db_for_write(Decision)]
    alone = not _may_offer(run) and connection.vendor == "postgresql" and not connection.in_atomic_block
    return nullcontext() if alone and connection.get_autocommit() else transaction.atomic()


def _may_offer(run: Run) -> bool:
    open_now = any(item.state == "open" for item in run.known)
    return run.admission.phase is Phase.RECOMMEND and bool(run.result.slate or open_now)


def _subject_id(run: Run) -> int | None:
    """The subject of this run; None for a new one that is best made together with the row, in the same statement."""
    known = run.sighting.subject_id
    if known is None and (_may_offer(run) or connections[router.db_for_write(Decision)].vendor != "postgresql"):
        return int(customers.subject_for(**_who(run), looked=True).pk)
    return known


def _who(run: Run) -> dict[str, Any]:
    snapshot = run.sighting.snapshot
    return {
        "model_label": snapshot.model_label,
        "key": snapshot.key,
        "tenant": snapshot.tenant,
        "now": run.now,
    }


def _written(run: Run, row: Decision, payload: dict[str, Any]) -> Decision:
    if row.subject_id is None:
        if write_first(row, payload, subject=new_subject(**_who(run))):
            return row
        row.subject_id = int(customers.subject_for(**_who(run)).pk)  # a colleague opened the record at the same time
    return write(row, payload)


def _offered(run: Run, decision_id: UUID, subject_id: int | None) -> Mapping[str, Suggestion]:
    if subject_id is None or not _may_offer(run):
        return {}
    return suggestions.offer(
        [suggestions.Offer(product=c.product, version=c.product_version, rank=c.rank or 0) for c in run.result.slate],
        subject_id=subject_id,
        tenant=run.principal.tenant,
        decision_id=decision_id,
        known=run.known,
        expire_days=run.inputs.policy.suggestion_days,
        now=run.now,
    )


def _log(
    run: Run, decision_id: UUID, subject_id: int | None, offered: Mapping[str, Suggestion], latency_ms: float
) -> Decision:
    score = run.result.score
    row = Decision(
        id=decision_id,
        tenant=run.principal.tenant,
        at=run.now,
        agent_key=run.principal.key,
        team=run.admission.team,
        phase=run.admission.phase.value,
        admission=run.admission.code,
        target=score.target if score else "",
        probability=score.probability if score else None,
        card=score.card if score else "",
        revision=run.revision,
        code_version=__version__,
        offered=len(offered),
        slate=",".join(offered),
        silence=run.silence,
        fallback=run.result.fallback,
        latency_ms=latency_ms,
    )
    if subject_id is not None:
        row.subject_id = subject_id
    payload = {
        "row": row_payload(row),
        "inputs": inputs_payload(run.inputs),
        "result": result_payload(run.result),
        "suggestions": {code: str(suggestion.pk) for code, suggestion in offered.items()},
        "agent": run.principal.name,
        "percent": run.admission.percent,
        "bucket": run.admission.bucket,
        "language": get_language() or "",
        "gaps": gaps.moments(run.principal.tenant),
    }
    return _written(run, row, payload)


def _tell(row: Decision) -> None:
    which = {"tenant": row.tenant, "decision_id": row.pk}
    emit_on_commit(
        "decision.made",
        **which,
        phase=row.phase,
        silence=row.silence,
        offered=row.offered,
        fallback=row.fallback,
        latency_ms=row.latency_ms,
    )
    if row.latency_ms >= settings.SLOW_MS:
        emit_on_commit("decision.slow", **which, latency_ms=row.latency_ms)
