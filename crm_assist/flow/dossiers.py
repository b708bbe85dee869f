"""One customer's dossier: everything kept and read about them, for whoever must tell them; a chapter for each decision.

Gathered in bounded memory: the chapters come as they are drawn. Words are the edges' business.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db.models import Q

from crm_assist import customers, features
from crm_assist.customers.models import Subject
from crm_assist.decisions.models import Decision, Display, Outcome, OwnOffer, Response, ScoreAnswer
from crm_assist.events import emit
from crm_assist.flow.attribution import outcomes_of
from crm_assist.flow.errors import require
from crm_assist.flow.naming import Names, names_of_tenant
from crm_assist.flow.payload import facts_payload, plain
from crm_assist.flow.review import DecisionView
from crm_assist.journal.writer import payloads_of
from crm_assist.learning.models import Target
from crm_assist.privacy import holds
from crm_assist.registry import NotRegistered
from crm_assist.scoring.stored import stored_of, written
from crm_assist.types import Principal

CHUNK = 100


@dataclass(frozen=True, kw_only=True, slots=True)
class KeptScore:
    """A score that is stored for lists."""

    target: Target
    probability: float
    scored_at: datetime


@dataclass(frozen=True, kw_only=True, slots=True)
class Chapter:
    """One decision about the customer with all that followed; `comments` has what agents wrote, by their answer."""

    view: DecisionView
    comments: Mapping[UUID, str]


@dataclass(frozen=True, kw_only=True, slots=True)
class Dossier:
    """What is known of one customer: read live, kept, and logged; `live` is None where the CRM does not have them."""

    model_label: str
    key: str
    called: str
    tenant: str
    at: datetime
    subject: Subject | None
    merged_keys: tuple[str, ...]
    live: Mapping[str, Any] | None
    scores: tuple[KeptScore, ...]
    targets: tuple[Target, ...]
    outcomes: tuple[Outcome, ...]
    is_held: bool
    decisions: int
    names: Names
    chapters: Iterator[Chapter]


def dossier(principal: Principal, model_label: str, key: str, *, now: datetime) -> Dossier:
    """Everything about a customer of the person's tenant, under every key they had; that it was made is told.

    CustomerNotFound for somebody who is neither in the CRM nor known here: strangers and the forgotten look alike.
    """
    require(principal, "view_dossier")
    try:
        adapter = customers.adapter_for(model_label)
    except NotRegistered as error:
        raise customers.CustomerNotFound from error
    own = Subject.objects.of(adapter.model_label, key, principal.tenant).filter(erased_at=None).first()
    subject = customers.end_of(own) if own is not None else None
    with adapter.tenant_context(principal.tenant):
        called, live = _live(adapter, subject.key if subject else key, principal.tenant, now)
    if subject is None and live is None:
        raise customers.CustomerNotFound
    family = customers.family(subject) if subject is not None else []
    rows = Decision.objects.filter(subject__in=family)
    emit("dossier.made", tenant=principal.tenant, adapter=adapter.model_label)
    return Dossier(
        model_label=adapter.model_label,
        key=subject.key if subject else key,
        called=called,
        tenant=principal.tenant,
        at=now,
        subject=subject,
        merged_keys=tuple(Subject.objects.filter(pk__in=family[1:]).order_by("key").values_list("key", flat=True)),
        live=live,
        scores=tuple(_scores(adapter, subject.key if subject else key, principal.tenant)),
        targets=tuple(_targets(adapter, principal.tenant)),
        outcomes=_outcomes(family),
        is_held=bool(family) and holds.over(family, now=now) is not None,
        decisions=rows.count(),
        names=names_of_tenant(principal.tenant),
        chapters=_chapters(family),
    )


def _live(
    adapter: customers.CustomerAdapter, key: str, tenant: str, now: datetime
) -> tuple[str, Mapping[str, Any] | None]:
    """What the CRM calls the customer, and the data as a decision of this moment would read it."""
    try:
        there = adapter.queryset().filter(adapter.tenant_filter(tenant))
        reading = features.snapshot(adapter, key, now, queryset=there, tenant=tenant)
    except customers.CustomerNotFound:
        return "", None
    if reading.snapshot.tenant != tenant:
        return "", None
    values = {name: plain(value) for name, value in reading.snapshot.values.items()}
    facts = facts_payload(customers.facts(adapter, reading.obj))
    return str(adapter.label(reading.obj)), {"model": adapter.model_label, "features": values, "facts": facts}


def _targets(adapter: customers.CustomerAdapter, tenant: str) -> Iterator[Target]:
    """What this kind of customer is scored for, a tenant's own target before the common one."""
    ours = Target.objects.filter(Q(tenant=tenant) | Q(tenant=""), adapter=adapter.model_label)
    found: dict[str, Target] = {}
    for target in ours.order_by("-is_main", "-tenant", "name"):
        found.setdefault(target.name, target)
    yield from found.values()


