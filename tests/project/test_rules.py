"""The demo bank's ten rules: what they say in both languages, and whom they keep, in Python and in SQL."""

from __future__ import annotations

from typing import Any

import pytest
from django.utils.translation import override

from crm_assist import customers, features, flow
from crm_assist.eligibility.rules.document import read_rule
from crm_assist.eligibility.rules.query import rule_expression
from crm_assist.eligibility.rules.tree import Not, features_of, holds
from crm_assist.flow.rule_terms import terms_of
from fixtures.rows import Bank
from fixtures.rules import BankRule, bank_rules
from project.demo import assist_steps
from tests.project.conftest import NOW

CUSTOMER = assist_steps.CUSTOMER
RULES = {rule.code: rule for rule in bank_rules()}
SENTENCES = {
    "mortgage-age": ("Age: from 18 years to 70 years.", "Âge\xa0: de 18 ans à 70 ans."),
    "health-insurance-age": ("Age: less than 75 years.", "Âge\xa0: moins de 75 ans."),
    "gold-card-income": (
        "Monthly income: at least €1,800, or Segment: Private banking or Professional.",
        "Revenu mensuel\xa0: au moins 1\xa0800\xa0€, ou Segment\xa0: Banque privée ou Professionnel.",
    ),
    "renovation-customer": (
        "Customer for: at least 12 months, and Account balance: at least €0.",
        "Client depuis\xa0: au moins 12 mois, et Solde du compte\xa0: au moins 0\xa0€.",
    ),
    "car-insurance-car": ("Has a car: yes.", "Voiture\xa0: oui."),
    "child-account-children": ("Children at home: more than 0.", "Enfants au foyer\xa0: plus de 0."),
    "home-insurance-home": ("Housing: anything but Lives with others.", "Logement\xa0: tout sauf Hébergé."),
    "not-too-many-contacts": ("Contacts in 90 days: at most 12.", "Contacts sur 90 jours\xa0: au plus 12."),
    "term-deposit-reserve": (
        "Savings: at least €5,000, and Account balance: more than €1,000.",
        "Épargne\xa0: au moins 5\xa0000\xa0€, et Solde du compte\xa0: plus de 1\xa0000\xa0€.",
    ),
    "retirement-horizon": (
        "Age: more than 25 years, Age: at most 62 years, and Monthly income: known.",
        "Âge\xa0: plus de 25 ans, Âge\xa0: au plus 62 ans, et Revenu mensuel\xa0: connu.",
    ),
}


def read(rule: BankRule) -> Any:
    return read_rule(rule.row(CUSTOMER)["document"], terms_of(customers.adapter_for(CUSTOMER)))


@pytest.mark.django_db
def test_rules__the_ten_of_the_bank__read_plainly_in_both_languages() -> None:
    assist_steps.save_catalogue(NOW)
    assert assist_steps.save_rules(NOW) == len(RULES) == 10
    told = {}
    for language in ("en", "fr"):
        with override(language):
            for view in flow.rules(assist_steps.SETTER_UP):
                told.setdefault(view.version.code, []).append(view.sentence)
    assert {code: tuple(words) for code, words in told.items()} == SENTENCES


@pytest.mark.django_db
def test_rules__saved_again__change_nothing() -> None:
    assist_steps.save_catalogue(NOW)
    assist_steps.save_rules(NOW)
    assert assist_steps.save_rules(NOW) == 0


@pytest.mark.parametrize("code", sorted(RULES))
def test_rules__over_the_whole_bank__sql_keeps_whom_python_keeps(filled: Bank, code: str) -> None:
    adapter, rule = customers.adapter_for(CUSTOMER), read(RULES[code])
    names = features_of(rule)
    rows = features.rows(adapter.queryset(), adapter, NOW, names)
    kept, left_out = set(), set()
    for row in rows:
        answer = holds(rule, features.values_of(adapter, row, names))
        (kept if answer else left_out if answer is False else set()).add(row.pk)
    expressions = features.expressions(adapter, NOW, names)
    asked = adapter.queryset()
    assert set(asked.filter(rule_expression(rule, expressions)).values_list("pk", flat=True)) == kept
    opposite = rule_expression(Not(part=rule), expressions)
    assert set(asked.filter(opposite).values_list("pk", flat=True)) == left_out
    assert kept
