"""Decisions as a file: streamed, bounded, and nothing that the person could not see on the pages."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping
from typing import Any
from uuid import UUID

from django.utils.translation import gettext as _

from crm_assist.conf import settings
from crm_assist.decisions.models import Decision, OwnOffer, Response, ScoreAnswer
from crm_assist.flow.errors import BadAnswer, require
from crm_assist.flow.review import Filters, decisions
from crm_assist.journal.export import bounded, csv_lines, joined, json_lines
from crm_assist.journal.writer import payloads_of
from crm_assist.types import Principal

WRITERS = {"csv": csv_lines, "jsonl": json_lines}
ROW = (
    "id",
    "at",
    "tenant",
    "subject_id",
    "agent_key",
    "team",
    "phase",
    "admission",
    "target",
    "probability",
    "card",
    "code_version",
    "offered",
    "slate",
    "silence",
    "fallback",
    "latency_ms",
)
BESIDE = ("responses", "score_answers", "own_offers", "candidates", "features", "erased")
COLUMNS = (*ROW, *BESIDE)
"""What a line holds: the row of the log, then what stands beside it."""


def export(principal: Principal, filters: Filters, format: str = "csv") -> Iterator[str]:
    """The decisions that pass the filters as lines of text, oldest first; one line per decision with its answers.

    Raises NotAllowed, BadAnswer for an unknown format, TooManyRows above the setting EXPORT_ROWS: all before any line.
    """
    require(principal, "export_log")
    if format not in WRITERS:
        words = {"value": format[:20], "known": ", ".join(WRITERS)}
        raise BadAnswer("format", _("“%(value)s” is not a format; use one of %(known)s.") % words)
    rows = bounded(decisions(principal, filters).order_by("at", "id"), settings.EXPORT_ROWS)
    return WRITERS[format](COLUMNS, _records(rows.iterator(chunk_size=500)))


def _records(rows: Iterator[Decision]) -> Iterator[dict[str, Any]]:
    lookups = {
        "payload": lambda chunk: payloads_of(row.pk for row in chunk),
        "responses": _of(Response, "product", "kind", "reason", "at", "agent_key"),
        "score_answers": _of(ScoreAnswer, "kind", "at"),
        "own_offers": _of(OwnOffer, "product", "at"),
    }
    for row, beside in joined(rows, lookups):
        payload = beside["payload"]
        yield {
            **{name: getattr(row, name) for name in ROW},
            **{name: beside[name] or [] for name in ("responses", "score_answers", "own_offers")},
            "candidates": payload["result"]["candidates"] if payload else None,
            "features": payload["inputs"]["features"] if payload else None,
            "erased": payload is None,
        }


def _of(model: Any, *names: str) -> Any:
    def lookup(chunk: list[Decision]) -> Mapping[UUID, list[dict[str, Any]]]:
        found: dict[UUID, list[dict[str, Any]]] = defaultdict(list)
        rows = model._default_manager.all().filter(decision_id__in=[row.pk for row in chunk]).order_by("at", "id")
        for values in rows.values("decision_id", *names):
            found[values.pop("decision_id")].append(values)
        return found

    return lookup
