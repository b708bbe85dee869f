"""Analysts at work: the decisions by filter, one of them whole, and its replay by the versions that were in force."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.utils import timezone

from crm_assist.customers.models import Subject
from crm_assist.decisions.models import (
    Decision,
    DecisionQuerySet,
    Display,
    Outcome,
    OwnOffer,
    Response,
    ScoreAnswer,
)
from crm_assist.flow.attribution import outcomes_of
from crm_assist.flow.deciding import Serving, decide
from crm_assist.flow.errors import DecisionNotFound, require
from crm_assist.flow.looks import look
from crm_assist.flow.payload import essence, read_inputs, result_payload, told_of_row
from crm_assist.flow.rule_terms import rules_then
from crm_assist.journal.writer import is_intact, payload_of
from crm_assist.scorecards.scorecard import Scorecard
from crm_assist.scorecards.versions import by_digest
from crm_assist.types import Principal


@dataclass(frozen=True, kw_only=True, slots=True)
class Filters:
    """Which decisions to look at; what is empty does not filter."""

    team: str = ""
    product: str = ""
    response: str = ""
    reason: str = ""
    phase: str = ""
    silence: str = ""
    agent: str = ""
    key: str = ""
    since: datetime | None = None
    until: datetime | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class DecisionView:
    """One decision with all that followed; `payload` is None once it was erased."""

    row: Decision
    subject: Subject
    payload: Mapping[str, Any] | None
    displays: tuple[Display, ...]
    responses: tuple[Response, ...]
    score_answers: tuple[ScoreAnswer, ...]
    own_offers: tuple[OwnOffer, ...]
    outcomes: tuple[Outcome, ...]


@dataclass(frozen=True, kw_only=True, slots=True)
class Replay:
    """Whether the recorded versions give the recorded result again, and where not."""

    identical: bool
    possible: bool
    code: str
    differences: tuple[tuple[str, Any, Any], ...] = ()


def decisions(principal: Principal, filters: Filters, *, now: datetime | None = None) -> DecisionQuerySet:
    """The decisions of the person's tenant that pass the filters, newest first.

    One agent's alone need `view_agent`, and that they were asked for is noted in the log as of `now` (by default the
    present).
    """
    require(principal, "view_log")
    if filters.agent:
        look(principal, filters.agent, now=now or timezone.now())
    rows: DecisionQuerySet = Decision.objects.filter(tenant=principal.tenant)
    exact = {"team": filters.team, "phase": filters.phase, "silence": filters.silence, "agent_key": filters.agent}
    rows = rows.filter(**{name: value for name, value in exact.items() if value})
    if filters.key:
        rows = rows.filter(subject__in=Subject.objects.filter(tenant=principal.tenant, key=filters.key))
    if filters.product:
        rows = rows.showing(filters.product)
    if filters.response or filters.reason:
        rows = rows.answered(filters.response, filters.reason)
    rows = rows.dated(filters.since, filters.until)
    return rows.order_by("-at", "-id")


def decision_page(
    principal: Principal, filters: Filters, *, after: UUID | None = None, most: int = 50
) -> tuple[tuple[Decision, ...], UUID | None]:
    """The decisions that pass the filters from the one after `after` on, and the id to go on from; None at the end.

    One index range whatever the place, and no count. DecisionNotFound when `after` is not of the tenant.
    """
    rows = decisions(principal, filters).select_related("subject")
    if after is not None:
        last = Decision.objects.filter(tenant=principal.tenant, pk=after).values_list("at", "id").first()
        if last is None:
            raise DecisionNotFound(str(after))
        rows = rows.filter(at__lte=last[0]).exclude(at=last[0], id__gte=last[1])
    found = tuple(rows[: most + 1])
    return found[:most], found[most - 1].id if len(found) > most else None


def decision(principal: Principal, decision_id: UUID) -> DecisionView:
    """One decision of the person's tenant with its payload and everything that followed; DecisionNotFound otherwise."""
    require(principal, "view_log")
    row = Decision.objects.select_related("subject").filter(pk=decision_id, tenant=principal.tenant).first()
    if row is None:
        raise DecisionNotFound(str(decision_id))
    mine = {"decision_id": decision_id}
    return DecisionView(
        row=row,
        subject=row.subject,
        payload=payload_of(decision_id),
        displays=tuple(Display.objects.filter(**mine)),
        responses=tuple(Response.objects.filter(**mine)),
        score_answers=tuple(ScoreAnswer.objects.filter(**mine)),
        own_offers=tuple(OwnOffer.objects.filter(**mine)),
        outcomes=outcomes_of([row])[row.pk],
    )


def replay(principal: Principal, decision_id: UUID) -> Replay:
    """Decide again from the logged inputs with the cards of that moment and compare every number and code.

    A payload that is not the one the row was written with proves nothing, and is told as altered.
    """
    require(principal, "view_log")
    row = Decision.objects.filter(pk=decision_id, tenant=principal.tenant).first()
    if row is None:
        raise DecisionNotFound(str(decision_id))
    payload = payload_of(decision_id)
    if payload is None:
        return Replay(identical=False, possible=False, code="erased")
    if not is_intact(row):
        return Replay(identical=False, possible=False, code="altered")
    return replayed(payload, row)


def replayed(payload: Mapping[str, Any], row: Decision) -> Replay:
    """The replay of one payload, held against the columns of its row too."""
    inputs = read_inputs(payload["inputs"])
    texts = by_digest(set(inputs.cards.values()))
    if set(inputs.cards.values()) - set(texts):
        return Replay(identical=False, possible=False, code="card_missing")
    servings = {
        target: Serving(card=Scorecard.loads(texts[digest]), digest=digest, version=inputs.versions[target])
        for target, digest in inputs.cards.items()
    }
    rules = rules_then(inputs.rules, inputs.unread)
    if rules is None:
        return Replay(identical=False, possible=False, code="rule_missing")
    again = essence(result_payload(decide(inputs, servings, rules)))
    then = essence(payload["result"])
    told = told_of_row(payload)
    stands = {name: getattr(row, name) for name in told}
    differences = (*_differences("row", stands, told), *_differences("", then, again))
    return Replay(
        identical=not differences,
        possible=True,
        code="differs" if differences else "identical",
        differences=differences,
    )


def _differences(path: str, then: Any, again: Any) -> list[tuple[str, Any, Any]]:
    if isinstance(then, dict) and isinstance(again, dict):
        names = [*then, *(name for name in again if name not in then)]
        return [
            d for name in names for d in _differences(f"{path}.{name}".lstrip("."), then.get(name), again.get(name))
        ]
    if isinstance(then, list | tuple) and isinstance(again, list | tuple) and len(then) == len(again):
        pairs = enumerate(zip(then, again, strict=True))
        return [d for place, (a, b) in pairs for d in _differences(f"{path}[{place}]", a, b)]
    return [] if then == again else [(path, then, again)]
