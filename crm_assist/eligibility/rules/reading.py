"""Reading a rule's document: as far as it can be read, and with everything that is wrong with it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any, NoReturn

from django.utils.translation import gettext as _

from crm_assist.eligibility.rules.constants import constant_of, how_for, shown, wanted
from crm_assist.eligibility.rules.faults import RuleFault, RuleRefused
from crm_assist.eligibility.rules.terms import Barred, Term, Terms, safe
from crm_assist.eligibility.rules.tree import (
    Between,
    Compare,
    Comparison,
    Constant,
    Either,
    Every,
    Missing,
    Not,
    OneOf,
    Rule,
    leaves,
    number_of,
)

SCHEMA = 1
DEEPEST, MOST_COMPARISONS, MOST_NAMES = 8, 100, 200
HOWS = (*(str(how) for how in Comparison), "one_of", "none_of", "between", "outside", "missing")
"""The words that stand for a comparison."""


def rule_of(document: object, terms: Terms) -> Rule:
    """The rule of a document as JSON gives it; RuleRefused with every fault that is in it."""
    if not isinstance(document, Mapping) or set(document) != {"schema", "rule"}:
        _refuse("rule", "shape", _('Give {"schema": 1, "rule": ...} and nothing beside it.'))
    schema = document["schema"]
    if schema != SCHEMA or isinstance(schema, bool):
        words = {"value": shown(schema), "known": str(SCHEMA)}
        _refuse("schema", "schema", _("Schema %(value)s is not known; use %(known)s.") % words)
    rule = _node(document["rule"], "rule", 1, terms)
    if sum(1 for _leaf in leaves(rule)) > MOST_COMPARISONS:
        words = {"most": str(MOST_COMPARISONS)}
        _refuse("rule", "too_many", _("The rule has more than %(most)s comparisons; split it.") % words)
    return rule


def _refuse(path: str, code: str, message: str) -> NoReturn:
    raise RuleRefused([RuleFault(path=path, code=code, message=message)])


def _all_read(readings: Iterable[Callable[[], Any]]) -> tuple[Any, ...]:
    """Everything read, or one refusal with the faults of all: who mends a rule wants to see them together."""
    read: list[Any] = []
    faults: list[RuleFault] = []
    for reading in readings:
        try:
            read.append(reading())
        except RuleRefused as refused:
            faults.extend(refused.faults)
    if faults:
        raise RuleRefused(faults)
    return tuple(read)


def _node(node: object, path: str, depth: int, terms: Terms) -> Rule:
    if depth > DEEPEST:
        words = {"most": str(DEEPEST)}
        _refuse(path, "too_deep", _("The rule is nested more than %(most)s deep; flatten it.") % words)
    if not isinstance(node, Mapping):
        words = {"value": shown(node)}
        message = _("%(value)s is no condition; give all, any, not, or a feature and a comparison.") % words
        _refuse(path, "shape", message)
    if "feature" in node:
        return _comparison(node, path, terms)
    match list(node):
        case ["not"]:
            return Not(part=_node(node["not"], f"{path}.not", depth + 1, terms))
        case ["all"]:
            return Every(parts=_parts(node["all"], f"{path}.all", depth, terms))
        case ["any"]:
            return Either(parts=_parts(node["any"], f"{path}.any", depth, terms))
    words = {"value": shown([str(word) for word in node])}
    _refuse(path, "shape", _("%(value)s: give exactly one of all, any, not or feature.") % words)


def _parts(parts: object, path: str, depth: int, terms: Terms) -> tuple[Rule, ...]:
    if not isinstance(parts, list) or not parts:
        _refuse(path, "empty", _("This group is empty; give it at least one condition or leave it out."))
    return _all_read(
        lambda place=place, part=part: _node(part, f"{path}[{place}]", depth + 1, terms)  # type: ignore[misc]
        for place, part in enumerate(parts)
    )


def _comparison(node: Mapping[Any, Any], path: str, terms: Terms) -> Rule:
    given = [how for how in node if how != "feature"]
    if len(given) != 1 or given[0] not in HOWS:
        words = {"value": shown([str(how) for how in given]), "known": ", ".join(HOWS)}
        _refuse(path, "comparison", _("%(value)s: give exactly one of %(known)s.") % words)
    how = str(given[0])
    return _leaf(_term(node["feature"], f"{path}.feature", terms), how, node[how], f"{path}.{how}")


def _term(name: object, path: str, terms: Terms) -> Term:
    term = terms.get(name) if isinstance(name, str) else None
    words = {"value": shown(name), "known": ", ".join(safe(terms)) or "-"}
    if term is None:
        _refuse(path, "unknown_feature", _("There is no feature %(value)s; use one of: %(known)s.") % words)
    if term.barred is not None:
        words["why"] = _why(term.barred)
        _refuse(path, f"feature_{term.barred}", _("%(value)s %(why)s; use one of: %(known)s.") % words)
    return term


def _why(barred: Barred) -> str:
    match barred:
        case Barred.NOT_DECLARED:
            return _("is not declared as safe for rules")
        case Barred.SENSITIVE:
            return _("is sensitive and may decide nothing")
        case Barred.COMPUTED:
            return _("is computed in Python, so that the whole base cannot be asked")


def _leaf(term: Term, how: str, given: object, path: str) -> Rule:
    if how not in how_for(term.kind):
        words = {"feature": term.name, "value": how, "known": ", ".join(how_for(term.kind))}
        message = _("“%(feature)s” cannot be compared by “%(value)s”; use one of: %(known)s.") % words
        _refuse(path, "comparison", message)
    match how:
        case "missing":
            if not isinstance(given, bool):
                _refuse(path, "constant", _("Give true or false, not %(value)s.") % {"value": shown(given)})
            return Missing(feature=term.name, missing=given)
        case "one_of" | "none_of":
            return OneOf(feature=term.name, names=_names(term, given, path), within=how == "one_of")
        case "between" | "outside":
            low, high = _ends(term, given, path)
            return Between(feature=term.name, low=low, high=high, within=how == "between")
        case _:
            return Compare(feature=term.name, how=Comparison(how), value=_constant(term, given, path))


def _ends(term: Term, given: object, path: str) -> tuple[Any, Any]:
    if not isinstance(given, list) or len(given) != 2:
        _refuse(path, "constant", _("Give two ends, the lower first, not %(value)s.") % {"value": shown(given)})
    low, high = _constants(term, given, path)
    if number_of(low) > number_of(high):
        message = _("The first end of %(value)s is above the second; swap them.") % {"value": shown(given)}
        _refuse(path, "constant", message)
    return low, high


def _names(term: Term, given: object, path: str) -> tuple[Any, ...]:
    if not isinstance(given, list) or not 0 < len(given) <= MOST_NAMES:
        words = {"most": str(MOST_NAMES), "value": shown(given)}
        _refuse(path, "constant", _("Give a list of 1 to %(most)s names, not %(value)s.") % words)
    return tuple(dict.fromkeys(_constants(term, given, path)))


def _constants(term: Term, given: list[Any], path: str) -> tuple[Any, ...]:
    return _all_read(
        lambda place=place, one=one: _constant(term, one, f"{path}[{place}]")  # type: ignore[misc]
        for place, one in enumerate(given)
    )


def _constant(term: Term, given: object, path: str) -> Constant:
    """The constant as the kind of feature wants it."""
    value = constant_of(term.kind, given)
    if value is None:
        words = {"value": shown(given), "feature": term.name, "wanted": wanted(term.kind)}
        _refuse(path, "constant", _("“%(feature)s” is compared with %(wanted)s, not %(value)s.") % words)
    return value
