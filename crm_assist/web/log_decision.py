"""One decision in words for the analyst: in the reader's language, but for what the agent read, word for word."""

from __future__ import annotations

import logging
from collections.abc import Iterable, Mapping
from typing import Any

from django.utils.formats import number_format
from django.utils.translation import get_language_info
from django.utils.translation import gettext as _

from crm_assist import customers, features, flow
from crm_assist.web import words
from crm_assist.web.card_words import Declared, can_change
from crm_assist.web.log_rows import answer, called, line, plain
from crm_assist.web.panel_view import moment

logger = logging.getLogger("crm_assist.web")


def whole(view: flow.DecisionView, names: Mapping[str, str], known: flow.Names) -> dict[str, Any]:
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
        **line(row, known),
        **facts,
        "erased": payload is None,
        "agent_name": str(payload.get("agent") or names.get(row.agent_key, "")) if payload is not None else "",
        **(_inside(payload, known) if payload is not None else {}),
        # An erased decision names nobody.
        **_followed(view, names if payload is not None else {}, known),
    }


def _followed(view: flow.DecisionView, names: Mapping[str, str], known: flow.Names) -> dict[str, Any]:
    """Everything that came after the decision, each with its moment and its person."""

    def told(one: Any, said: str) -> dict[str, str]:
        return {"at": moment(one.at), "by": names.get(one.agent_key, one.agent_key), "said": said}

    return {
        "displays": [moment(one.at) for one in view.displays],
        "responses": [told(one, answer(one, known)) for one in view.responses],
        "score_answers": [told(one, words.word(words.SCORE_ANSWERS, one.kind)) for one in view.score_answers],
        "own_offers": [told(one, called(one.product, known)) for one in view.own_offers],
        "outcomes": [
            {
                "at": moment(one.occurred_at),
                "said": words.named(called(one.product, known), words.word(words.OUTCOMES, one.kind)),
            }
            for one in view.outcomes
        ],
    }


def _inside(payload: Mapping[str, Any], known: flow.Names) -> dict[str, Any]:
    inputs, result = payload["inputs"], payload["result"]
    customer, currencies = result["customer"], {one["code"]: one.get("currency", "") for one in inputs["products"]}
    language, declared = str(payload.get("language") or ""), _declared(inputs["model"])
    return {
        "language": language,
        "language_name": language_name(language),
        "score": _score(result["score"], declared),
        "candidates": [_candidate(one, currencies, known, declared) for one in result["candidates"]],
        "customer_verdict": _verdict(customer) if customer and not customer["open"] else None,
        "features": list(features_in_words(inputs)),
        "facts": facts_in_words(inputs["facts"], known),
        "seed": inputs["seed"],
        "policy": [(name, plain(value)) for name, value in inputs["policy"].items()],
    }


def language_name(code: str) -> str:
    """A language in the reader's own; the code of one that nobody has a name for."""
    try:
        return str(get_language_info(code)["name_translated"])
    except KeyError:
        return code


def _declared(model: str) -> Declared:
    """The features that the host declares of this kind of customer today, by name."""
    adapter = customers.adapters().get(model)
    return features.declared(adapter) if adapter else {}


def features_in_words(inputs: Mapping[str, Any]) -> Iterable[tuple[str, str, str]]:
    """What was known, by name, label and value, each as the host's feature puts it into words today."""
    declared = _declared(inputs["model"])
    for name, value in inputs["features"].items():
        yield name, str(declared[name].label) if name in declared else "", _shown(declared.get(name), value)


def _shown(feature: Any, value: Any) -> str:
    try:
        return str(feature.display(value)) if feature is not None else plain(value)
    except Exception:  # a feature may be of another kind than it was then
        logger.warning("The value of %s cannot be told as it is declared today", feature.name)
        return plain(value)


def facts_in_words(facts: Mapping[str, Any], known: flow.Names) -> list[tuple[str, str, str]]:
    """What the host said beside the features: name, value, and what stands there in the agent's words."""
    consent, holdings, situations = facts["consent"], facts["holdings"], facts["situations"]
    unknown = _("not known")
    return [
        (_("Consent"), _consent(consent) if consent else unknown, ""),
        (
            _("Products held"),
            unknown if holdings is None else ", ".join(called(code, known) for code in holdings) or _("none"),
            "",
        ),
        (
            _("Situations"),
            unknown if situations is None else "" if situations else _("none"),
            ", ".join(str(one["label"] or one["code"]) for one in situations or ()),
        ),
        (_("Team of the customer"), facts["team"] or "–", ""),
        (_("Active"), plain(bool(facts["is_live"])), ""),
    ]


def _consent(consent: Mapping[str, Any]) -> str:
    parts = [words.word(words.CONSENTS, consent["state"]), consent["source"], consent["at"] and plain(consent["at"])]
    return " · ".join(str(part) for part in parts if part)


def _score(score: Mapping[str, Any] | None, declared: Declared) -> dict[str, Any] | None:
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
        "reasons": _reasons(score["reasons"], declared),
    }


def _reasons(reasons: Iterable[Mapping[str, Any]], declared: Declared) -> list[tuple[str, str, bool]]:
    """The agent's sentence, its points, and whether it rests on what can change: the log keeps no word of that."""
    return [
        (one["sentence"], _points(one["points"]), can_change((one["feature"], one.get("beside", "")), declared))
        for one in reasons
    ]


def _points(points: float) -> str:
    return ("+" if points >= 0 else "") + number_format(points, 3)


def _candidate(
    one: Mapping[str, Any], currencies: Mapping[str, str], known: flow.Names, declared: Declared
) -> dict[str, Any]:
    value = _figure(one["value"], 2)
    return {
        "product": one["product"],
        "name": known.product(one["product"]),
        "version": one["product_version"],
        "rank": one["rank"],
        "propensity": _figure(one["propensity"]),
        "value": f"{value} {currencies.get(one['product'], '')}".strip() if value else "",
        "priority": _figure(one["priority"]),
        "offer_probability": _figure(one["offer_probability"]),
        "closed": [_verdict(verdict) for verdict in one["verdicts"] if not verdict["open"]],
        "needs": [_verdict(verdict) for verdict in one["verdicts"] if verdict["open"] and verdict["message"]],
        "reasons": _reasons(one["reasons"], declared),
    }


def _verdict(verdict: Mapping[str, Any]) -> dict[str, str]:
    """The code in the reader's words, and the message of then where it says more: a day, a situation."""
    code, message = verdict["code"], verdict["message"]
    if verdict.get("rule"):  # decisions from before there were rules have none
        told = {"code": verdict["rule"], "version": verdict["rule_version"]}
        rule = _("rule %(code)s, version %(version)s") % told
        return {"text": words.verdict(code) if words.has_words(code) else "", "quote": message, "rule": rule}
    if words.says_it_all(code) or not message:
        return {"text": words.verdict(code), "quote": ""}
    return {"text": words.verdict(code) if words.has_words(code) else "", "quote": message}


def _figure(value: float | None, digits: int = 4) -> str:
    return "" if value is None else number_format(value, digits, use_l10n=True, force_grouping=True)
