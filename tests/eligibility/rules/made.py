"""Rules, rows and terms made up for tests: odd values, and constants that meet them."""

from __future__ import annotations

import math
from decimal import Decimal
from typing import Any

from hypothesis import strategies as st

from crm_assist.eligibility.rules.terms import Barred, Kind, Term
from crm_assist.eligibility.rules.tree import (
    Between,
    Compare,
    Comparison,
    Either,
    Every,
    Missing,
    Not,
    OneOf,
    Rule,
    Span,
    Unit,
)

KINDS = {
    "real": Kind.NUMBER,
    "whole": Kind.NUMBER,
    "money": Kind.NUMBER,
    "flat": Kind.AGE,
    "flag": Kind.YES_NO,
    "few": Kind.NAME,
    "many": Kind.NAME,
}
NUMBERS = [name for name, kind in KINDS.items() if kind is Kind.NUMBER]
NAMES = [name for name, kind in KINDS.items() if kind is Kind.NAME]
TEXTS = ("", " ", "a", "A", "NaN", "é", "e\u0301", "true", "100 %", "it's")
ODD = (0.0, -0.0, 0.1, 1.0, 100.0, 365.2425, 730.485, 2.0**53, 2.0**53 + 2, 5e-324, 1e300, -1e300)


def term(name: str, kind: Kind, **extra: Any) -> Term:
    return Term(name=name, kind=kind, label=name.capitalize(), words=str, **extra)


TERMS = {name: term(name, kind) for name, kind in KINDS.items()} | {
    "religion": term("religion", Kind.NAME, barred=Barred.SENSITIVE),
    "private": term("private", Kind.NUMBER, barred=Barred.NOT_DECLARED),
    "python": term("python", Kind.NUMBER, barred=Barred.COMPUTED),
}

finite = st.sampled_from(ODD) | st.floats(min_value=-1e300, max_value=1e300, allow_nan=False)
spans = st.builds(Span, st.sampled_from((0.0, 0.5, 1.0, 2.0)) | st.floats(-50, 50), st.sampled_from(list(Unit)))
texts = st.sampled_from(TEXTS)


@st.composite
def betweens(draw: st.DrawFn) -> Rule:
    feature = draw(st.sampled_from(NUMBERS))
    low, high = sorted((draw(finite), draw(finite)))
    return Between(feature=feature, low=low, high=high, within=draw(st.booleans()))


def compare(features: list[str], constants: st.SearchStrategy[Any], hows: list[Comparison]) -> st.SearchStrategy[Rule]:
    return st.builds(Compare, feature=st.sampled_from(features), how=st.sampled_from(hows), value=constants)


EVERY_HOW, EQUALITY = list(Comparison), [Comparison.EQUALS, Comparison.DIFFERS]
leaves = st.one_of(
    compare(NUMBERS, finite, EVERY_HOW),
    compare(["flat"], spans, EVERY_HOW),
    compare(["flag"], st.booleans(), EQUALITY),
    compare(NAMES, texts, EQUALITY),
    st.builds(
        OneOf,
        feature=st.sampled_from(NAMES),
        names=st.lists(texts, min_size=1, max_size=4, unique=True).map(tuple),
        within=st.booleans(),
    ),
    st.builds(Missing, feature=st.sampled_from(list(KINDS)), missing=st.booleans()),
    betweens(),
)
rules = st.recursive(
    leaves,
    lambda inner: st.one_of(
        st.builds(Not, part=inner),
        st.builds(Every, parts=st.lists(inner, min_size=1, max_size=3).map(tuple)),
        st.builds(Either, parts=st.lists(inner, min_size=1, max_size=3).map(tuple)),
    ),
    max_leaves=8,
)

rows = st.fixed_dictionaries(
    {
        "real": st.none() | st.sampled_from((*ODD, math.inf, -math.inf, math.nan)) | st.floats(),
        "whole": st.none() | st.sampled_from((0, 1, 100, 2**53 + 1, -(2**63), 2**63 - 1)),
        "money": st.none() | st.sampled_from([Decimal(text) for text in ("0", "0.1", "100", "1", "-99999999.9999")]),
        "flat": st.none() | st.sampled_from((365.2425, 730.485, 7.0, 14.0)) | st.floats(-1e6, 1e6),
        "flag": st.none() | st.booleans(),
        "few": st.none() | texts,
        "many": st.none() | texts,
    }
)


def depth(rule: Rule) -> int:
    match rule:
        case Not(part=part):
            return 1 + depth(part)
        case Every(parts=parts) | Either(parts=parts):
            return 1 + max(depth(part) for part in parts)
        case _:
            return 1
