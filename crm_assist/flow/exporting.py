"""The decisions that pass the filters, each with what followed, as CSV or JSON lines for analysts."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping
from typing import Any
from uuid import UUID

from django.utils.translation import gettext as _

from crm_assist.conf import settings
from crm_assist.decisions.models import Decision, Display, OwnOffer, Response, ScoreAnswer
from crm_assist.events import emit
from crm_assist.flow.attribution import outcomes_of
from crm_assist.flow.errors import BadAnswer, require
from crm_assist.flow.review import Filters, decisions
from crm_assist.journal.export import CHUNK, Lookup, TooManyRows, bounded, csv_lines, joined, json_lines
from crm_assist.journal.writer import payloads_of
from crm_assist.types import Principal

COLUMNS = {
    "id": "the decision",
    "at": "when, UTC",
    "tenant": "for which tenant",
    "model": "the host's kind of customer",
    "customer": "the customer's key there; empty once erased",
    "agent": "for which agent, by key",
    "team": "the agent's team",
    "phase": "the phase in force",
    "admission": "why that phase was in force",
    "target": "what the score predicts",
    "probability": "the raw calibrated score",
    "card": "digest of the card that gave it",
    "code_version": "version of the product",
    "slate": "products suggested, best first",
    "silence": "why nothing was suggested",
    "fallback": "live, or how far help was reduced",
    "latency_ms": "how long it took",
    "displayed": "when browsers confirmed it",
    "responses": "what agents answered to each product",
    "score_answers": "what agents said of the score",
    "own_offers": "what agents offered by own judgement",
    "outcomes": "what the customer did about products of the slate within ATTRIBUTION_DAYS",
    "payload": "features, candidates and factors (JSON lines alone); null once erased",
}
"""Each column and what it means; `payload` is too deep for a cell."""

PLAIN = (
    "id",
    "at",
    "tenant",
    "team",
    "phase",
    "admission",
    "target",
    "probability",
    "card",
    "code_version",
    "silence",
    "fallback",
    "latency_ms",
)


def export(principal: Principal, filters: Filters, format: str = "csv") -> Iterator[str]:
    """Lines of the person's tenant's decisions, oldest first; refused before the first one, or complete.

    NotAllowed without `export_log`; BadAnswer for another format than csv or jsonl and for more than EXPORT_ROWS.
    """
    require(principal, "export_log")
    if format not in ("csv", "jsonl"):
        words = {"value": format[:20], "known": "csv, jsonl"}
        raise BadAnswer("format", _("“%(value)s” is not a format; use one of %(known)s.") % words)
    try:
        rows = bounded(
            decisions(principal, filters).order_by("at", "id").select_related("subject"), settings.EXPORT_ROWS
        )
    except TooManyRows as error:
        words = {"limit": str(settings.EXPORT_ROWS)}
        raise BadAnswer(
            "since", _("More than %(limit)s decisions pass the filters; choose a shorter time.") % words
        ) from error
    emit("export.started", tenant=principal.tenant, format=format)
    if format == "csv":
        names = [name for name in COLUMNS if name != "payload"]
        return csv_lines(names, _records(rows.iterator(CHUNK), BESIDE))
    return json_lines(list(COLUMNS), _records(rows.iterator(CHUNK), {**BESIDE, "payload": _payloads}))


def _records(rows: Iterator[Decision], beside: Mapping[str, Lookup[Decision]]) -> Iterator[dict[str, Any]]:
    for row, found in joined(rows, beside):
        yield {
            **{name: getattr(row, name) for name in PLAIN},
            "model": row.subject.model_label,
            "customer": "" if row.subject.erased_at else row.subject.key,
            "agent": row.agent_key,
            "slate": [code for code in row.slate.split(",") if code],
            **found,
        }


def _payloads(rows: list[Decision]) -> Mapping[UUID, Any]:
    return payloads_of(row.pk for row in rows)


def _followed(model: Any, *columns: str) -> Lookup[Decision]:
    """A lookup of what was logged about decisions, oldest first, with the agent's comment."""

    def look(rows: list[Decision]) -> Mapping[UUID, Any]:
        logged = model.objects.filter(decision_id__in=[row.pk for row in rows]).order_by("at", "id")
        entries = list(logged.values("id", "decision_id", "at", "agent_key", *columns))
        payloads = payloads_of(entry["id"] for entry in entries)
        found: dict[UUID, list[dict[str, Any]]] = defaultdict(list)
        for entry in entries:
            comment = (payloads.get(entry.pop("id")) or {}).get("comment", "")
            found[entry.pop("decision_id")].append({**entry, **({"comment": comment} if comment else {})})
        return found

    return look


def _outcomes(rows: list[Decision]) -> Mapping[UUID, Any]:
    return {
        row_id: [{name: getattr(outcome, name) for name in ("product", "kind", "occurred_at")} for outcome in outcomes]
        for row_id, outcomes in outcomes_of(rows).items()
    }


BESIDE: dict[str, Lookup[Decision]] = {
    "displayed": _followed(Display),
    "responses": _followed(Response, "product", "kind", "reason", "until"),
    "score_answers": _followed(ScoreAnswer, "kind"),
    "own_offers": _followed(OwnOffer, "product"),
    "outcomes": _outcomes,
}
