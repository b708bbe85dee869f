"""What an author should know of a rule before it is in force: whom it leaves out, and what in it looks mistaken. Pure.

A rule is not for targeting: each customer that it leaves out is one whom no evidence can ever speak for.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from django.utils.translation import gettext as _

from crm_assist.eligibility.rules.terms import Terms
from crm_assist.eligibility.rules.tree import Compare, Leaf, OneOf, Rule, leaves

MOST_REMOVED = 0.5
"""From this share of the base on, a rule is said to be strict."""

MOST_UNKNOWN = 0.05
"""From this share on, missing values close so many that they are worth mending first."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Reach:
    """How many customers of a base a rule keeps, leaves out, and cannot tell of."""

    kept: int = 0
    removed: int = 0
    unknown: int = 0

    @property
    def customers(self) -> int:
        """All of them."""
        return self.kept + self.removed + self.unknown


@dataclass(frozen=True, kw_only=True, slots=True)
class Remark:
    """One thing to think over; a rule may be saved in spite of it."""

    code: str
    message: str


def remarks(rule: Rule, terms: Terms, reach: Reach) -> tuple[Remark, ...]:
    """What is to be said of the rule and its reach, the weightiest first."""
    return (*_of_reach(reach), *_of_names(rule, terms))


def _of_reach(reach: Reach) -> Iterator[Remark]:
    if not reach.customers:
        return
    removed, unknown = reach.removed / reach.customers, reach.unknown / reach.customers
    if not reach.kept:
        yield Remark(code="keeps_nobody", message=_("It keeps nobody: no customer could be offered anything."))
    elif removed > MOST_REMOVED:
        words = {"share": _percent(removed)}
        message = _("It leaves out %(share)s of the customers, and nothing shows that this helps.") % words
        yield Remark(code="strict", message=message)
    if unknown > MOST_UNKNOWN:
        words = {"share": _percent(unknown)}
        message = _("For %(share)s of the customers it cannot be told, so that they are left out.") % words
        yield Remark(code="often_unknown", message=message)
    if reach.kept == reach.customers:
        yield Remark(code="keeps_all", message=_("It holds for every customer today: is it needed?"))


def _percent(share: float) -> str:
    return _("%(amount)s%%") % {"amount": f"{100 * share:.0f}"}


def _of_names(rule: Rule, terms: Terms) -> Iterator[Remark]:
    for leaf in leaves(rule):
        term = terms[leaf.feature]
        for name in _names(leaf):
            if term.names and name not in term.names:
                words = {"value": name, "feature": str(term.label), "known": ", ".join(map(str, term.names))}
                message = _("“%(value)s” is not among the known names of “%(feature)s”: %(known)s.") % words
                yield Remark(code="unknown_name", message=message)


def _names(leaf: Leaf) -> tuple[str, ...]:
    match leaf:
        case OneOf(names=names):
            return names
        case Compare(value=str(name)):
            return (name,)
        case _:
            return ()
