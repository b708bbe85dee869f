"""The live score as the agent sees it: bands, trend and reasons in words, from a real card."""

from __future__ import annotations

from datetime import UTC, datetime
from types import SimpleNamespace
from typing import Any

import pytest
from django.utils import translation
from hypothesis import given
from hypothesis import strategies as st

from crm_assist import customers, features
from crm_assist.scoring.live import REASONS, Heading, band, shown_score, stale_score, trend, worded
from crm_assist.types import Trend
from tests.story import fitted

NOW = datetime(2026, 3, 2, 8, 0, tzinfo=UTC)
HEADING = Heading(target="orders", label="orders something", horizon_days=90, card="abc", version=3, base=0.2)
RATES = st.floats(0, 1)


def desk() -> Any:
    """The features that the desk declares, as the flow passes them."""
    return features.declared(customers.adapter_for("desk.Client"))


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
    shown = shown_score(answer, heading=HEADING, features=desk(), stored=0.1, now=NOW)
    assert shown.probability == answer.probability == fitted().one({"balance": 8000.0})
    assert (shown.low, shown.high) == answer.interval
    assert shown.low < shown.probability < shown.high
    assert (shown.target, shown.label, shown.horizon_days) == ("orders", "orders something", 90)
    assert (shown.card, shown.version, shown.base, shown.as_of) == ("abc", 3, 0.2, NOW)
    assert (shown.band, shown.trend, shown.stale) == ("high", Trend.RISING, False)


def test_shown__reasons__are_the_cards_own_points_in_words() -> None:
    answer = fitted().score({"balance": 8000.0})
    shown = shown_score(answer, heading=HEADING, features=desk(), stored=None, now=NOW)
    assert [(item.feature, item.points) for item in shown.reasons] == [
        (item.feature, item.points) for item in answer.strongest(REASONS)
    ]
    reason = shown.reasons[0]
    assert (reason.label, reason.is_for) == ("Balance", True)
    assert reason.sentence == f"Balance: {reason.value}"
    assert "8,000" in reason.value


def test_worded__unknown_value__is_said_to_be_not_known() -> None:
    item = SimpleNamespace(feature="balance", value=None, points=-0.2)
    [reason] = worded([item], desk())
    assert (reason.value, reason.sentence, reason.is_for) == ("not known", "Balance: not known", False)


def test_worded__missing_value_with_a_word_of_the_hosts__is_told_by_it() -> None:
    item = SimpleNamespace(feature="asked", value=None, points=0.1)
    asked = features.Category("asked", "asked", label="Asked about in 60 days", missing="nothing")
    assert worded([item], {"asked": asked})[0].sentence == "Asked about in 60 days: nothing"


def test_worded__feature_no_longer_declared__keeps_its_name_and_value() -> None:
    item = SimpleNamespace(feature="shoe_size", value=44, points=0.2)
    assert worded([item], desk())[0].sentence == "shoe_size: 44"


@pytest.mark.parametrize("value", [0, 0.0, False, ""])
def test_worded__empty_but_known__is_not_taken_for_unknown(value: Any) -> None:
    item = SimpleNamespace(feature="elsewhere", value=value, points=0.2)
    assert worded([item], {})[0].value == str(value)


def test_worded__language__may_change_the_words() -> None:
    item = SimpleNamespace(feature="Solde", value=44, points=0.2)
    with translation.override("fr"):
        assert worded([item], {})[0].sentence.startswith("Solde")


def test_stale__stored_score__claims_neither_interval_nor_reasons() -> None:
    shown = stale_score(heading=HEADING, probability=0.4, scored_at=NOW)
    assert (shown.probability, shown.low, shown.high) == (0.4, 0.4, 0.4)
    assert (shown.stale, shown.reasons, shown.trend, shown.as_of) == (True, (), Trend.STEADY, NOW)
    assert shown.band == "high"
