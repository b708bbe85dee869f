"""Rules put to one customer: what each closes, in which order, and what happens when one cannot be read."""

from __future__ import annotations

import json
import logging
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from django.utils.translation import override

from crm_assist.eligibility.rules.applying import LiveRule, live, told
from crm_assist.eligibility.rules.facts import RuleFacts, RuleStep
from crm_assist.types import ProductFacts, Verdict
from tests.eligibility.rules import made

NOW = datetime(2026, 3, 31, 12, tzinfo=UTC)
RICH = json.dumps({"schema": 1, "rule": {"feature": "money", "above": 1000}})
FACTS = RuleFacts(
    code="rich", version=3, step=RuleStep.ELIGIBILITY, adapter="bank.customer", document=RICH, valid_from=NOW
)


def product(code: str = "fund", group: str = "savings") -> ProductFacts:
    return ProductFacts(code=code, version=1, adapter="", target="wants", value=10.0, group=group, valid_from=NOW)


def rule(**given: object) -> LiveRule:
    return live(replace(FACTS, **given), made.TERMS)  # type: ignore[arg-type]


def verdicts(
    *rules: LiveRule, money: object = 10, at: datetime = NOW, of: ProductFacts | None = None
) -> tuple[Verdict, ...]:
    return told(rules, {"money": money}, at).verdicts(of or product())


def test_told__a_rule_that_holds__says_nothing() -> None:
    assert verdicts(rule(), money=2000) == ()


@pytest.mark.parametrize(
    ("step", "code"),
    [
        (RuleStep.ELIGIBILITY, "not_eligible"),
        (RuleStep.APPLICABILITY, "not_applicable"),
        (RuleStep.SUITABILITY, "not_suitable"),
    ],
)
def test_told__a_rule_that_does_not_hold__closes_with_its_step_and_version(step: RuleStep, code: str) -> None:
    (verdict,) = verdicts(rule(step=step))
    assert (verdict.open, verdict.code, verdict.rule, verdict.rule_version) == (False, code, "rich", 3)
    assert verdict.message == "This does not hold: “Money: more than 1000.0.”"


def test_told__a_missing_value__closes_as_unknown() -> None:
    (verdict,) = verdicts(rule(), money=None)
    assert (verdict.open, verdict.code) == (False, "rule_unknown")
    assert "Money" in verdict.message


def test_told__the_authors_own_words__come_in_the_language_of_the_reader() -> None:
    worded = rule(texts={"en": {"closed": "For large savings only."}, "fr": {"closed": "Pour grande épargne."}})
    with override("fr"):
        assert verdicts(worded)[0].message == "Pour grande épargne."
    with override("de"):
        assert verdicts(worded)[0].message == "For large savings only."


def test_told__a_suitability_rule_that_holds__tells_the_need() -> None:
    suits = rule(step=RuleStep.SUITABILITY, texts={"en": {"need": "The savings earn nothing."}})
    (verdict,) = verdicts(suits, money=2000)
    assert (verdict.open, verdict.code, verdict.message) == (True, "suits", "The savings earn nothing.")


def test_told__several_rules__close_in_the_order_of_the_steps() -> None:
    late, first = rule(code="late", step=RuleStep.SUITABILITY), rule(code="first")
    assert [verdict.rule for verdict in verdicts(late, first)] == ["first", "late"]


def test_told__rules_of_a_product_or_group__concern_it_alone() -> None:
    rules = rule(code="p", product="fund"), rule(code="g", group="savings"), rule(code="all")
    assert {verdict.rule for verdict in verdicts(*rules)} == {"p", "g", "all"}
    assert {verdict.rule for verdict in verdicts(*rules, of=product("deposit"))} == {"g", "all"}
    assert {verdict.rule for verdict in verdicts(*rules, of=product("loan", "credit"))} == {"all"}


def test_told__outside_its_validity__a_rule_is_not_asked() -> None:
    dated = rule(valid_from=NOW, valid_until=NOW + timedelta(days=1))
    moments = [NOW - timedelta(seconds=1), NOW, NOW + timedelta(days=1)]
    assert [bool(verdicts(dated, at=at)) for at in moments] == [False, True, False]


def test_told__a_rule_that_cannot_be_read__closes_what_it_concerns_and_is_told(
    caplog: pytest.LogCaptureFixture,
) -> None:
    gone = json.dumps({"schema": 1, "rule": {"feature": "gone", "above": 1}})
    with caplog.at_level(logging.ERROR, logger="crm_assist.eligibility"):
        broken = rule(document=gone, product="fund")
    assert [record.message for record in caplog.records] == ["crm_assist.rule_unreadable"]
    assert [verdict.code for verdict in verdicts(broken, money=2000)] == ["rule_unreadable"]
    assert verdicts(broken, of=product("deposit")) == ()


def test_told__a_value_of_another_kind__closes_and_is_told(caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.ERROR, logger="crm_assist.eligibility"):
        found = verdicts(rule(), money="much")
    assert [verdict.code for verdict in found] == ["rule_unreadable"]
    assert [record.message for record in caplog.records] == ["crm_assist.rule_failed"]
