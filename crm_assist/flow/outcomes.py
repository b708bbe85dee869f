"""The host tells what a customer did, at once or in bulk, late, corrected or out of order."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from functools import partial

from django.db import transaction

from crm_assist import customers
from crm_assist.customers.bulk import subjects_for
from crm_assist.customers.models import Subject
from crm_assist.decisions import tellings
from crm_assist.decisions.answers import BadAnswer
from crm_assist.decisions.models import Outcome
from crm_assist.decisions.outcomes import outcome_row
from crm_assist.decisions.tellings import Told
from crm_assist.events import emit, emit_on_commit
from crm_assist.signals import outcome_recorded

CHUNK = 500


@dataclass(frozen=True, kw_only=True, slots=True)
class ToldOutcome:
    """One outcome as the host tells it; of the same external id the highest version counts, whenever it arrives."""

    key: str
    product: str
    kind: str
    occurred_at: datetime
    tenant: str = ""
    external_id: str = ""
    version: int | None = None


def record_outcome(
    *,
    model: str,
    key: str,
    product: str,
    kind: str,
    occurred_at: datetime,
    tenant: str = "",
    source: str = "",
    external_id: str = "",
    version: int | None = None,
    now: datetime,
) -> Outcome:
    """Record what a customer did; the same external id twice is recorded once, with other content it is a correction.

    With a version the highest one counts, whatever order they arrive in; without, the last one told. Raises BadAnswer
    for an unknown kind or a moment in the future, BadKey for a text that cannot be a key.
    """
    told = ToldOutcome(
        key=key,
        product=product,
        kind=kind,
        occurred_at=occurred_at,
        tenant=tenant,
        external_id=external_id,
        version=version,
    )
    with refusals_told(tenant, source):
        subject = customers.subject_for(model_label=model, key=key, tenant=tenant, now=now)
        row = _row(told, subject, source=source, now=now)
    with transaction.atomic():
        # Of the same outcome told twice at once, the second one waits and sees the first.
        Subject.objects.select_for_update().get(pk=subject.pk)
        recorded = tellings.record_outcome(row)
    transaction.on_commit(partial(_tell, model, told))
    return recorded


def _tell(model: str, told: ToldOutcome) -> None:
    outcome_recorded.send(
        Outcome,
        model_label=model,
        key=told.key,
        tenant=told.tenant,
        product=told.product,
        kind=told.kind,
        occurred_at=told.occurred_at,
    )


def _row(told: ToldOutcome, subject: Subject, *, source: str, now: datetime) -> Outcome:
    return outcome_row(
        subject_id=subject.pk,
        tenant=told.tenant,
        product=told.product,
        kind=told.kind,
        occurred_at=told.occurred_at,
        source=source,
        external_id=told.external_id,
        version=told.version,
        now=now,
    )


def record_outcomes(model: str, told: Iterable[ToldOutcome], *, source: str, now: datetime) -> Told:
    """Record many outcomes, all or none, and say what became of them: new, corrected, known, late, contradicted."""
    done = Told()
    with transaction.atomic():
        for chunk in _chunks(told):
            subjects = subjects_for(model_label=model, who={(item.tenant, item.key) for item in chunk}, now=now)
            with refusals_told(chunk[0].tenant, source):
                rows = [
                    _row(item, customers.end_of(subjects[item.tenant, item.key]), source=source, now=now)
                    for item in chunk
                ]
            done += tellings.record_outcomes(rows)
        emit_on_commit("outcomes.recorded", source=source, count=done.recorded)
    return done


@contextmanager
def refusals_told(tenant: str, source: str) -> Iterator[None]:
    """A block whose BadAnswer is counted among the events before the teller gets it."""
    try:
        yield
    except BadAnswer as error:
        emit("outcomes.refused", tenant=tenant, source=source[:40], field=error.field, count=1)
        raise


def _chunks(told: Iterable[ToldOutcome]) -> Iterable[list[ToldOutcome]]:
    chunk: list[ToldOutcome] = []
    for item in told:
        chunk.append(item)
        if len(chunk) == CHUNK:
            yield chunk
            chunk = []
    if chunk:
        yield chunk
