"""Business rules put to one customer: each asked once, whatever number of products it concerns. Pure.

What cannot be told is closed, and so is what cannot be read: a rule that fails closes the products that it concerns.
"""

from __future__ import annotations

import logging
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime

from django.utils.translation import get_language
from django.utils.translation import gettext as _

from crm_assist.eligibility.rules.document import read_rule, stored_rule
from crm_assist.eligibility.rules.facts import RuleFacts, RuleStep
from crm_assist.eligibility.rules.faults import RuleRefused
from crm_assist.eligibility.rules.terms import Terms
from crm_assist.eligibility.rules.tree import Rule, holds
from crm_assist.eligibility.rules.words import sentence
from crm_assist.types import ProductFacts, Verdict

logger = logging.getLogger("crm_assist.eligibility")

CLOSED = {
    RuleStep.ELIGIBILITY: "not_eligible",
    RuleStep.APPLICABILITY: "not_applicable",
    RuleStep.SUITABILITY: "not_suitable",
}
"""The code of a verdict where the rule of a step does not hold."""

ORDER = {step: place for place, step in enumerate(RuleStep)}


@dataclass(frozen=True, kw_only=True, slots=True)
class LiveRule:
    """A version of a rule that has been read; `rule` is None where it cannot be, which closes what it concerns."""

    facts: RuleFacts
    rule: Rule | None
    terms: Terms

    def is_valid(self, now: datetime) -> bool:
        """Whether the rule is in force at the moment."""
        until = self.facts.valid_until
        return self.facts.valid_from <= now and (until is None or now < until)

    def text(self, part: str) -> str:
        """What the rule's author wrote in the language in force, else in English, else nothing."""
        language = (get_language() or "en").split("-")[0]
        texts = self.facts.texts.get(language) or self.facts.texts.get("en") or {}
        return texts.get(part, "")


def live(facts: RuleFacts, terms: Terms) -> LiveRule:
    """The rule, read once; one that cannot be read is told in the log of the process and closes."""
    try:
        rule = read_rule(facts.document, terms)
    except RuleRefused:
        logger.exception("crm_assist.rule_unreadable", extra={"rule": facts.code, "version": facts.version})
        rule = None
    return LiveRule(facts=facts, rule=rule, terms=terms)


def again(facts: RuleFacts, *, is_readable: bool) -> LiveRule:
    """The rule as a decision of the past asked it, whatever features there are by now."""
    return LiveRule(facts=facts, rule=stored_rule(facts.document) if is_readable else None, terms={})


@dataclass(frozen=True, kw_only=True, slots=True)
class Told:
    """What the rules in force said of one customer, by what they concern."""

    general: tuple[tuple[int, Verdict], ...] = ()
    of_group: Mapping[str, tuple[tuple[int, Verdict], ...]] = field(default_factory=dict)
    of_product: Mapping[str, tuple[tuple[int, Verdict], ...]] = field(default_factory=dict)

    def verdicts(self, product: ProductFacts) -> tuple[Verdict, ...]:
        """Every verdict that concerns the product: what closes it, and the need that it suits; in the steps' order."""
        found = (*self.general, *self.of_group.get(product.group, ()), *self.of_product.get(product.code, ()))
        return tuple(verdict for _step, verdict in sorted(found, key=lambda told: told[0]))


def told(rules: Iterable[LiveRule], values: Mapping[str, object], now: datetime) -> Told:
    """Ask each rule that is valid at the moment once."""
    general: list[tuple[int, Verdict]] = []
    of_group: dict[str, list[tuple[int, Verdict]]] = {}
    of_product: dict[str, list[tuple[int, Verdict]]] = {}
    for rule in rules:
        if not rule.is_valid(now):
            continue
        verdict = _verdict(rule, values)
        if verdict is None:
            continue
        facts, entry = rule.facts, (ORDER[rule.facts.step], verdict)
        if facts.product:
            of_product.setdefault(facts.product, []).append(entry)
        elif facts.group:
            of_group.setdefault(facts.group, []).append(entry)
        else:
            general.append(entry)
    return Told(
        general=tuple(general),
        of_group={name: tuple(entries) for name, entries in of_group.items()},
        of_product={name: tuple(entries) for name, entries in of_product.items()},
    )


def _verdict(rule: LiveRule, values: Mapping[str, object]) -> Verdict | None:
    """What the rule says; nothing where it holds and has no need to tell."""
    if rule.rule is None:
        return _closed(rule, "rule_unreadable", _("A rule on this product could not be read, so it is left out."))
    try:
        answer = holds(rule.rule, values)
    except Exception:  # one odd value must not close the record, only what this rule concerns
        logger.exception("crm_assist.rule_failed", extra={"rule": rule.facts.code, "version": rule.facts.version})
        return _closed(rule, "rule_unreadable", _("A rule on this product could not be read, so it is left out."))
    if answer is None:
        words = {"rule": _sentence(rule.rule, rule.terms)}
        return _closed(rule, "rule_unknown", _("It is not known whether this holds: “%(rule)s”") % words)
    if not answer:
        words = {"rule": _sentence(rule.rule, rule.terms)}
        message = rule.text("closed") or _("This does not hold: “%(rule)s”") % words
        return _closed(rule, CLOSED[rule.facts.step], message)
    need = rule.text("need") if rule.facts.step is RuleStep.SUITABILITY else ""
    return _made(rule, True, "suits", need) if need else None


def _sentence(rule: Rule, terms: Terms) -> str:
    """The words of a rule; none where a replay has no terms, which compares none."""
    return sentence(rule, terms) if terms else ""


def _closed(rule: LiveRule, code: str, message: str) -> Verdict:
    return _made(rule, False, code, message)


def _made(rule: LiveRule, is_open: bool, code: str, message: str) -> Verdict:
    facts = rule.facts
    return Verdict(open=is_open, code=code, message=message, rule=facts.code, rule_version=facts.version)
