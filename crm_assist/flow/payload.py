"""A decision as plain data and back: what the log keeps so that it can be learned from and replayed."""

from __future__ import annotations

from collections.abc import Hashable, Mapping
from dataclasses import fields
from datetime import date, datetime, timedelta
from decimal import Decimal
from functools import cache
from operator import attrgetter
from typing import Any, cast

from crm_assist.decisions.models import Decision
from crm_assist.flow.deciding import Inputs, Result, Stored
from crm_assist.types import (
    Candidate,
    Consent,
    ConsentState,
    CustomerFacts,
    PastSuggestion,
    Phase,
    Policy,
    ProductFacts,
    ShownScore,
    Situation,
    Snapshot,
    Zone,
)

FIGURES = ("product", "product_version", "propensity", "value", "priority", "rank", "offer_probability", "card")
"""The numbers of a candidate that a replay must give again, beside its verdicts."""

LONGEST_NUMBER = 1_024
"""Bits of the longest whole number that a float, and so a card, can hold."""


@cache
def _fields_of(kind: Any) -> tuple[tuple[str, ...], attrgetter[tuple[Any, ...]]]:
    names = tuple(field.name for field in fields(kind) if field.metadata.get("logged", True))
    return names, attrgetter(*names)


def flat(value: Any) -> dict[str, Any]:
    """The logged fields of a value by name, not copied: a payload is written at once and then forgotten."""
    names, get = _fields_of(cast(Hashable, type(value)))
    return dict(zip(names, get(value), strict=True))


def plain(value: Any) -> Any:
    """The value of a feature as the card reads it: numbers, texts, booleans and nothing else."""
    if isinstance(value, Decimal):
        return float("nan") if value.is_nan() else float(value)
    if isinstance(value, int) and value.bit_length() > LONGEST_NUMBER:
        # As a card reads it; no text holds all its digits, so no payload could.
        return float("inf") if value > 0 else float("-inf")
    if isinstance(value, timedelta):
        return value.total_seconds() / 86400.0
    return value


ROW = ("agent_key", "team", "admission", "revision", "code_version", "silence", "latency_ms")
"""What a decision's row says beyond its inputs and its result; its subject stands beside the payload itself."""


def row_payload(row: Decision) -> dict[str, Any]:
    """These columns once more, where the digest holds them: so a replay can tell that the row was changed."""
    return {name: getattr(row, name) for name in ROW}


def told_of_row(payload: Mapping[str, Any]) -> dict[str, Any]:
    """Every column of a decision's row that its payload can give again."""
    inputs, result, offered = payload["inputs"], payload["result"], payload["suggestions"]
    score = result["score"] or {"target": "", "probability": None, "card": ""}
    return {
        **{name: score[name] for name in ("target", "probability", "card")},
        "tenant": inputs["tenant"],
        "at": _certain(inputs["at"]),
        "phase": inputs["phase"],
        "fallback": result["fallback"],
        "slate": ",".join(item["product"] for item in result["candidates"] if item["product"] in offered),
        "offered": len(offered),
        **payload.get("row", {}),
    }


def inputs_payload(inputs: Inputs) -> dict[str, Any]:
    """Everything that the decision depended on."""
    return {
        "at": inputs.snapshot.at,
        "model": inputs.snapshot.model_label,
        "key": inputs.snapshot.key,
        "tenant": inputs.snapshot.tenant,
        "features": dict(inputs.snapshot.values),
        "facts": facts_payload(inputs.facts),
        "history": [flat(item) for item in inputs.history],
        "products": [flat(item) for item in inputs.products],
        "phase": inputs.phase.value,
        "target": {"name": inputs.target, "label": inputs.label, "horizon_days": inputs.horizon_days},
        "stored": flat(inputs.stored) if inputs.stored else None,
        "policy": flat(inputs.policy),
        "seed": inputs.seed,
        "cards": dict(inputs.cards),
        "versions": dict(inputs.versions),
        "rules": dict(inputs.rules),
        "unread": sorted(inputs.unread),
    }


def facts_payload(facts: CustomerFacts) -> dict[str, Any]:
    """What the host said of a customer beside the features."""
    return {
        "consent": flat(facts.consent) if facts.consent else None,
        "holdings": None if facts.holdings is None else sorted(facts.holdings),
        "situations": None if facts.situations is None else [_situation(item) for item in facts.situations],
        "team": facts.team,
        "is_live": facts.is_live,
    }


def _situation(item: Situation) -> dict[str, Any]:
    since = item.since
    kept = since if isinstance(since, datetime) or since is None else since.isoformat()
    return {"code": item.code, "label": str(item.label), "zone": item.zone.value, "since": kept}


def _moment(value: Any) -> datetime | None:
    if value is None or isinstance(value, datetime):
        return value
    return datetime.fromisoformat(value)


