"""Rules as sentences, in both languages."""

from __future__ import annotations

import pytest
from django.utils.translation import override
from hypothesis import given

from crm_assist.eligibility.rules.document import read_rule
from crm_assist.eligibility.rules.terms import Kind, Term
from crm_assist.eligibility.rules.tree import Rule, features_of
from crm_assist.eligibility.rules.words import sentence
from crm_assist.features import display
from tests.eligibility.rules import made


def euros(value: object) -> str:
    return display.number(value, "EUR")


TERMS = {
    "balance": Term(name="balance", kind=Kind.NUMBER, label="Balance", words=euros),
    "customer_for": Term(name="customer_for", kind=Kind.AGE, label="Customer for", words=display.age),
    "segment": Term(name="segment", kind=Kind.NAME, label="Segment", words=str),
    "has_loan": Term(name="has_loan", kind=Kind.YES_NO, label="Has a loan", words=display.yes_no),
}
LONG = {"feature": "customer_for", "at_least": {"years": 2}}
RICH = {"feature": "balance", "above": 1500}
GOLD = {"feature": "segment", "one_of": ["private", "gold"]}
LOAN = {"feature": "has_loan", "equals": True}


def told(node: object, language: str = "en") -> str:
    with override(language):
        return sentence(read_rule({"schema": 1, "rule": node}, TERMS), TERMS)


@pytest.mark.parametrize(
    ("node", "english", "french"),
    [
        (LONG, "Customer for: at least 2 years.", "Customer for\xa0: au moins 2 ans."),
        (RICH, "Balance: more than €1,500.", "Balance\xa0: plus de 1\xa0500\u00a0€."),
        (GOLD, "Segment: private or gold.", "Segment\xa0: private ou gold."),
        (LOAN, "Has a loan: yes.", "Has a loan\xa0: oui."),
        ({"not": LOAN}, "Has a loan: no.", "Has a loan\xa0: non."),
        ({"not": LONG}, "Customer for: less than 2 years.", "Customer for\xa0: moins de 2 ans."),
        ({"not": GOLD}, "Segment: anything but private or gold.", "Segment\xa0: tout sauf private ou gold."),
        (
            {"feature": "balance", "between": [0, 10]},
            "Balance: from €0 to €10.",
            "Balance\xa0: de 0\u00a0€ à 10\u00a0€.",
        ),
        (
            {"feature": "balance", "outside": [0, 10]},
            "Balance: below €0 or above €10.",
            "Balance\xa0: moins de 0\u00a0€ ou plus de 10\u00a0€.",
        ),
        ({"feature": "balance", "missing": True}, "Balance: not known.", "Balance\xa0: inconnu."),
        ({"not": {"feature": "balance", "missing": True}}, "Balance: known.", "Balance\xa0: connu."),
        (
            {"feature": "customer_for", "below": {"months": 1.5}},
            "Customer for: less than 1.5 months.",
            "Customer for\xa0: moins de 1,5 mois.",
        ),
        (
            {"all": [LONG, RICH, {"any": [GOLD, LOAN]}]},
            "Customer for: at least 2 years, Balance: more than €1,500, and "
            "(Segment: private or gold, or Has a loan: yes).",
            "Customer for\xa0: au moins 2 ans, Balance\xa0: plus de 1\xa0500\u00a0€, et "
            "(Segment\xa0: private ou gold, ou Has a loan\xa0: oui).",
        ),
    ],
)
def test_sentence__each_comparison__reads_plainly_in_both_languages(node: object, english: str, french: str) -> None:
    assert (told(node), told(node, "fr")) == (english, french)


def test_sentence__a_not_around_a_group__is_carried_into_it() -> None:
    assert told({"not": {"all": [LONG, LOAN]}}) == "Customer for: less than 2 years, or Has a loan: no."


def test_sentence__groups_of_one__need_no_brackets() -> None:
    assert told({"any": [{"all": [LONG, LOAN]}]}) == "Customer for: at least 2 years, and Has a loan: yes."


@given(made.rules)
def test_sentence__any_rule__names_each_of_its_features(rule: Rule) -> None:
    words = sentence(rule, made.TERMS)
    for name in features_of(rule):
        assert str(made.TERMS[name].label) in words
