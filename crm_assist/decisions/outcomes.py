"""What customers did, told by the host: late, twice or corrected, each told once; silence is never turned into a no."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from datetime import datetime

from django.db.models import QuerySet
from django.utils.translation import gettext as _

from crm_assist.decisions.answers import BadAnswer
from crm_assist.decisions.marks import marks
from crm_assist.decisions.models import Outcome
from crm_assist.events import emit_on_commit
from crm_assist.journal.ids import uuid7
from crm_assist.journal.writer import record, record_many
from crm_assist.types import OutcomeKind

CHUNK = 250
LONGEST = {"product": 60, "source": 40, "external_id": 100}
"""The widths of the columns, which SQLite would not hold anybody to."""

EARLIEST_YEAR = 1900
"""An outcome of this year or before is taken for a mistake."""


def checked_kind(kind: str) -> OutcomeKind:
    """The outcome as a value, or BadAnswer."""
    try:
        return OutcomeKind(kind)
    except ValueError:
        words = {"value": kind[:40], "known": ", ".join(OutcomeKind)}
        raise BadAnswer("kind", _("“%(value)s” is not an outcome; use one of %(known)s.") % words) from None


def outcome_row(
    *,
    subject_id: int,
    tenant: str,
    product: str,
    kind: str,
    occurred_at: datetime,
    source: str,
    external_id: str,
    now: datetime,
) -> Outcome:
    """The row of one outcome, not yet recorded; BadAnswer names the field that cannot be taken."""
    for field, text in (("product", product), ("source", source), ("external_id", external_id)):
        if len(text) > LONGEST[field] or "\x00" in text:
            message = _("This text is too long: use at most %(longest)d characters.")
            raise BadAnswer(field, message % {"longest": LONGEST[field]})
    if occurred_at.tzinfo is None:
        raise BadAnswer("occurred_at", _("The time has no time zone; give an aware one."))
    if occurred_at > now:
        raise BadAnswer("occurred_at", _("An outcome cannot lie in the future; give the time at which it happened."))
    if occurred_at.year <= EARLIEST_YEAR:
        message = _("An outcome cannot lie before %(year)d; give the time at which it happened.")
        raise BadAnswer("occurred_at", message % {"year": EARLIEST_YEAR + 1})
    return Outcome(
        id=uuid7(now),
        tenant=tenant,
        at=now,
        subject_id=subject_id,
        product=product,
        kind=checked_kind(kind).value,
        occurred_at=occurred_at,
        source=source,
        external_id=external_id,
    )


def record_outcome(row: Outcome) -> Outcome:
    """Record an outcome; one with a source and an external id that is known already is returned as it stands.

    The same id with another content is a correction: a new row that names the one it replaces.
    """
    if row.external_id:
        known = latest(row.tenant, row.source, row.external_id)
        if known is not None:
            if _same(known, row):
                return known
            row.corrects = known.pk
    emit_on_commit("outcome.recorded", tenant=row.tenant, product=row.product, kind=row.kind, source=row.source)
    return record(_nameless(row), None)


def record_outcomes(rows: list[Outcome]) -> int:
    """Record many outcomes at once, those known by source and external id left out; says how many were new."""
    seen, fresh = _told(rows), []
    for row in rows:
        if row.external_id:
            if _place(row) in seen:
                continue
            seen.add(_place(row))
        fresh.append(_nameless(row))
    record_many([(row, None) for row in fresh])
    return len(fresh)


def told_before(tenant: str, source: str, external_ids: Iterable[str]) -> dict[str, Outcome]:
    """The outcomes known under these ids of the host, by id, as they stand after all corrections."""
    names, found = sorted(filter(None, set(external_ids))), dict[str, Outcome]()
    for start in range(0, len(names), CHUNK):
        raw = {mark: name for name in names[start : start + CHUNK] for mark in marks(tenant, source, name)}
        rows = Outcome.objects.filter(tenant=tenant, source=source, external_id__in=list(raw)).order_by("at", "id")
        found |= {raw[row.external_id]: row for row in rows}
    return found


def latest(tenant: str, source: str, external_id: str) -> Outcome | None:
    """The outcome under the host's own id as it stands after all corrections."""
    return told_before(tenant, source, [external_id]).get(external_id)


def _nameless(row: Outcome) -> Outcome:
    """The host's id becomes its mark: a row of the log can never be changed, and the id would outlive an erasure."""
    if row.external_id:
        row.external_id = marks(row.tenant, row.source, row.external_id)[0]
    return row


def _place(row: Outcome) -> tuple[str, str, str]:
    return row.tenant, row.source, row.external_id


def _told(rows: list[Outcome]) -> set[tuple[str, str, str]]:
    """Those of the host's ids among these rows that are in the log."""
    names: dict[tuple[str, str], set[str]] = defaultdict(set)
    for row in rows:
        names[row.tenant, row.source].add(row.external_id)
    return {(*of, name) for of, some in names.items() for name in told_before(*of, some)}


def in_force() -> QuerySet[Outcome]:
    """The outcomes that no later row corrects."""
    corrected = Outcome.objects.filter(corrects__isnull=False).values("corrects")
    rows: QuerySet[Outcome] = Outcome.objects.exclude(pk__in=corrected)
    return rows


def _same(known: Outcome, row: Outcome) -> bool:
    names = ("subject_id", "product", "kind", "occurred_at")
    return all(getattr(known, name) == getattr(row, name) for name in names)
