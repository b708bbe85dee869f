"""Rules as documents: the round trip, and what is refused with its place and a remedy."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crm_assist.eligibility.rules.document import MOST_BYTES, read_rule, write_rule
from crm_assist.eligibility.rules.faults import RuleFault, RuleRefused
from crm_assist.eligibility.rules.reading import DEEPEST
from crm_assist.eligibility.rules.tree import Compare, Comparison, Every, Rule, Span, Unit
from tests.eligibility.rules import made


def of(node: object) -> dict[str, Any]:
    return {"schema": 1, "rule": node}


def faults(document: object) -> list[tuple[str, str]]:
    with pytest.raises(RuleRefused) as refused:
        read_rule(document, made.TERMS)
    return [(fault.path, fault.code) for fault in refused.value.faults]


def read_or_faults(document: object) -> tuple[Rule | None, tuple[RuleFault, ...]]:
    try:
        return read_rule(document, made.TERMS), ()
    except RuleRefused as refused:
        return None, refused.faults


@given(made.rules.filter(lambda rule: made.depth(rule) <= DEEPEST))
def test_read_rule__what_was_written__is_the_same_rule(rule: Rule) -> None:
    assert read_rule(json.dumps(write_rule(rule)), made.TERMS) == rule


def test_read_rule__an_example__is_what_it_says() -> None:
    document = of({"all": [{"feature": "flat", "at_least": {"years": 2}}, {"feature": "few", "equals": "a"}]})
    assert read_rule(document, made.TERMS) == Every(
        parts=(
            Compare(feature="flat", how=Comparison.AT_LEAST, value=Span(2, Unit.YEARS)),
            Compare(feature="few", how=Comparison.EQUALS, value="a"),
        )
    )


@pytest.mark.parametrize(
    ("node", "path", "code"),
    [
        ({"feature": "nothing", "above": 1}, "rule.feature", "unknown_feature"),
        ({"feature": ["real"], "above": 1}, "rule.feature", "unknown_feature"),
        ({"feature": "religion", "equals": "x"}, "rule.feature", "feature_sensitive"),
        ({"feature": "private", "above": 1}, "rule.feature", "feature_not_declared"),
        ({"feature": "python", "above": 1}, "rule.feature", "feature_computed"),
        ({"feature": "real", "above": "1"}, "rule.above", "constant"),
        ({"feature": "real", "above": True}, "rule.above", "constant"),
        ({"feature": "real", "above": 10**400}, "rule.above", "constant"),
        ({"feature": "real", "above": float("nan")}, "rule.above", "constant"),
        ({"feature": "flat", "above": 2}, "rule.above", "constant"),
        ({"feature": "flat", "above": {"fortnights": 2}}, "rule.above", "constant"),
        ({"feature": "flat", "above": {"years": 1, "days": 2}}, "rule.above", "constant"),
        ({"feature": "flag", "equals": 1}, "rule.equals", "constant"),
        ({"feature": "flag", "above": True}, "rule.above", "comparison"),
        ({"feature": "few", "equals": "x\0"}, "rule.equals", "constant"),
        ({"feature": "few", "equals": "x" * 201}, "rule.equals", "constant"),
        ({"feature": "few", "below": "b"}, "rule.below", "comparison"),
        ({"feature": "few", "one_of": []}, "rule.one_of", "constant"),
        ({"feature": "few", "one_of": ["a", 5]}, "rule.one_of[1]", "constant"),
        ({"feature": "few", "one_of": ["a"] * 201}, "rule.one_of", "constant"),
        ({"feature": "real", "one_of": [1]}, "rule.one_of", "comparison"),
        ({"feature": "real", "between": [2, 1]}, "rule.between", "constant"),
        ({"feature": "real", "between": [1]}, "rule.between", "constant"),
        ({"feature": "real", "between": [1, "2"]}, "rule.between[1]", "constant"),
        ({"feature": "real", "missing": 1}, "rule.missing", "constant"),
        ({"feature": "real"}, "rule", "comparison"),
        ({"feature": "real", "above": 1, "below": 2}, "rule", "comparison"),
        ({"feature": "real", "near": 1}, "rule", "comparison"),
        ({"feature": "real", 5: 1}, "rule", "comparison"),
        ({"all": []}, "rule.all", "empty"),
        ({"any": {}}, "rule.any", "empty"),
        ({"all": [{"feature": "real", "above": 1}, 7]}, "rule.all[1]", "shape"),
        ({"not": None}, "rule.not", "shape"),
        ({"all": [], "any": []}, "rule", "shape"),
        ({}, "rule", "shape"),
        ("real > 1", "rule", "shape"),
    ],
)
def test_read_rule__a_bad_node__names_its_place(node: object, path: str, code: str) -> None:
    assert faults(of(node)) == [(path, code)]


@pytest.mark.parametrize(
    ("document", "path", "code"),
    [
        ("{", "rule", "not_json"),
        ('{"schema": 1, "schema": 1, "rule": {}}', "rule", "not_json"),
        ('{"schema": 1, "rule": {"feature": "real", "above": NaN}}', "rule", "not_json"),
        ("[" * 100_00, "rule", "not_json"),
        (" " * (MOST_BYTES + 1), "rule", "too_large"),
        ([], "rule", "shape"),
        ({"rule": {}}, "rule", "shape"),
        ({"schema": 2, "rule": {}}, "schema", "schema"),
        ({"schema": True, "rule": {}}, "schema", "schema"),
    ],
)
def test_read_rule__a_bad_document__is_refused(document: object, path: str, code: str) -> None:
    assert faults(document) == [(path, code)]


def test_read_rule__nested_fifty_deep__is_refused() -> None:
    node: dict[str, Any] = {"feature": "real", "above": 1}
    for _turn in range(50):
        node = {"not": node}
    assert [code for _path, code in faults(of(node))] == ["too_deep"]


def test_read_rule__too_many_comparisons__are_refused() -> None:
    assert faults(of({"all": [{"feature": "real", "above": 1}] * 101})) == [("rule", "too_many")]


def test_read_rule__three_faults__are_all_told() -> None:
    node = {"any": [{"feature": "x", "above": 1}, {"not": {"feature": "few", "below": "b"}}, {"all": []}]}
    assert faults(of(node)) == [
        ("rule.any[0].feature", "unknown_feature"),
        ("rule.any[1].not.below", "comparison"),
        ("rule.any[2].all", "empty"),
    ]


def test_read_rule__an_unknown_feature__names_those_that_may_be_used() -> None:
    with pytest.raises(RuleRefused) as refused:
        read_rule(of({"feature": "reel", "above": 1}), made.TERMS)
    message = refused.value.faults[0].message
    assert "reel" in message
    assert "real" in message
    assert "religion" not in message
    assert str(refused.value) == f"rule.feature: {message}"


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5) | st.sampled_from(list(made.KINDS)),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.sampled_from(["all", "any", "not", "feature", "above", "one_of", "between", "x"]), inner)
    ),
    max_leaves=10,
)


@given(JSON)
def test_read_rule__whatever_is_sent__is_a_rule_or_refused_with_a_place(node: object) -> None:
    rule, faults_found = read_or_faults(of(node))
    if rule is None:
        assert faults_found
        assert all(fault.path.startswith("rule") and fault.message for fault in faults_found)
    else:
        assert read_rule(write_rule(rule), made.TERMS) == rule
