"""Which products may be offered: what is unknown is closed, and every refusal has its code."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from django.utils import translation
from hypothesis import given

from crm_assist.eligibility.chain import customer_verdict, product_verdicts
from crm_assist.types import (
    Consent,
    ConsentState,
    CustomerFacts,
    PastSuggestion,
    Policy,
    ProductFacts,
    Situation,
    Verdict,
    Zone,
)
from tests.flow.values import FACTS, HISTORIES, PRODUCTS

NOW = datetime(2026, 3, 2, 8, 0, tzinfo=UTC)
DAY = timedelta(days=1)
GRANTED = Consent(state=ConsentState.GRANTED, source="branch")
FINE = CustomerFacts(consent=GRANTED, holdings=frozenset(), situations=())
DEPOSIT = ProductFacts(code="deposit", version=1, adapter="", target="orders", value=10.0, valid_from=NOW - DAY)
GRIEF = Situation(code="bereavement", label="Bereavement")


def codes(product: ProductFacts = DEPOSIT, *past: PastSuggestion, **values: Any) -> list[str]:
    """The codes that close the product."""
    given = {"adapter": "bank.Customer", "facts": FINE, "policy": Policy(), "now": NOW}
    verdicts = product_verdicts(product, history=past, **(given | values))
    return [verdict.code for verdict in verdicts if not verdict.open]


def answered(state: str, days_ago: int = 1, product: str = "deposit", **values: Any) -> PastSuggestion:
    at = NOW - timedelta(days=days_ago)
    return PastSuggestion(product=product, state=state, opened_at=at, answered_at=at, **values)


def test_customer__all_known_and_granted__is_open() -> None:
    assert customer_verdict(FINE) == Verdict(open=True, code="ok")


@pytest.mark.parametrize(
    ("values", "code"),
    [
        ({"consent": None}, "consent_unknown"),
        ({"consent": Consent()}, "consent_unknown"),
        ({"consent": Consent(state=ConsentState.REFUSED)}, "no_consent"),
        ({"situations": None}, "facts_unknown"),
        ({"situations": (GRIEF,)}, "zone_traditional"),
        ({"is_live": False}, "not_live"),
        ({"is_live": False, "consent": None, "situations": None}, "not_live"),
        ({"consent": None, "situations": None}, "consent_unknown"),
        ({"consent": None, "situations": (GRIEF,)}, "zone_traditional"),
        ({"consent": Consent(state=ConsentState.REFUSED), "situations": (GRIEF,)}, "zone_traditional"),
    ],
)
def test_customer__unknown_or_refused__is_closed_with_its_code(values: dict[str, Any], code: str) -> None:
    verdict = customer_verdict(replace(FINE, **values))
    assert (verdict.open, verdict.code) == (False, code)
    assert verdict.message


@pytest.mark.parametrize("zone", list(Zone))
def test_customer__zone__only_traditional_closes(zone: Zone) -> None:
    situation = Situation(code="any", label="Any", zone=zone)
    assert customer_verdict(replace(FINE, situations=(situation,))).open is (zone is not Zone.TRADITIONAL)


def test_customer__one_of_several_situations_is_traditional__is_closed() -> None:
    moving = Situation(code="moving", label="Moving house", zone=Zone.ENHANCEMENT)
    verdict = customer_verdict(replace(FINE, situations=(moving, GRIEF)))
    assert verdict.message == "This conversation is yours: Bereavement."


@pytest.mark.parametrize("since", [date(2026, 2, 1), datetime(2026, 1, 31, 23, 30, tzinfo=UTC)])
def test_customer__situation_with_a_day__names_it_on_the_agents_calendar(since: date | datetime) -> None:
    verdict = customer_verdict(replace(FINE, situations=(replace(GRIEF, since=since),)))
    assert verdict.message == "This conversation is yours: Bereavement since Feb. 1, 2026."


@given(FACTS)
def test_customer__anything_unknown__is_closed(facts: CustomerFacts) -> None:
    known = facts.consent is not None and facts.situations is not None
    granted = known and facts.consent is not None and facts.consent.state is ConsentState.GRANTED
    if not granted or not facts.is_live:
        assert not customer_verdict(facts).open


def test_product__nothing_against_it__is_open() -> None:
    assert codes() == []


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"adapter": "bank.Company"}, "wrong_adapter"),
        ({"valid_from": NOW + DAY}, "not_yet_valid"),
        ({"valid_until": NOW}, "expired"),
        ({"valid_until": NOW - DAY}, "expired"),
    ],
)
def test_product__not_for_this_customer_or_day__is_closed(changes: dict[str, Any], code: str) -> None:
    assert codes(replace(DEPOSIT, **changes)) == [code]


def test_product__first_moment_and_last__are_half_open() -> None:
    assert codes(replace(DEPOSIT, valid_from=NOW)) == []
    assert codes(replace(DEPOSIT, valid_until=NOW + timedelta(microseconds=1))) == []


def test_product__for_this_kind_of_customer__is_open() -> None:
    assert codes(replace(DEPOSIT, adapter="bank.Customer")) == []


def test_product__held__is_closed_and_unknown_holdings_close_all() -> None:
    assert codes(facts=replace(FINE, holdings=frozenset({"deposit", "card"}))) == ["already_held"]
    assert codes(facts=replace(FINE, holdings=frozenset({"card"}))) == []
    assert codes(facts=replace(FINE, holdings=None)) == ["facts_unknown"]


def test_product__several_reasons__all_are_told() -> None:
    product = replace(DEPOSIT, adapter="bank.Company", valid_until=NOW)
    found = codes(product, answered("rejected"), facts=replace(FINE, holdings=frozenset({"deposit"})))
    assert found == ["wrong_adapter", "expired", "already_held", "recently_rejected"]


@pytest.mark.parametrize(
    ("state", "code"),
    [
        ("rejected", "recently_rejected"),
        ("dismissed", "recently_rejected"),
        ("accepted", "in_hand"),
        ("escalated", "in_hand"),
    ],
)
def test_product__answered_within_the_pause__stays_away_until_it_ends(state: str, code: str) -> None:
    policy = Policy(rejection_pause_days=10)
    assert codes(DEPOSIT, answered(state, 9), policy=policy) == [code]
    assert codes(DEPOSIT, answered(state, 10), policy=policy) == []
    assert codes(DEPOSIT, answered(state, 9, product="card"), policy=policy) == []


def test_product__put_off__comes_back_on_its_day() -> None:
    assert codes(DEPOSIT, answered("later", until=NOW + DAY)) == ["put_off"]
    assert codes(DEPOSIT, answered("later", until=NOW)) == []


@pytest.mark.parametrize("state", ["expired", "withdrawn"])
def test_product__never_answered__may_be_offered_again(state: str) -> None:
    assert codes(DEPOSIT, answered(state)) == []
    waiting = PastSuggestion(product="deposit", state="open", opened_at=NOW - DAY)
    assert codes(DEPOSIT, waiting) == []


def test_product__older_rejection_behind_a_newer_answer__still_counts() -> None:
    assert codes(DEPOSIT, answered("later", 1, until=NOW), answered("rejected", 5)) == ["recently_rejected"]


def test_product__dates_in_messages__are_those_of_the_agents_calendar_and_language() -> None:
    late = replace(answered("rejected"), answered_at=datetime(2026, 3, 1, 23, 30, tzinfo=UTC))
    given = {"adapter": "", "facts": FINE, "policy": Policy(), "now": NOW}
    assert product_verdicts(DEPOSIT, history=[late], **given)[-1].message == "Declined on March 2, 2026."  # type: ignore[arg-type]
    with translation.override("fr"):
        assert "2 mars 2026" in product_verdicts(DEPOSIT, history=[late], **given)[-1].message  # type: ignore[arg-type]


@given(PRODUCTS, FACTS, HISTORIES)
def test_product__any_input__closed_verdicts_have_code_and_message(
    product: ProductFacts, facts: CustomerFacts, history: tuple[PastSuggestion, ...]
) -> None:
    verdicts = product_verdicts(
        product, adapter="bank.Customer", facts=facts, history=history, policy=Policy(), now=NOW
    )
    assert all(verdict.open == (verdict.code == "ok") for verdict in verdicts)
    assert all(verdict.open or verdict.message for verdict in verdicts)
    if facts.holdings is None or product.code in facts.holdings:
        assert not all(verdict.open for verdict in verdicts)
    paused = NOW - timedelta(days=Policy().rejection_pause_days)
    refused = {
        item.product
        for item in history
        if item.state == "rejected" and item.answered_at is not None and item.answered_at > paused
    }
    assert product.code not in refused or not all(verdict.open for verdict in verdicts)