def _certain(value: Any) -> datetime:
    moment = _moment(value)
    if moment is None:
        raise ValueError("a moment is missing")
    return moment


def read_inputs(payload: Mapping[str, Any]) -> Inputs:
    """The inputs of a logged decision, equal to those it was made with."""
    at = _certain(payload["at"])
    stored, target = payload["stored"], payload["target"]
    return Inputs(
        snapshot=Snapshot(
            model_label=payload["model"],
            key=payload["key"],
            tenant=payload["tenant"],
            at=at,
            values=payload["features"],
        ),
        facts=_facts(payload["facts"]),
        history=tuple(_past(item) for item in payload["history"]),
        products=tuple(_product(item) for item in payload["products"]),
        phase=Phase(payload["phase"]),
        target=target["name"],
        label=target["label"],
        horizon_days=target["horizon_days"],
        stored=_stored(stored) if stored else None,
        policy=Policy(**payload["policy"]),
        seed=payload["seed"],
        cards=payload["cards"],
        versions=payload["versions"],
        rules=payload.get("rules", {}),
        unread=frozenset(payload.get("unread", ())),
    )


def _stored(item: Mapping[str, Any]) -> Stored:
    # Decisions from before it was told apart were compared with a score of any card.
    same = item.get("same_card", True)
    return Stored(probability=item["probability"], scored_at=_moment(item["scored_at"]), same_card=same)


def _facts(facts: Mapping[str, Any]) -> CustomerFacts:
    consent, holdings, situations = facts["consent"], facts["holdings"], facts["situations"]
    return CustomerFacts(
        consent=None
        if consent is None
        else Consent(state=ConsentState(consent["state"]), source=consent["source"], at=_moment(consent["at"])),
        holdings=None if holdings is None else frozenset(holdings),
        situations=None if situations is None else tuple(_read_situation(item) for item in situations),
        team=facts["team"],
        is_live=facts["is_live"],
    )


def _read_situation(item: Mapping[str, Any]) -> Situation:
    since: datetime | date | None = None
    if isinstance(item["since"], str) and len(item["since"]) == len("2026-01-01"):
        since = date.fromisoformat(item["since"])
    else:
        since = _moment(item["since"])
    return Situation(code=item["code"], label=item["label"], zone=Zone(item["zone"]), since=since)


def _past(item: Mapping[str, Any]) -> PastSuggestion:
    return PastSuggestion(
        product=item["product"],
        state=item["state"],
        opened_at=_certain(item["opened_at"]),
        answered_at=_moment(item["answered_at"]),
        until=_moment(item["until"]),
        reason=item["reason"],
    )


def _product(item: Mapping[str, Any]) -> ProductFacts:
    moments = {"valid_from": _certain(item["valid_from"]), "valid_until": _moment(item["valid_until"])}
    return ProductFacts(**{**item, **moments})


def result_payload(result: Result) -> dict[str, Any]:
    """What came out, with the words that the agent saw."""
    return {
        "score": _score(result.score),
        "candidates": [_candidate(candidate) for candidate in result.candidates],
        "customer": flat(result.customer) if result.customer else None,
        "silence": result.silence,
        "fallback": result.fallback,
    }


def _score(score: ShownScore | None) -> dict[str, Any] | None:
    if score is None:
        return None
    reasons = [flat(reason) for reason in score.reasons]
    return {**flat(score), "label": str(score.label), "trend": score.trend.value, "reasons": reasons}


def _candidate(candidate: Candidate) -> dict[str, Any]:
    verdicts = [flat(verdict) for verdict in candidate.verdicts]
    return {**flat(candidate), "verdicts": verdicts, "reasons": [flat(reason) for reason in candidate.reasons]}


def essence(result: Mapping[str, Any]) -> dict[str, Any]:
    """The part of a result that no language changes: numbers, codes and order. Replay compares these."""
    score = result["score"]
    kept = ("target", "probability", "low", "high", "band", "trend", "card", "version", "stale")
    return {
        "score": score
        and {
            **{name: score[name] for name in kept},
            "thin": score.get("thin", False),
            "reasons": _points(score["reasons"]),
        },
        "candidates": [
            {
                **{name: item[name] for name in FIGURES},
                "verdicts": [_mark(verdict) for verdict in item["verdicts"]],
                "reasons": _points(item["reasons"]),
            }
            for item in result["candidates"]
        ],
        "silence": result["silence"],
        "fallback": result["fallback"],
    }


def _points(reasons: Any) -> list[list[Any]]:
    return [[reason["feature"], reason.get("beside", ""), reason["points"]] for reason in reasons]


def _mark(verdict: Mapping[str, Any]) -> str:
    """A verdict without its words: its code, and the version of the rule that gave it."""
    rule = verdict.get("rule")  # decisions from before there were rules have none
    return f"{verdict['code']} {rule} v{verdict['rule_version']}" if rule else verdict["code"]
