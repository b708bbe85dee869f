"""One decision as a pure function: fail closed for the customer, open for the agent, the same every time."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from random import Random
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crm_assist.flow.deciding import Inputs, Serving, Stored, decide
from crm_assist.types import (
    Consent,
    ConsentState,
    CustomerFacts,
    PastSuggestion,
    Phase,
    Policy,
    ProductFacts,
    Snapshot,
    Trend,
)
from tests.flow.values import ADAPTER, INPUTS, TARGETS
from tests.story import fitted

NOW = datetime(2026, 3, 2, 8, 0, tzinfo=UTC)
DAY = timedelta(days=1)
FINE = CustomerFacts(consent=Consent(state=ConsentState.GRANTED, source="branch"), holdings=frozenset(), situations=())
CODES = ("deposit", "card", "loan", "fund")


def serving() -> dict[str, Serving]:
    """The same real card for every target."""
    return {
        target: Serving(card=fitted(), digest=fitted().digest, version=place) for place, target in enumerate(TARGETS, 1)
    }


def product(code: str, value: float, **values: Any) -> ProductFacts:
    given_ = {"version": 1, "adapter": "", "target": "orders", "valid_from": NOW - DAY}
    return ProductFacts(code=code, value=value, **(given_ | values))


def inputs(**changes: Any) -> Inputs:
    snapshot = Snapshot(model_label=ADAPTER, key="42", tenant="", at=NOW, values={"balance": 8000.0})
    given_ = Inputs(
        snapshot=snapshot,
        facts=FINE,
        products=tuple(product(code, 100.0 - place) for place, code in enumerate(CODES)),
        phase=Phase.RECOMMEND,
        target="orders",
        label="orders something",
        horizon_days=90,
        policy=Policy(),
        seed="bank.Customer:42:ann:2026-03-02",
        cards={target: fitted().digest for target in TARGETS},
        versions={},
    )
    return replace(given_, **changes)


def run(**changes: Any) -> Any:
    return decide(inputs(**changes), serving())


def test_decide__all_open__offers_the_best_three_with_reasons() -> None:
    result = run()
    assert [(c.product, c.rank) for c in result.slate] == [("deposit", 1), ("card", 2), ("loan", 3)]
    assert (result.silence, result.fallback) == ("", "live")
    assert all(c.propensity == fitted().one({"balance": 8000.0}) for c in result.candidates)
    assert all(c.priority == c.propensity * c.value for c in result.candidates)
    assert all(c.card == fitted().digest for c in result.candidates)
    assert [bool(c.reasons) for c in result.candidates] == [True, True, True, False]
    assert result.candidates[3].removed_by == "below_rank"


@pytest.mark.parametrize("places", [1, 2, 3])
def test_decide__policy__says_how_many(places: int) -> None:
    assert len(run(policy=Policy(max_suggestions=places)).slate) == places


def test_decide__score__is_the_cards_with_its_heading() -> None:
    score = run(stored=Stored(probability=0.01, scored_at=NOW - DAY)).score
    assert score.probability == fitted().one({"balance": 8000.0})
    assert (score.target, score.label, score.horizon_days) == ("orders", "orders something", 90)
    assert (score.card, score.version, score.as_of, score.trend) == (fitted().digest, 1, NOW, Trend.RISING)
    trained = fitted().trained
    assert score.base == trained.positives / trained.rows


def test_decide__stored_score_of_another_card__tells_no_trend() -> None:
    assert run(stored=Stored(probability=0.01, scored_at=NOW - DAY, same_card=False)).score.trend is Trend.NEW


@pytest.mark.parametrize("phase", [Phase.OFF, Phase.SCORE])
def test_decide__phase_without_products__has_a_score_and_no_candidate(phase: Phase) -> None:
    result = run(phase=phase)
    assert (result.candidates, result.silence) == ((), "")
    assert result.score is not None


def test_decide__shadow__ranks_as_recommend_would() -> None:
    assert run(phase=Phase.SHADOW) == run()


@pytest.mark.parametrize(
    ("facts", "code"),
    [
        (CustomerFacts(), "consent_unknown"),
        (replace(FINE, consent=Consent(state=ConsentState.REFUSED)), "no_consent"),
        (replace(FINE, situations=None), "facts_unknown"),
        (replace(FINE, is_live=False), "not_live"),
    ],
)
def test_decide__customer_closed__every_candidate_is_and_the_score_stays(facts: CustomerFacts, code: str) -> None:
    result = run(facts=facts)
    assert (result.slate, result.silence, result.customer.code) == ((), code, code)
    assert [c.removed_by for c in result.candidates] == [code] * 4
    assert result.score is not None


def test_decide__all_products_closed__is_silence_with_a_cause() -> None:
    result = run(facts=replace(FINE, holdings=frozenset(CODES)))
    assert (result.slate, result.silence) == ((), "nothing_left")
    assert {c.removed_by for c in result.candidates} == {"already_held"}
    assert all(c.priority is not None for c in result.candidates)


def test_decide__rejected_lately__next_best_moves_up() -> None:
    past = PastSuggestion(product="deposit", state="rejected", opened_at=NOW - DAY, answered_at=NOW - DAY)
    result = run(history=(past,))
    assert [c.product for c in result.slate] == ["card", "loan", "fund"]


def test_decide__product_without_a_card__is_closed_and_says_so() -> None:
    result = run(products=(product("deposit", 10, target="unpublished"), product("card", 5)))
    assert [c.product for c in result.slate] == ["card"]
    closed = next(c for c in result.candidates if c.product == "deposit")
    assert (closed.removed_by, closed.propensity, closed.priority) == ("no_card", None, None)


def test_decide__card_that_lacks_its_feature__closes_and_falls_back_to_the_stored_score() -> None:
    bare = Snapshot(model_label=ADAPTER, key="42", tenant="", at=NOW, values={})
    result = run(snapshot=bare, stored=Stored(probability=0.3, scored_at=NOW - DAY))
    assert {c.removed_by for c in result.candidates} == {"card_failed"}
    assert (result.silence, result.fallback) == ("nothing_left", "stored")
    assert (result.score.probability, result.score.stale, result.score.as_of) == (0.3, True, NOW - DAY)
    assert (run(snapshot=bare).score, run(snapshot=bare).fallback) == (None, "none")


def test_decide__no_card_for_the_record__is_silent_about_the_score_only() -> None:
    result = run(target="unpublished")
    assert (result.score, result.fallback, len(result.slate)) == (None, "none", 3)
    assert run(target="unpublished", phase=Phase.SCORE).silence == "no_card"


def test_decide__unknown_balance__is_scored_as_missing() -> None:
    unknown = replace(inputs().snapshot, values={"balance": None})
    assert run(snapshot=unknown).score.probability == fitted().one({"balance": None})


@given(INPUTS)
def test_decide__any_inputs__gives_the_same_twice_and_never_raises(given_: Inputs) -> None:
    assert decide(given_, serving()) == decide(given_, serving())


@given(INPUTS)
def test_decide__any_inputs__is_closed_where_anything_is_unknown(given_: Inputs) -> None:
    result = decide(given_, serving())
    facts = given_.facts
    assert len(result.slate) <= given_.policy.max_suggestions
    if facts.consent is None or facts.consent.state is not ConsentState.GRANTED:
        assert not any(c.is_open for c in result.candidates)
    if facts.holdings is None or facts.situations is None or not facts.is_live:
        assert result.slate == ()
    for candidate in result.slate:
        assert candidate.product not in (facts.holdings or ())
        assert candidate.propensity is not None
        assert candidate.card


@given(INPUTS)
def test_decide__any_inputs__silence_has_a_cause_exactly_where_nothing_is_offered(given_: Inputs) -> None:
    result = decide(given_, serving())
    if given_.phase in (Phase.SHADOW, Phase.RECOMMEND):
        assert bool(result.silence) is not bool(result.slate)
        assert len(result.candidates) == len(given_.products)
    else:
        alone = result.customer.code if result.is_silent_altogether else ""
        assert result.silence == (alone or ("" if result.score else "no_card"))


@given(INPUTS, st.randoms(use_true_random=False))
def test_decide__order_of_products_and_history__changes_no_slate(given_: Inputs, random: Random) -> None:
    products, history = list(given_.products), list(given_.history)
    random.shuffle(products)
    random.shuffle(history)
    other = replace(given_, products=tuple(products), history=tuple(history))
    slates = [[c.product for c in decide(one, serving()).slate] for one in (given_, other)]
    assert slates[0] == slates[1]
