"""A rule as a plain sentence, in the language in force.

Each `not` is carried down to its comparison, so that a sentence never turns round what stands in brackets.
"""

from __future__ import annotations

from collections.abc import Sequence

from django.utils.formats import number_format
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from crm_assist.eligibility.rules.terms import Term, Terms
from crm_assist.eligibility.rules.tree import (
    Between,
    Compare,
    Comparison,
    Constant,
    Either,
    Every,
    Leaf,
    Missing,
    Not,
    OneOf,
    Rule,
    Span,
    Unit,
    without_not,
)


def sentence(rule: Rule, terms: Terms) -> str:
    """The whole rule in words, with a full stop: the labels of the features, and values as agents see them."""
    return capfirst(_("%(rule)s.") % {"rule": _worded(without_not(rule), terms, outermost=True)})


def _worded(rule: Rule, terms: Terms, *, outermost: bool = False) -> str:
    if isinstance(rule, Not):  # carried down already, but the types cannot know
        return _worded(without_not(rule), terms, outermost=outermost)
    if not isinstance(rule, Every | Either):
        return _leaf(rule, terms[rule.feature])
    parts = [_worded(part, terms, outermost=len(rule.parts) == 1 and outermost) for part in rule.parts]
    if len(parts) == 1:
        return parts[0]
    text = _joined(parts, _("%(first)s, and %(last)s") if isinstance(rule, Every) else _("%(first)s, or %(last)s"))
    return text if outermost else f"({text})"


def _joined(parts: Sequence[str], last: str) -> str:
    return last % {"first": ", ".join(parts[:-1]), "last": parts[-1]}


def _leaf(leaf: Leaf, term: Term) -> str:
    words = {"feature": str(term.label), "value": _value(leaf, term)}
    return _("%(feature)s: %(value)s") % words


def _value(leaf: Leaf, term: Term) -> str:
    match leaf:
        case Missing(missing=missing):
            return _("not known") if missing else _("known")
        case OneOf(names=names, within=within):
            listed = _either([term.words(name) for name in names])
            return listed if within else _("anything but %(value)s") % {"value": listed}
        case Between(low=low, high=high, within=within):
            ends = {"low": _constant(low, term), "high": _constant(high, term)}
            return _("from %(low)s to %(high)s") % ends if within else _("below %(low)s or above %(high)s") % ends
        case Compare(how=how, value=bool(wanted)):
            return term.words(wanted is (how is Comparison.EQUALS))
        case Compare(how=how, value=constant):
            return _how(how, constant) % {"value": _constant(constant, term)}


def _how(how: Comparison, constant: Constant) -> str:
    match how:
        case Comparison.EQUALS:
            return "%(value)s"
        case Comparison.DIFFERS:
            return _("anything but %(value)s") if isinstance(constant, str) else _("not %(value)s")
        case Comparison.BELOW:
            return _("less than %(value)s")
        case Comparison.AT_MOST:
            return _("at most %(value)s")
        case Comparison.ABOVE:
            return _("more than %(value)s")
        case Comparison.AT_LEAST:
            return _("at least %(value)s")


def _either(names: Sequence[str]) -> str:
    return names[0] if len(names) == 1 else _joined(names, _("%(first)s or %(last)s"))


def _constant(constant: Constant, term: Term) -> str:
    return _span(constant) if isinstance(constant, Span) else term.words(constant)


def _span(span: Span) -> str:
    whole = span.amount == int(span.amount)
    count = number_format(int(span.amount) if whole else span.amount)
    plural = abs(int(span.amount)) if whole else 2
    match span.unit:
        case Unit.DAYS:
            text = ngettext("%(count)s day", "%(count)s days", plural)
        case Unit.WEEKS:
            text = ngettext("%(count)s week", "%(count)s weeks", plural)
        case Unit.MONTHS:
            text = ngettext("%(count)s month", "%(count)s months", plural)
        case Unit.YEARS:
            text = ngettext("%(count)s year", "%(count)s years", plural)
    return text % {"count": count}
