"""Three-valued answers of a rule for one customer."""

from __future__ import annotations

import math
from decimal import Decimal

import pytest
from hypothesis import given

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
    features_of,
    holds,
    leaves,
    without_not,
)
from crm_assist.scorecards import CardError
from tests.eligibility.rules import made

RICH = Compare(feature="money", how=Comparison.ABOVE, value=1000.0)
HAS = Compare(feature="flag", how=Comparison.EQUALS, value=True)
KNOWN: dict[str, object] = {"money": Decimal("2000"), "flag": True}
UNKNOWN: dict[str, object] = {"money": None, "flag": True}


@pytest.mark.parametrize(
    ("rule", "answer"),
    [
        (RICH, None),
        (Not(part=RICH), None),
        (Every(parts=(RICH, HAS)), None),
        (Every(parts=(RICH, Not(part=HAS))), False),
        (Either(parts=(RICH, HAS)), True),
        (Either(parts=(RICH, Not(part=HAS))), None),
        (Missing(feature="money"), True),
        (Not(part=Missing(feature="money")), False),
    ],
)
def test_holds__a_missing_value__is_unknown_unless_the_rest_decides(rule: Rule, answer: bool | None) -> None:
    assert holds(rule, UNKNOWN) is answer


@pytest.mark.parametrize("value", [None, math.nan, Decimal("NaN")])
def test_holds__what_is_no_number__is_missing(value: object) -> None:
    assert holds(Missing(feature="money"), {"money": value}) is True
    assert holds(RICH, {"money": value}) is None


def test_holds__ends_of_between__are_inside() -> None:
    within = Between(feature="x", low=1.0, high=2.0)
    outside = Between(feature="x", low=1.0, high=2.0, within=False)
    assert [holds(within, {"x": x}) for x in (0.9, 1, 2, 2.1)] == [False, True, True, False]
    assert [holds(outside, {"x": x}) for x in (0.9, 1, 2, 2.1, None)] == [True, False, False, True, None]


def test_holds__two_years__are_days_of_the_mean_year() -> None:
    rule = Compare(feature="since", how=Comparison.AT_LEAST, value=Span(2, Unit.YEARS))
    assert [holds(rule, {"since": days}) for days in (730, 731)] == [False, True]


def test_holds__names__are_told_apart_letter_by_letter() -> None:
    rule = OneOf(feature="segment", names=("private", "gold"))
    assert [holds(rule, {"segment": name}) for name in ("gold", "Gold", "gold ", "", None)] == [
        True,
        False,
        False,
        False,
        None,
    ]


def test_holds__a_value_of_another_kind__raises() -> None:
    with pytest.raises(CardError, match="money"):
        holds(RICH, {"money": "much"})


def test_holds__a_feature_that_is_not_there__raises() -> None:
    with pytest.raises(KeyError, match="money"):
        holds(RICH, {"flag": True})


@given(made.rules, made.rows)
def test_without_not__any_rule__has_the_same_answer_and_no_not(rule: Rule, row: dict[str, object]) -> None:
    turned = without_not(rule)
    assert holds(turned, row) is holds(rule, row)
    assert "Not(" not in repr(turned)


@given(made.rules, made.rows)
def test_holds__not__turns_round_what_is_known_and_nothing_else(rule: Rule, row: dict[str, object]) -> None:
    answer = holds(rule, row)
    assert holds(Not(part=rule), row) is (None if answer is None else not answer)


def test_features_of__a_feature_used_twice__comes_once_in_order() -> None:
    rule = Every(parts=(HAS, Either(parts=(RICH, Not(part=HAS)))))
    assert features_of(rule) == ("flag", "money")
    assert [leaf.feature for leaf in leaves(rule)] == ["flag", "money", "flag"]
    assert holds(rule, KNOWN) is True
