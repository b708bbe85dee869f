"""Decisions in words, for the analyst's pages."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from django.utils.dateparse import parse_datetime
from django.utils.translation import gettext as _

from crm_assist import flow
from crm_assist.decisions.models import Decision, Response
from crm_assist.web import words
from crm_assist.web.panel_view import moment


def rows(decisions: Sequence[Decision], names: Mapping[str, str]) -> list[dict[str, Any]]:
    """One line for each decision of a page, with the answers given to it, in one further statement."""
    answers = _answers(decisions)
    told = {row.id: {"answers": answers[row.id], "agent_name": names.get(row.agent_key, "")} for row in decisions}
    return [{**_line(row), **told[row.id]} for row in decisions]


def _answers(decisions: Iterable[Decision]) -> Mapping[UUID, list[str]]:
    found: dict[UUID, list[str]] = defaultdict(list)
    # The type checker takes the log's shared manager for that of the abstract row, hence the mapping.
    given = {"decision_id__in": [row.id for row in decisions]}
    for one in Response.objects.filter(**given):
        found[one.decision_id].append(answer(one))
    return found


def answer(response: Response) -> str:
    """An answer in words: product, answer, reason."""
    reason = words.word(words.REASONS, response.reason) if response.reason else ""
    said = words.word(words.RESPONSES, response.kind)
    return f"{response.product} · {said} ({reason})" if reason else f"{response.product} · {said}"


def _line(row: Decision) -> dict[str, Any]:
    return {
        "id": row.id,
        "at": moment(row.at),
        "agent": row.agent_key,
        "team": row.team,
        "phase": words.word(words.PHASES, row.phase),
        "phase_code": row.phase,
        "key": row.subject.key,
        "model": row.subject.model_label,
        "percent": words.percent(row.probability) if row.probability is not None else "",
        "products": [code for code in row.slate.split(",") if code],
        "silence": words.silence(row.silence) if row.silence else "",
    }


def whole(view: flow.DecisionView, names: Mapping[str, str]) -> dict[str, Any]:
    """One decision with its payload and everything that followed, in words; an erased payload leaves the frame."""
    row, payload = view.row, view.payload
    facts = {
        "code_version": row.code_version,
        "revision": row.revision,
        "card": row.card,
        "admission": words.word(words.ADMISSIONS, row.admission),
        "fallback": words.word(words.FALLBACKS, row.fallback),
        "latency_ms": row.latency_ms,
        "digest": row.digest,
        "schema": row.schema,
        "target": row.target,
    }
    return {
        **_line(row),
        **facts,
        "erased": payload is None,
        "agent_name": str(payload.get("agent") or names.get(row.agent_key, "")) if payload is not None else "",
        **(_inside(payload) if payload is not None else {}),
        # An erased decision names nobody.
        **_followed(view, names if payload is not None else {}),
    }


def _followed(view: flow.DecisionView, names: Mapping[str, str]) -> dict[str, Any]:
    """Everything that came after the decision, each with its moment and its person."""

    def told(one: Any, said: str) -> dict[str, str]:
        return {"at": moment(one.at), "by": names.get(one.agent_key, one.agent_key), "said": said}

    return {
        "displays": [moment(one.at) for one in view.displays],
        "responses": [told(one, answer(one)) for one in view.responses],
        "score_answers": [told(one, words.word(words.SCORE_ANSWERS, one.kind)) for one in view.score_answers],
        "own_offers": [told(one, one.product) for one in view.own_offers],
        "outcomes": [
            {"at": moment(one.occurred_at), "said": f"{one.product}: {words.word(words.OUTCOMES, one.kind)}"}
            for one in view.outcomes
        ],
    }


def _inside(payload: Mapping[str, Any]) -> dict[str, Any]:
    inputs, result = payload["inputs"], payload["result"]
    customer = result["customer"]
    return {
        "score": _score(result["score"]),
        "candidates": [_candidate(one) for one in result["candidates"]],
        "customer_verdict": _verdict(customer) if customer and not customer["open"] else "",
        "features": [(name, _value(value)) for name, value in inputs["features"].items()],
        "facts": [(name, _value(value)) for name, value in inputs["facts"].items()],
        "seed": inputs["seed"],
        "policy": [(name, _value(value)) for name, value in inputs["policy"].items()],
    }


def _score(score: Mapping[str, Any] | None) -> dict[str, Any] | None:
    if score is None:
        return None
    return {
        "label": score["label"],
        "percent": words.percent(score["probability"]),
        "horizon": words.horizon(score["horizon_days"]),
        "raw": _figure(score["probability"]),
        "low": _figure(score["low"]),
        "high": _figure(score["high"]),
        "interval": words.between(score["low"], score["high"]),
        "band": words.band(score["band"]),
        "trend": words.trend(score["trend"]),
        "version": score["version"],
        "reasons": _reasons(score["reasons"]),
    }


def _reasons(reasons: Iterable[Mapping[str, Any]]) -> list[tuple[str, str]]:
    return [(one["sentence"], f"{one['points']:+.3f}") for one in reasons]


def _candidate(one: Mapping[str, Any]) -> dict[str, Any]:
    closed = [_verdict(verdict) for verdict in one["verdicts"] if not verdict["open"]]
    return {
        "product": one["product"],
        "version": one["product_version"],
        "rank": one["rank"],
        "propensity": _figure(one["propensity"]),
        "value": _figure(one["value"], 2),
        "priority": _figure(one["priority"]),
        "offer_probability": _figure(one["offer_probability"]),
        "closed": closed,
        "reasons": _reasons(one["reasons"]),
    }


def _verdict(verdict: Mapping[str, Any]) -> str:
    # The message was worded for the agent then; the code is worded for the reader now, and is preferred.
    code = verdict["code"]
    return words.verdict(code, "" if words.says_it_all(code) else verdict["message"])


def _figure(value: float | None, digits: int = 4) -> str:
    return "" if value is None else f"{value:.{digits}f}"


def _value(value: Any) -> str:
    if value is None:
        return _("not known")
    if isinstance(value, bool):
        return _("yes") if value else _("no")
    if isinstance(value, datetime):
        return moment(value)
    if isinstance(value, str) and len(value) > len("2026-01-01T00:00") and (at := _read(value)) is not None:
        return moment(at)
    if isinstance(value, Mapping):
        return ", ".join(f"{name}: {_value(part)}" for name, part in value.items())
    if isinstance(value, list | tuple):
        return "; ".join(_value(part) for part in value) or _("none")
    return str(value)


def _read(text: str) -> datetime | None:
    try:
        return parse_datetime(text)
    except ValueError:
        return None


def replayed(result: flow.Replay) -> dict[str, Any]:
    """The result of a replay in words."""
    differences = [(path, _value(then), _value(again)) for path, then, again in result.differences]
    words_of = {
        "identical": _("Replayed: the same result, number for number."),
        "differs": _("Replayed: the result differs."),
        "erased": _("The data of this decision was erased; it cannot be replayed."),
        "altered": _("The data of this decision was altered after it was written; it cannot be replayed."),
        "card_missing": _("A scorecard of that time is missing; it cannot be replayed."),
    }
    return {
        "good": result.identical,
        "text": words_of.get(result.code, result.code),
        "differences": differences,
    }
