"""Constants of rules: which comparisons a kind of feature bears, and what a document may give for each."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext as _

from crm_assist.eligibility.rules.terms import Kind
from crm_assist.eligibility.rules.tree import Comparison, Constant, Span, Unit, number_of

LONGEST_NAME = 200
EXACT = 2**53
"""Whole numbers below are exact as floats."""

GREATEST = 1e300
"""Constants beyond could not be compared with any value that a host stores."""

IN_ORDER = (*(str(how) for how in Comparison), "between", "outside", "missing")
HOWS = {
    Kind.NUMBER: IN_ORDER,
    Kind.AGE: IN_ORDER,
    Kind.YES_NO: ("equals", "differs", "missing"),
    Kind.NAME: ("equals", "differs", "one_of", "none_of", "missing"),
}


def how_for(kind: Kind) -> tuple[str, ...]:
    """The comparisons that make sense for this kind."""
    return HOWS[kind]


def constant_of(kind: Kind, given: object) -> Constant | None:
    """The constant that a document gives for a feature of this kind; None where it is none."""
    match kind:
        case Kind.NUMBER:
            return _number(given)
        case Kind.AGE:
            return _span(given)
        case Kind.YES_NO:
            return given if isinstance(given, bool) else None
        case Kind.NAME:
            return given if isinstance(given, str) and len(given) <= LONGEST_NAME and "\0" not in given else None


def document_of(constant: Constant) -> object:
    """The constant as a document gives it; whole numbers without a point."""
    if isinstance(constant, Span):
        return {str(constant.unit): document_of(constant.amount)}
    if isinstance(constant, float) and constant.is_integer() and abs(constant) < EXACT:
        return int(constant) if constant or math.copysign(1.0, constant) > 0 else constant
    return constant


def stored_constant(given: Any) -> Any:
    """The constant that `document_of` gave."""
    if isinstance(given, Mapping):
        ((unit, amount),) = given.items()
        return Span(float(amount), Unit(unit))
    return float(given) if isinstance(given, int) and not isinstance(given, bool) else given


def wanted(kind: Kind) -> str:
    """What a constant of this kind looks like, in words."""
    match kind:
        case Kind.NUMBER:
            return _("a number such as 1500")
        case Kind.AGE:
            return _('a length of time such as {"years": 2}')
        case Kind.YES_NO:
            return _("true or false")
        case Kind.NAME:
            return _("a name such as “private”, of at most %(most)s characters") % {"most": LONGEST_NAME}


def shown(value: object) -> str:
    """The value as a message quotes it, cut short where it is long."""
    text = json.dumps(value, ensure_ascii=False, default=str, skipkeys=True)
    return text if len(text) <= 60 else f"{text[:57]}..."


def _number(given: object) -> float | None:
    if isinstance(given, bool) or not isinstance(given, int | float):
        return None
    try:
        number = float(given)
    except OverflowError:
        return None
    return number if math.isfinite(number) and abs(number) <= GREATEST else None


def _span(given: object) -> Span | None:
    if not isinstance(given, Mapping) or len(given) != 1:
        return None
    ((unit, amount),) = given.items()
    number = _number(amount)
    if number is None or unit not in set(Unit):
        return None
    span = Span(number, Unit(unit))
    return span if abs(number_of(span)) <= GREATEST else None
