"""How outcomes stand by source, and those that contradict each other, until a person says which is right."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby
from uuid import UUID

from django.db import transaction
from django.db.models import Count, Max, QuerySet
from django.utils.translation import gettext as _

from crm_assist.decisions.models import Outcome, OutcomeSource
from crm_assist.decisions.standing import contradicted, in_force
from crm_assist.decisions.tellings import record_settled
from crm_assist.flow.attribution import count_following
from crm_assist.flow.errors import BadAnswer, NotAllowed, require
from crm_assist.types import Principal

READERS = ("record_outcome", "view_log")
"""Either of these permissions opens what was told to read."""


@dataclass(frozen=True, kw_only=True, slots=True)
class SourceStand:
    """What one of the host's systems has told: all tellings, the outcomes that stand, those that contradict."""

    source: str
    told: int = 0
    in_force: int = 0
    contradicted: int = 0
    last_at: datetime | None = None
    complete_until: datetime | None = None
    said_by: str = ""


@dataclass(frozen=True, kw_only=True, slots=True)
class Contradiction:
    """One outcome that was told with different contents in the same version; `tellings` need their subjects."""

    source: str
    mark: str
    tellings: tuple[Outcome, ...]


def outcome_sources(principal: Principal) -> tuple[SourceStand, ...]:
    """How the outcomes of the person's tenant stand, by source; four statements."""
    _may_read(principal)
    told = Outcome.objects.filter(tenant=principal.tenant).order_by().values("source")
    rows = {row["source"]: row for row in told.annotate(told=Count("pk"), last=Max("at"))}
    stands, against = (_counted(found.filter(tenant=principal.tenant)) for found in (in_force(), contradicted()))
    said = {one.source: one for one in OutcomeSource.objects.filter(tenant=principal.tenant)}
    return tuple(
        SourceStand(
            source=source,
            told=rows[source]["told"] if source in rows else 0,
            last_at=rows[source]["last"] if source in rows else None,
            in_force=stands.get(source, 0),
            contradicted=against.get(source, 0),
            complete_until=said[source].complete_until if source in said else None,
            said_by=said[source].changed_by if source in said else "",
        )
        for source in sorted({*rows, *said})
    )


def outcomes_followed(principal: Principal) -> int:
    """How many of the tenant's outcomes follow from a suggestion; one statement, and one for each length of window."""
    _may_read(principal)
    return count_following(principal.tenant)


def _counted(rows: QuerySet[Outcome]) -> Mapping[str, int]:
    return dict(rows.order_by().values("source").annotate(count=Count("pk")).values_list("source", "count"))


def contradictions(principal: Principal, *, most: int = 50) -> tuple[Contradiction, ...]:
    """The outcomes of the person's tenant of which different things were told, at most so many tellings of them."""
    _may_read(principal)
    rows = contradicted().filter(tenant=principal.tenant).select_related("subject")
    found = rows.order_by("source", "external_id", "at", "id")[:most]
    by_outcome = groupby(found, key=lambda row: (row.source, row.external_id))
    return tuple(Contradiction(source=source, mark=mark, tellings=tuple(told)) for (source, mark), told in by_outcome)


def settle_contradiction(principal: Principal, outcome_id: UUID, *, now: datetime) -> Outcome:
    """Say that this telling is the right one: a new row above the others; nothing of the log is changed.

    NotAllowed without `record_outcome`; BadAnswer for a telling that contradicts none, or no more.
    """
    require(principal, "record_outcome")
    with transaction.atomic():
        row = Outcome.objects.filter(tenant=principal.tenant, pk=outcome_id).first()
        if row is None or not contradicted().filter(pk=outcome_id).exists():
            message = _("No open contradiction holds “%(value)s”; it may have been settled meanwhile.")
            raise BadAnswer("outcome", message % {"value": str(outcome_id)})
        return record_settled(row, now=now)


def _may_read(principal: Principal) -> None:
    if not any(principal.may(permission) for permission in READERS):
        raise NotAllowed(READERS[0])
