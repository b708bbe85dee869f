"""The view for learning from logged choices: one row for each product that was offered, with the probability of it.

context, action, reward, pscore and position stand under the names that off-policy evaluation gives them. What nobody
has told yet is not known: it is never a 0. A row without a probability that can be divided by is kept, and says so.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any
from uuid import UUID

from crm_assist.decisions.models import Decision, Display, Outcome, Response
from crm_assist.flow.attribution import outcomes_of
from crm_assist.flow.export_people import RELATED, named
from crm_assist.journal.pseudonyms import Names
from crm_assist.journal.views import Column, Kind, View
from crm_assist.journal.writer import payloads_of
from crm_assist.types import OutcomeKind, ResponseKind

COLUMNS = (
    Column(name="decision", kind=Kind.ID, meaning="the decision that offered it"),
    Column(name="at", kind=Kind.MOMENT, meaning="when, in UTC"),
    Column(name="tenant", kind=Kind.TEXT, meaning="for which tenant; empty where there is only one"),
    Column(name="model", kind=Kind.TEXT, meaning="the host's kind of customer, as `app.Model`"),
    Column(name="customer", kind=Kind.TEXT, meaning="the customer by pseudonym, or by key in an export with names"),
    Column(name="agent", kind=Kind.TEXT, meaning="the agent by pseudonym, or by key in an export with names"),
    Column(name="team", kind=Kind.TEXT, meaning="the agent's team"),
    Column(name="context", kind=Kind.NESTED, meaning="the features of the customer at that moment, as logged"),
    Column(name="action", kind=Kind.TEXT, meaning="code of the product offered"),
    Column(name="version", kind=Kind.WHOLE, meaning="version of the product"),
    Column(name="position", kind=Kind.WHOLE, meaning="its place on the slate, from 1"),
    Column(
        name="pscore",
        kind=Kind.NUMBER,
        meaning="the probability, known before the choice, with which it was offered; above 0 and at most 1, or empty "
        "in quarantine",
    ),
    Column(
        name="reward",
        kind=Kind.NUMBER,
        meaning="the agent's answer: 1 accepted, 0 rejected; empty for any other answer and for none",
    ),
    Column(name="response", kind=Kind.CODE, meaning="the agent's answer as it stands, as a code; empty without one"),
    Column(name="reason", kind=Kind.CODE, meaning="the coded reason of the answer"),
    Column(
        name="ordered",
        kind=Kind.NUMBER,
        meaning="the customer's deed within `ATTRIBUTION_DAYS`: 1 ordered, 0 declined or cancelled afterwards; empty "
        "until one of them is told",
    ),
    Column(name="displayed", kind=Kind.YES_NO, meaning="whether a browser confirmed that it was on the screen"),
    Column(name="propensity", kind=Kind.NUMBER, meaning="the smoothed probability by which it was ranked"),
    Column(name="value", kind=Kind.NUMBER, meaning="the value of the product"),
    Column(name="priority", kind=Kind.NUMBER, meaning="by what it was ranked"),
    Column(
        name="actions",
        kind=Kind.NESTED,
        meaning="every product that could have been offered then: code, `pscore`, propensity, value, priority",
    ),
    Column(name="card", kind=Kind.CODE, meaning="fingerprint of the card behind the propensity"),
    Column(name="revision", kind=Kind.WHOLE, meaning="mark of what was published then: cards, targets, products"),
    Column(
        name="quarantine",
        kind=Kind.CODE,
        meaning="why the row cannot be learned from: `erased`, `not_a_candidate`, `no_probability`; empty where it can",
    ),
)
REWARDS = {ResponseKind.ACCEPTED.value: 1.0, ResponseKind.REJECTED.value: 0.0}
DEEDS = {OutcomeKind.ORDERED.value: 1.0, OutcomeKind.DECLINED.value: 0.0, OutcomeKind.CANCELLED.value: 0.0}
OUTRANKED = "below_rank"
"""The one verdict that closes a product that could have been offered."""

FIGURES = ("propensity", "value", "priority")


def bandit_records(rows: Sequence[Decision], names: Names) -> Iterator[dict[str, Any]]:
    """One record for each product on the slates of these decisions, best first."""
    offering = [row for row in rows if row.slate]
    payloads, answers = payloads_of(row.pk for row in offering), _answers(offering)
    shown = set(_of(Display, offering).values_list("decision_id", flat=True))
    deeds = outcomes_of(offering) if offering else {}
    for row in offering:
        payload = payloads.get(row.pk)
        common = {
            "decision": row.pk,
            "at": row.at,
            "tenant": row.tenant,
            **named(row, names),
            "team": row.team,
            "context": payload["inputs"]["features"] if payload else None,
            "actions": _actions(payload),
            "displayed": row.pk in shown,
            "revision": row.revision,
        }
        for position, product in enumerate(row.slate.split(","), 1):
            yield {
                **common,
                "action": product,
                "position": position,
                **_offer(payload, product),
                **_answered(answers.get((row.pk, product))),
                "ordered": _ordered(deeds.get(row.pk, ()), product),
            }


def fault_of(probability: Any) -> str:
    """Why nothing can be divided by this probability; empty when it can."""
    fits = isinstance(probability, int | float) and math.isfinite(probability) and 0.0 < probability <= 1.0
    return "" if fits else "no_probability"


def _offer(payload: Mapping[str, Any] | None, product: str) -> dict[str, Any]:
    """What was logged of the product itself."""
    if payload is None:
        return {"quarantine": "erased"}
    candidate = next((one for one in payload["result"]["candidates"] if one["product"] == product), None)
    if candidate is None:
        return {"quarantine": "not_a_candidate"}
    fault = fault_of(candidate.get("offer_probability"))
    return {
        "version": candidate["product_version"],
        "pscore": None if fault else float(candidate["offer_probability"]),
        **{name: candidate[name] for name in FIGURES},
        "card": candidate["card"],
        "quarantine": fault,
    }


def _actions(payload: Mapping[str, Any] | None) -> list[dict[str, Any]] | None:
    if payload is None:
        return None
    return [
        {
            "action": one["product"],
            "pscore": one.get("offer_probability"),
            **{name: one[name] for name in FIGURES},
        }
        for one in payload["result"]["candidates"]
        if all(verdict["open"] or verdict["code"] == OUTRANKED for verdict in one["verdicts"])
    ]


def _of(model: Any, rows: Sequence[Decision]) -> Any:
    return model.objects.filter(decision_id__in=[row.pk for row in rows])


def _answers(rows: Sequence[Decision]) -> dict[tuple[UUID, str], Response]:
    """The answer that stands for each decision and product: the last one, unless it was undone."""
    found: dict[tuple[UUID, str], Response] = {}
    for answer in _of(Response, rows).order_by("at", "id"):
        if answer.kind == ResponseKind.UNDONE.value:
            found.pop((answer.decision_id, answer.product), None)
        else:
            found[answer.decision_id, answer.product] = answer
    return found


def _answered(answer: Response | None) -> dict[str, Any]:
    if answer is None:
        return {"response": "", "reason": "", "reward": None}
    return {"response": answer.kind, "reason": answer.reason, "reward": REWARDS.get(answer.kind)}


def _ordered(outcomes: Iterable[Outcome], product: str) -> float | None:
    """By the last deed that says yes or no: an order that was cancelled is no order."""
    told = [DEEDS[outcome.kind] for outcome in outcomes if outcome.product == product and outcome.kind in DEEDS]
    return told[-1] if told else None


BANDIT = View(
    name="bandit",
    meaning="One row for each product that was offered, best first: context, action, reward, pscore, position, for "
    "off-policy evaluation. A row that cannot be learned from stays, and says so in `quarantine`.",
    model=Decision,
    columns=COLUMNS,
    records=bandit_records,
    related=RELATED,
    rows=1_000,
    quarantine="quarantine",
)
