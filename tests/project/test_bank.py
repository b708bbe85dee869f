"""The generator: the same seed gives the same bank, and its orders follow the known preferences."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fixtures.bank import generate
from fixtures.preferences import PREFERENCES, CustomerFacts, true_propensity
from fixtures.products import product_codes, products
from fixtures.rows import Bank
from tests.project.conftest import NOW

FACTS = CustomerFacts(
    age=40,
    income=2600,
    balance=2000,
    savings=10_000,
    tenure_years=5,
    children=0,
    housing="TENANT",
    has_car=False,
    logins_30d=5,
)


def test_generate__same_seed__same_bank(small_bank: Bank) -> None:
    assert generate(now=NOW, customers=120, seed=7) == small_bank


def test_generate__other_seed__other_bank(small_bank: Bank) -> None:
    assert generate(now=NOW, customers=120, seed=8).customers != small_bank.customers


def test_generate__larger_bank__begins_with_the_same_people(small_bank: Bank) -> None:
    assert generate(now=NOW, customers=40, seed=7).customers == small_bank.customers[:40]


def test_generate__naive_moment__is_refused() -> None:
    with pytest.raises(ValueError, match="has no time zone"):
        generate(now=datetime(2026, 1, 1), customers=1)


def test_generate__no_customers__is_refused() -> None:
    with pytest.raises(ValueError, match="customers=0"):
        generate(now=NOW, customers=0)


def moments(bank: Bank) -> Iterator[datetime]:
    yield from (row.at for row in bank.contacts)
    yield from (row.at for row in bank.orders)
    yield from (row.cancelled_at for row in bank.orders if row.cancelled_at)
    yield from (row.opened_at for row in bank.cases)
    yield from (row.closed_at for row in bank.cases if row.closed_at)
    yield from (row.at for row in bank.statements)


def test_generate__every_event__lies_in_the_18_months(small_bank: Bank) -> None:
    happened = list(moments(small_bank))
    assert max(happened) < NOW
    assert min(happened) >= NOW - timedelta(days=541)


def test_generate__held_product__is_not_ordered_again(small_bank: Bank) -> None:
    lasting = [(row.customer, row.product_code) for row in small_bank.orders if row.cancelled_at is None]
    assert len(lasting) == len(set(lasting))


def test_generate__numbers_and_mails__are_unique(small_bank: Bank) -> None:
    assert len({row.number for row in small_bank.customers}) == 120
    assert len({row.email for row in small_bank.customers}) == 120


def test_orders__by_trait__follow_the_truth() -> None:
    bank = generate(now=NOW, customers=1200, seed=3)
    parents = {index for index, row in enumerate(bank.customers) if row.children}
    accounts = [row for row in bank.orders if row.product_code == "child_account"]
    of_parents = sum(row.customer in parents for row in accounts)
    assert len(accounts) > 30
    assert of_parents / len(parents) > 5 * (len(accounts) - of_parents) / (1200 - len(parents))


def test_orders__after_a_question__are_far_more_frequent() -> None:
    bank = generate(now=NOW, customers=1200, seed=3)
    asked = {(row.customer, row.product_code) for row in bank.contacts if row.topic == "QUESTION"}
    ordered = {(row.customer, row.product_code) for row in bank.orders}
    rate_asked = len(asked & ordered) / len(asked)
    rate_others = len(ordered - asked) / (1200 * len(product_codes()) - len(asked))
    assert rate_asked > 2 * rate_others


def test_preferences__every_product__has_one() -> None:
    assert set(PREFERENCES) == set(product_codes())


def test_products__texts__stand_in_both_languages() -> None:
    assert len(products()) == 12
    for product in products():
        assert set(product.name) == set(product.benefit) == {"en", "fr"}


@pytest.mark.parametrize("code", product_codes())
def test_true_propensity__held_product__is_zero(code: str) -> None:
    assert true_propensity(replace(FACTS, held=frozenset({code})), code) == 0.0


@pytest.mark.parametrize("code", product_codes())
def test_true_propensity__question_raises_and_complaint_lowers(code: str) -> None:
    plain = true_propensity(FACTS, code)
    assert true_propensity(replace(FACTS, asked=frozenset({code})), code) > plain
    assert true_propensity(replace(FACTS, open_cases=frozenset({"COMPLAINT"})), code) < plain


@given(
    code=st.sampled_from(product_codes()),
    age=st.floats(18, 100),
    balance=st.floats(-1e6, 1e7),
    days=st.integers(1, 720),
)
def test_true_propensity__any_facts__is_a_probability_that_grows_with_time(
    code: str, age: float, balance: float, days: int
) -> None:
    facts = replace(FACTS, age=age, balance=balance)
    shorter, longer = true_propensity(facts, code, days=days), true_propensity(facts, code, days=days + 30)
    assert 0.0 < shorter < longer < 1.0
