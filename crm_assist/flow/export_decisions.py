"""The view of decisions with all that followed: what agents saw, answered and offered, and what customers did."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from typing import Any
from uuid import UUID

from crm_assist.decisions.models import Decision, Display, OwnOffer, Response, ScoreAnswer
from crm_assist.flow.attribution import outcomes_of
from crm_assist.flow.export_narrow import COLUMNS as OF_THE_ROW
from crm_assist.flow.export_narrow import narrow_records
from crm_assist.flow.export_people import RELATED
from crm_assist.journal.pseudonyms import Names
from crm_assist.journal.views import Column, Kind, View
from crm_assist.journal.writer import payloads_of

FOLLOWED = (
    Column(name="displayed", kind=Kind.NESTED, meaning="when browsers confirmed that it was on the screen, and whose"),
    Column(
        name="responses",
        kind=Kind.NESTED,
        meaning="what agents answered to each product, oldest first; comments only in an export with names",
    ),
    Column(name="score_answers", kind=Kind.NESTED, meaning="what agents said of the score: `useful`, `wrong`, ..."),
    Column(name="own_offers", kind=Kind.NESTED, meaning="what agents offered by own judgement"),
    Column(
        name="outcomes",
        kind=Kind.NESTED,
        meaning="what the customer did about products of the slate within `ATTRIBUTION_DAYS`, corrections applied",
    ),
    Column(
        name="payload",
        kind=Kind.NESTED,
        meaning="features, candidates and factors; without who the customer and the agent are but in an export with "
        "names; empty once erased; left out of CSV, where it is too deep for a cell",
    ),
)
IDENTIFYING = {"": ("agent", "bucket"), "inputs": ("key", "seed"), "row": ("agent_key",)}
"""What in a payload says who somebody is; a bucket does, since anybody can compute those of all agents."""


def _columns() -> Iterator[Column]:
    for column in OF_THE_ROW:
        if column.name == "slate":
            yield Column(name="slate", kind=Kind.NESTED, meaning="codes of the products offered, best first")
        elif column.name not in ("revision", "offered"):
            yield column
    yield from FOLLOWED


def decision_records(rows: Sequence[Decision], names: Names) -> Iterator[dict[str, Any]]:
    """One record for each decision, a few statements for all of them."""
    beside = {
        "displayed": _followed(rows, names, Display),
        "responses": _followed(rows, names, Response, "product", "kind", "reason", "until"),
        "score_answers": _followed(rows, names, ScoreAnswer, "kind"),
        "own_offers": _followed(rows, names, OwnOffer, "product"),
        "outcomes": _outcomes(rows),
        "payload": _payloads(rows, names),
    }
    for row, record in zip(rows, narrow_records(rows, names), strict=True):
        slate = [code for code in row.slate.split(",") if code]
        yield {**record, "slate": slate, **{name: found.get(row.pk) for name, found in beside.items()}}


def _followed(rows: Sequence[Decision], names: Names, model: Any, *columns: str) -> Mapping[UUID, Any]:
    """What was logged about these decisions, oldest first; with the agent's comment where people are named."""
    logged = model.objects.filter(decision_id__in=[row.pk for row in rows]).order_by("at", "id")
    entries = list(logged.values("id", "decision_id", "at", "tenant", "agent_key", *columns))
    payloads = payloads_of(entry["id"] for entry in entries) if names.clear else {}
    found: dict[UUID, list[dict[str, Any]]] = defaultdict(list)
    for entry in entries:
        comment = (payloads.get(entry.pop("id")) or {}).get("comment", "")
        agent = names.agent(tenant=entry.pop("tenant"), key=entry.pop("agent_key"))
        told = {"at": entry.pop("at"), "agent": agent, **({"comment": comment} if comment else {})}
        found[entry.pop("decision_id")].append({**told, **entry})
    return found


def _outcomes(rows: Sequence[Decision]) -> Mapping[UUID, Any]:
    return {
        row_id: [{name: getattr(outcome, name) for name in ("product", "kind", "occurred_at")} for outcome in outcomes]
        for row_id, outcomes in outcomes_of(rows).items()
    }


def _payloads(rows: Sequence[Decision], names: Names) -> Mapping[UUID, Any]:
    found = payloads_of(row.pk for row in rows)
    return found if names.clear else {row_id: payload and _nameless(payload) for row_id, payload in found.items()}


def _nameless(payload: Mapping[str, Any]) -> dict[str, Any]:
    kept = {name: value for name, value in payload.items() if name not in IDENTIFYING[""]}
    for part in ("inputs", "row"):
        if part in kept:
            kept[part] = {name: value for name, value in kept[part].items() if name not in IDENTIFYING[part]}
    return kept


DECISIONS = View(
    name="decisions",
    meaning="One row for each decision with all that followed until now: displays, answers, own offers, outcomes, and "
    "the payload.",
    model=Decision,
    columns=tuple(_columns()),
    records=decision_records,
    related=RELATED,
    rows=1_000,
    deep=("payload",),
)
