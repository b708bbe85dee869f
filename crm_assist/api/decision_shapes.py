"""Shapes of the log: a line of the list, a decision whole, a replay."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from crm_assist import flow
from crm_assist.api.fields import Described, Identity, Moment, Number, Text, YesNo
from crm_assist.api.shapes import Shape
from crm_assist.decisions.models import Decision as Row

EXAMPLE = {
    "id": "01981e9c-8a3f-7d10-8f2e-5b6c7d8e9f01",
    "at": "2026-06-01T09:00:00Z",
    "model": "crm.Customer",
    "key": "1042",
    "agent": "7",
    "team": "north",
    "phase": "recommend",
    "admission": "team",
    "target": "orders",
    "probability": 0.5312,
    "card": "3f5b0c",
    "slate": ["deposit"],
    "silence": "",
    "fallback": "live",
    "latency_ms": 6.4,
    "code_version": "1.0.0",
}


class Line(Shape):
    """One decision in a list; no customer's data but the key, which is empty once erased."""

    id = Identity()
    at = Moment()
    model = Text()
    key = Text()
    agent = Text()
    team = Text()
    phase = Text()
    admission = Text()
    target = Text()
    probability = Number(allow_null=True)
    card = Text()
    slate = Described({"type": "array", "items": {"type": "string"}})
    silence = Text()
    fallback = Text()
    latency_ms = Number()
    code_version = Text()


class Display(Shape):
    """A browser's word that it was on the screen."""

    at = Moment()
    agent = Text(source="agent_key")


class Answer(Display):
    """What an agent answered to a suggestion."""

    product = Text()
    kind = Text()
    reason = Text()
    until = Moment(allow_null=True)


class Remark(Display):
    """What an agent said of the score."""

    kind = Text()


class Offer(Display):
    """What an agent offered by own judgement."""

    product = Text()


class CustomerDid(Shape):
    """What the customer did later about a product of the slate."""

    at = Moment(source="occurred_at")
    product = Text()
    kind = Text()


class Decision(Line):
    """One decision with its payload and everything that followed; an erased payload is null."""

    payload = Described({"type": "object", "additionalProperties": {}}, allow_null=True)
    displays = Display(many=True)
    responses = Answer(many=True)
    score_answers = Remark(many=True)
    own_offers = Offer(many=True)
    outcomes = CustomerDid(many=True)


class Difference(Shape):
    """One value that came out otherwise."""

    path = Text()
    then = Described({}, allow_null=True)
    again = Described({}, allow_null=True)


class ReplayResult(Shape):
    """What a replay showed; `code` says why it was not possible."""

    identical = YesNo()
    possible = YesNo()
    code = Text()
    differences = Difference(many=True)


def line(row: Row) -> dict[str, Any]:
    """A row of the log as a line; its subject must be loaded."""
    same: Iterable[str] = set(Line().fields) - {"model", "key", "agent", "slate"}
    return {
        **{name: getattr(row, name) for name in same},
        "model": row.subject.model_label,
        "key": "" if row.subject.erased_at else row.subject.key,
        "agent": row.agent_key,
        "slate": [code for code in row.slate.split(",") if code],
    }


def whole(view: flow.DecisionView) -> dict[str, Any]:
    """A decision with all that followed."""
    later = ("payload", "displays", "responses", "score_answers", "own_offers", "outcomes")
    return {**line(view.row), **{name: getattr(view, name) for name in later}}