def _scores(adapter: customers.CustomerAdapter, key: str, tenant: str) -> Iterator[KeptScore]:
    try:
        text = written(adapter, key)
    except customers.BadKey:
        return
    for target in _targets(adapter, tenant):
        kept = stored_of(adapter, text, target=target.name, tenant=tenant).values_list("probability", "scored_at")
        for probability, scored_at in kept[:1]:
            yield KeptScore(target=target, probability=probability, scored_at=scored_at)


def _outcomes(family: list[int]) -> tuple[Outcome, ...]:
    """What the customer did, as the host told it; corrections in place of mistakes."""
    found = list(Outcome.objects.filter(subject__in=family).order_by("occurred_at", "id"))
    mistaken = {outcome.corrects for outcome in found}
    return tuple(outcome for outcome in found if outcome.pk not in mistaken)


def _chapters(family: list[int]) -> Iterator[Chapter]:
    """The decisions, oldest first, some at a time."""
    last: Decision | None = None
    while True:
        rows = Decision.objects.filter(subject__in=family).select_related("subject").order_by("at", "id")
        if last is not None:
            rows = rows.filter(at__gte=last.at).exclude(at=last.at, id__lte=last.id)
        chunk = list(rows[:CHUNK])
        if not chunk:
            return
        yield from _told(chunk)
        last = chunk[-1]


def _told(rows: list[Decision]) -> Iterator[Chapter]:
    ids = [row.pk for row in rows]
    payloads, outcomes = payloads_of(ids), outcomes_of(rows)
    beside = {kind: _followed(kind, ids) for kind in (Display, Response, ScoreAnswer, OwnOffer)}
    comments = _comments(beside.values())
    for row in rows:
        followed = {kind: tuple(found.get(row.pk, ())) for kind, found in beside.items()}
        view = DecisionView(
            row=row,
            subject=row.subject,
            payload=payloads.get(row.pk),
            displays=followed[Display],
            responses=followed[Response],
            score_answers=followed[ScoreAnswer],
            own_offers=followed[OwnOffer],
            outcomes=outcomes[row.pk],
        )
        yield Chapter(view=view, comments=comments)


def _followed(kind: Any, ids: list[UUID]) -> dict[UUID, list[Any]]:
    found: dict[UUID, list[Any]] = {}
    for one in kind.objects.filter(decision_id__in=ids).order_by("at", "id"):
        found.setdefault(one.decision_id, []).append(one)
    return found


def _comments(beside: Iterable[dict[UUID, list[Any]]]) -> dict[UUID, str]:
    """What agents wrote, by the id of their answer; an answer without a digest has nothing beside it."""
    asked = [one.pk for found in beside for rows in found.values() for one in rows if one.digest]
    return {pk: str(kept["comment"]) for pk, kept in payloads_of(asked).items() if kept and kept.get("comment")}
