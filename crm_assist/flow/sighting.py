"""One customer read in one statement: features, subject, stored score and the decision that may be reused."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.db import router
from django.db.models import CharField, F, Subquery, UUIDField, Value
from django.db.models.functions import Cast, Coalesce, JSONObject

from crm_assist import customers, features
from crm_assist.conf import settings
from crm_assist.customers import CustomerAdapter, CustomerNotFound
from crm_assist.customers.keys import BadKey
from crm_assist.customers.models import Subject
from crm_assist.decisions.models import Decision, Outcome
from crm_assist.flow.deciding import Stored
from crm_assist.flow.payload import plain
from crm_assist.journal.ids import lowest_of_month
from crm_assist.scoring.stored import stored_of, written
from crm_assist.types import OutcomeKind, Principal, Snapshot

KEPT = ("id", "phase", "admission", "card", "revision", "silence", "probability", "slate")
OBJECTED = {"objected": "subject", "objected_before": "subject__merged_into"}
"""Whose outcomes tell of an objection: those of the subject that stands for the customer, and of all merged into it."""
END = Coalesce("merged_into__merged_into_id", "merged_into_id", "id")
"""The subject that stands for the customer after up to two merges in a row."""


@dataclass(frozen=True, kw_only=True, slots=True)
class LastDecision:
    """What the agent was shown of this customer a moment ago."""

    id: UUID
    phase: str
    admission: str
    card: str
    revision: int
    silence: str
    probability: float | None
    slate: tuple[str, ...]


@dataclass(frozen=True, kw_only=True, slots=True)
class Sighting:
    """The customer as the host has it now, and what we know of it."""

    customer: Any
    snapshot: Snapshot
    subject_id: int | None
    stored: Stored | None
    last: LastDecision | None
    objected_at: datetime | None = None
    stored_card: int | None = None
    """The id of the CardVersion that gave the stored score."""


def sight(
    principal: Principal, adapter: CustomerAdapter, key: str, *, target: str, suggests: bool, now: datetime
) -> Sighting:
    """Read the customer, or raise CustomerNotFound alike for unknown, invisible and other tenants' customers."""
    since = now - timedelta(seconds=settings.REUSE_SECONDS)
    known = features.Extra(
        build=_with_objections if suggests else _known,
        values={
            "tenant": principal.tenant,
            "model": adapter.model_label,
            "key": key,
            "stored_key": _stored_key(adapter, key),
            "agent": principal.key,
            "target": target,
            "since": since,
            "since_id": lowest_of_month(since).hex,
        },
    )
    visible = customers.visible_to(principal, adapter)
    together = {"extra": known} if visible.db == router.db_for_read(Subject) else {}
    reading = features.snapshot(adapter, key, now, queryset=visible, tenant=principal.tenant, **together)
    if reading.snapshot.tenant != principal.tenant:
        raise CustomerNotFound
    found = reading.extra if together else _apart(adapter, known)
    values = {name: plain(value) for name, value in reading.snapshot.values.items()}
    stored = found["stored"]
    return Sighting(
        customer=reading.obj,
        snapshot=replace(reading.snapshot, values=values),
        subject_id=found["subject"],
        stored=None if stored is None else Stored(probability=stored, scored_at=found["stored_at"]),
        stored_card=found["stored_card"],
        last=_last(found["last"]),
        objected_at=max((found[name] for name in OBJECTED if found.get(name)), default=None),
    )


def _stored_key(adapter: CustomerAdapter, key: str) -> str:
    try:
        return written(adapter, key)
    except BadKey:
        raise CustomerNotFound from None


def _subjects(values: Mapping[str, Any]) -> Any:
    return Subject.objects.filter(tenant=values["tenant"], model_label=values["model"], key=values["key"])


def _known(adapter: CustomerAdapter, values: Mapping[str, Any]) -> dict[str, Subquery]:
    """What we know of the customer. The values may be stand-ins: they go into queries and nowhere else."""
    subjects = _subjects(values).values(end=END)
    scores = stored_of(adapter, values["stored_key"], target=values["target"], tenant=values["tenant"])
    shown = Decision.objects.filter(subject__in=subjects, agent_key=values["agent"], at__gte=values["since"])
    # In a log that is parted by month no other month is looked at.
    shown = shown.filter(id__gte=Cast(Value(values["since_id"], output_field=CharField()), UUIDField()))
    kept = JSONObject(**{name: F(name) for name in KEPT})
    return {
        "subject": Subquery(subjects[:1]),
        "stored": Subquery(scores.values("probability")[:1]),
        "stored_at": Subquery(scores.values("scored_at")[:1]),
        "stored_card": Subquery(scores.values("card")[:1]),
        "last": Subquery(shown.order_by("-at", "-id").values(kept=kept)[:1]),
    }


def _with_objections(adapter: CustomerAdapter, values: Mapping[str, Any]) -> dict[str, Subquery]:
    """The same, and the last objection that the host told of the customer, under whichever of its merged keys.

    One told by mistake is not taken back by a correction, but by a newer consent: closed is the safe side.
    """
    end = Subquery(_subjects(values).values(end=END)[:1])
    told = Outcome.objects.filter(kind=OutcomeKind.OBJECTED.value).order_by("-occurred_at").values("occurred_at")
    return _known(adapter, values) | {name: Subquery(told.filter(**{who: end})[:1]) for name, who in OBJECTED.items()}


def _apart(adapter: CustomerAdapter, known: features.Extra) -> dict[str, Any]:
    """The same by a statement of its own, where the host keeps its customers in another database."""
    columns = known.build(adapter, known.values)
    found = _subjects(known.values).annotate(**columns).values(*columns).first()
    return dict(found) if found else dict.fromkeys(columns)


def _last(kept: dict[str, Any] | None) -> LastDecision | None:
    if kept is None:
        return None
    slate = tuple(code for code in kept["slate"].split(",") if code)
    return LastDecision(**{**kept, "id": UUID(kept["id"]), "slate": slate})
