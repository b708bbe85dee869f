"""The live score as the agent sees it: bands, trend and reasons, from a real card."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crm_assist.scoring.live import REASONS, Heading, band, is_thin, shown_score, stale_score, trend
from crm_assist.types import Policy, Trend
from tests.story import fitted

NOW = datetime(2026, 3, 2, 8, 0, tzinfo=UTC)
HEADING = Heading(target="orders", label="orders something", horizon_days=90, card="abc", version=3, base=0.2)
RATES = st.floats(0, 1)


@pytest.mark.parametrize(
    ("probability", "base", "expected"),
    [
        (0.1874, 0.25, "low"),
        (0.1875, 0.25, "usual"),
        (0.3124, 0.25, "usual"),
        (0.3125, 0.25, "raised"),
        (0.4999, 0.25, "raised"),
        (0.5, 0.25, "high"),
        (0.0, 0.25, "low"),
        (0.5, None, "usual"),
        (1.0, None, "high"),
        (0.3, 0.0, "low"),
    ],
)
def test_band__against_the_base_rate__has_exact_edges(probability: float, base: float | None, expected: str) -> None:
    assert band(probability, base) == expected


@given(RATES, RATES, st.none() | RATES)
def test_band__higher_probability__is_never_in_a_lower_band(one: float, other: float, base: float | None) -> None:
    order = ["low", "usual", "raised", "high"]
    low, high = sorted((one, other))
    assert order.index(band(low, base)) <= order.index(band(high, base))


@pytest.mark.parametrize(
    ("probability", "stored", "expected"),
    [
        (0.3, None, Trend.NEW),
        (0.3, 0.3, Trend.STEADY),
        (0.3, 0.281, Trend.STEADY),
        (0.3, 0.27, Trend.RISING),
        (0.3, 0.33, Trend.FALLING),
        (0.0, 1.0, Trend.FALLING),
    ],
)
def test_trend__against_the_stored_score__names_the_way(
    probability: float, stored: float | None, expected: Trend
) -> None:
    assert trend(probability, stored) is expected


def test_shown__real_card__passes_its_numbers_through_unrounded() -> None:
    answer = fitted().score({"balance": 8000.0})
    shown = shown_score(answer, heading=HEADING, stored=0.1, now=NOW, policy=Policy())
    assert shown.probability == answer.probability == fitted().one({"balance": 8000.0})
    assert (shown.low, shown.high) == answer.interval
    assert shown.low < shown.probability < shown.high
    assert (shown.target, shown.label, shown.horizon_days) == ("orders", "orders something", 90)
    assert (shown.card, shown.version, shown.base, shown.as_of) == ("abc", 3, 0.2, NOW)
    assert (shown.band, shown.trend, shown.stale) == ("high", Trend.RISING, False)


def test_shown__reasons__are_the_cards_own_points_without_words() -> None:
    answer = fitted().score({"balance": 8000.0})
    shown = shown_score(answer, heading=HEADING, stored=None, now=NOW, policy=Policy())
    assert [(item.feature, item.points) for item in shown.reasons] == [
        (item.feature, item.points) for item in answer.strongest(REASONS)
    ]
    assert shown.reasons[0].is_for
    assert {(item.label, item.value, item.sentence) for item in shown.reasons} == {("", "", "")}


@pytest.mark.parametrize(
    ("evidence", "positives", "expected"),
    [(19.9, 500, True), (20.0, 500, False), (1e9, 39, True), (1e9, 40, False), (20.0, None, False), (1.0, None, True)],
)
def test_is_thin__few_outcomes_or_few_customers_alike__either_is_enough(
    evidence: float, positives: int | None, expected: bool
) -> None:
    assert is_thin(evidence, positives, Policy(least_positives=40, least_evidence=20)) is expected
    assert not is_thin(evidence, positives, Policy())  # a decision logged before anything was asked


def test_stale__stored_score__claims_neither_interval_nor_reasons() -> None:
    shown = stale_score(heading=HEADING, probability=0.4, scored_at=NOW)
    assert (shown.probability, shown.low, shown.high) == (0.4, 0.4, 0.4)
    assert (shown.stale, shown.reasons, shown.trend, shown.as_of) == (True, (), Trend.STEADY, NOW)
    assert shown.band == "high"
