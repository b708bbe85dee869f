"""Shapes of cards: a version in a list, what its training data showed, and how it did against the champion."""

from __future__ import annotations

from typing import Any

from crm_assist import flow
from crm_assist.api.fields import Code, Described, Moment, Number, Text, Whole
from crm_assist.api.shapes import Shape
from crm_assist.flow.comparison import VERDICTS
from crm_assist.learning.findings import TEMPLATES
from crm_assist.scorecards.models import Role

BIGGEST, MOST_VERSIONS = 2**63 - 1, 2**31 - 1
CARD: dict[str, Any] = {
    "id": 12,
    "target": "orders",
    "adapter": "crm.Customer",
    "version": 3,
    "role": "champion",
    "digest": "3f5b0c",
    "published_at": "2026-05-30T16:00:00Z",
    "published_by": "5",
}
FINDING: dict[str, Any] = {
    "key": "constant:notice",
    "code": "constant",
    "severity": "warns",
    "feature": "notice",
    "other": "",
    "evidence": {"rows": 20000.0},
    "words": "“notice” says nothing: it is the same, or unknown, in all 20000 rows. Leave it out, or mend its source.",
    "accepted": "",
}
COMPARISON: dict[str, Any] = {
    "verdict": "pass",
    "code": "better",
    "champion": 2,
    "gain": 0.0123,
    "error": 0.004,
    "blocks": 8,
    "rows": 4950,
    "fault": "",
    "forced": "",
    "words": "The new card was better than version 2 on 4,950 rows that neither had learned from: its loss was lower by "
    "+0.0123, with a standard error of 0.0040 between 8 blocks of time.",
}


class Card(Shape):
    """One version of the card of a target."""

    id = Whole(1, BIGGEST)
    target = Text()
    adapter = Text()
    version = Whole(1, MOST_VERSIONS)
    role = Code(Role.values)
    digest = Text()
    published_at = Moment()
    published_by = Text()


class Found(Shape):
    """One thing that was found in the training data; what blocks was accepted by a person, who said why."""

    key = Text(help_text="By this it is accepted: `code:feature`, or the code alone.")
    code = Code(TEMPLATES)
    severity = Code(("blocks", "warns"))
    feature = Text()
    other = Text(help_text="A second feature, where one is meant.")
    evidence = Described({"type": "object", "additionalProperties": {"type": "number"}})
    words = Text(help_text="The finding and its remedy, in the language asked for.")
    accepted = Text()


class Compared(Shape):
    """How it did, when it was fitted, against the champion of then; `gain` is in nats per row, above 0 where better."""

    verdict = Code(("pass", "hold", "fail"))
    code = Code(VERDICTS)
    champion = Whole(1, MOST_VERSIONS, help_text="The version it was compared with.")
    gain = Number()
    error = Number(help_text="The standard error of the gain between blocks of time.")
    blocks = Whole(0, MOST_VERSIONS)
    rows = Whole(0, BIGGEST)
    fault = Text(help_text="What is wrong with the champion.")
    forced = Text(help_text="Why a person put it in force all the same.")
    words = Text(help_text="What was found, in the language asked for.")


def found_shown(then: flow.FoundThen) -> dict[str, Any]:
    """A finding as its shape tells it."""
    return {**then.finding.plain(), "key": then.finding.key, "words": then.words, "accepted": then.accepted}


def compared_shown(comparison: flow.Comparison | None) -> dict[str, Any] | None:
    """A comparison as its shape tells it."""
    return {**comparison.plain(), "words": comparison.words} if comparison else None
