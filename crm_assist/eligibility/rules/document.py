"""A rule as it is stored and sent: JSON with a schema, read strictly, every fault told with its place and a remedy.

`{"schema": 1, "rule": NODE}`, where a NODE is `{"all": [NODE, ..]}`, `{"any": [NODE, ..]}`, `{"not": NODE}`, or a
comparison `{"feature": NAME, HOW: CONSTANT}` with one of `equals differs below at_most above at_least one_of none_of
between outside missing`. The age of something is compared with `{"years": 2}`, or with months, weeks or days.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext as _

from crm_assist.eligibility.rules.constants import document_of, stored_constant
from crm_assist.eligibility.rules.faults import RuleFault, RuleRefused
from crm_assist.eligibility.rules.reading import SCHEMA, rule_of
from crm_assist.eligibility.rules.terms import Terms
from crm_assist.eligibility.rules.tree import Between, Compare, Comparison, Either, Every, Missing, Not, OneOf, Rule

MOST_BYTES = 20_000


def read_rule(document: object, terms: Terms) -> Rule:
    """The rule of a document, which is text or what JSON gives; RuleRefused with every fault that is in it."""
    return rule_of(_parsed(document), terms)


def stored_rule(document: str) -> Rule:
    """The rule of a document that `write_rule` made, whatever features there are by now: for replays."""
    return _stored(json.loads(document)["rule"])


def write_rule(rule: Rule) -> dict[str, Any]:
    """The document of a rule; `read_rule` gives back the same rule."""
    return {"schema": SCHEMA, "rule": _node(rule)}


def _node(rule: Rule) -> dict[str, Any]:
    match rule:
        case Every(parts=parts):
            return {"all": [_node(part) for part in parts]}
        case Either(parts=parts):
            return {"any": [_node(part) for part in parts]}
        case Not(part=part):
            return {"not": _node(part)}
        case Compare(feature=feature, how=how, value=value):
            return {"feature": feature, str(how): document_of(value)}
        case OneOf(feature=feature, names=names, within=within):
            return {"feature": feature, "one_of" if within else "none_of": list(names)}
        case Between(feature=feature, low=low, high=high, within=within):
            return {"feature": feature, "between" if within else "outside": [document_of(low), document_of(high)]}
        case Missing(feature=feature, missing=missing):
            return {"feature": feature, "missing": missing}


def _stored(node: Mapping[str, Any]) -> Rule:
    match node:
        case {"all": parts}:
            return Every(parts=tuple(_stored(part) for part in parts))
        case {"any": parts}:
            return Either(parts=tuple(_stored(part) for part in parts))
        case {"not": part}:
            return Not(part=_stored(part))
        case {"feature": feature, "missing": missing}:
            return Missing(feature=feature, missing=missing)
    feature, ((how, given),) = node["feature"], ((key, value) for key, value in node.items() if key != "feature")
    match how:
        case "one_of" | "none_of":
            return OneOf(feature=feature, names=tuple(given), within=how == "one_of")
        case "between" | "outside":
            low, high = (stored_constant(end) for end in given)
            return Between(feature=feature, low=low, high=high, within=how == "between")
        case _:
            return Compare(feature=feature, how=Comparison(how), value=stored_constant(given))


def _parsed(document: object) -> object:
    if not isinstance(document, str):
        return document
    if len(document) > MOST_BYTES:
        message = _("Keep the rule below %(most)s characters.") % {"most": MOST_BYTES}
        raise RuleRefused([RuleFault(path="rule", code="too_large", message=message)])
    try:
        return json.loads(document, parse_constant=_refused, object_pairs_hook=_once)
    except (ValueError, RecursionError):
        message = _("This is not JSON, or a name stands twice in it.")
        raise RuleRefused([RuleFault(path="rule", code="not_json", message=message)]) from None


def _refused(text: str) -> float:
    raise ValueError(text)  # NaN and infinities are no JSON


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) < len(pairs):
        raise ValueError
    return found
