"""The alarm for a published card: silent while the world stands still, awake soon after it moved."""

from __future__ import annotations

from dataclasses import replace
from functools import cache
from typing import Any

import numpy as np
import pytest

from crm_assist.learning import fit_scorecard
from crm_assist.learning.alarm import card_drift
from crm_assist.scorecards import CardError, Scorecard, Training

Rows = tuple[dict[str, Any], Any]


def contacts(rows: int, *, seed: int, richer: float = 0.0, keener: float = 0.0) -> Rows:
    """Balances and jobs, and who bought; `richer` moves the balances, `keener` the log-odds."""
    draw = np.random.default_rng(seed)
    balance = draw.normal(size=rows) + richer
    job = draw.choice(["clerk", "nurse", "pilot"], rows, p=[0.6, 0.3, 0.1])
    logit = -2.0 + 0.7 * balance + 0.5 * (job == "nurse") + keener
    y = (draw.random(rows) < 1 / (1 + np.exp(-logit))).astype(int)
    return {"balance": balance, "job": job.tolist()}, y


@cache
def card() -> Scorecard:
    return fit_scorecard(*contacts(4000, seed=1))


def signs(X: dict[str, Any], y: Any = None) -> list[tuple[str, str]]:
    return [(sign.kind, sign.feature) for sign in card_drift(card(), X, y).signs]


def test_card_drift__world_that_stands_still__hardly_ever_rings() -> None:
    rung = [card_drift(card(), *contacts(500, seed=seed)).moved for seed in range(2, 152)]
    assert sum(rung) == 0


def test_card_drift__features_moved__names_them_alone() -> None:
    X, y = contacts(500, seed=2, richer=1.0)
    assert signs(X) == [("shares", "balance")]
    assert ("shares", "job") not in signs(X, y)


def test_card_drift__outcome_moved__tells_by_how_much() -> None:
    X, y = contacts(500, seed=2, keener=1.2)
    assert signs(X) == []
    [sign] = card_drift(card(), X, y).signs
    assert sign.kind == "rate"
    assert 1.8 < sign.value < 4.5


def test_card_drift__outcome_dried_up__is_seen_too() -> None:
    X, _y = contacts(500, seed=2)
    [sign] = card_drift(card(), X, np.zeros(500)).signs
    assert sign.value < 0.1


def test_card_drift__more_outcomes_since_customers_changed__is_no_matter_of_the_rate() -> None:
    X, y = contacts(2000, seed=3)
    rich = X["balance"] > 0.0
    some = {"balance": X["balance"][rich], "job": np.array(X["job"], dtype=object)[rich]}
    assert y[rich].mean() > 1.3 * y.mean()
    assert signs(some, y[rich]) == [("shares", "balance")]


def test_card_drift__fewer_than_a_hundred_rows__say_nothing() -> None:
    X, y = contacts(99, seed=2, richer=5.0)
    drift = card_drift(card(), X, y)
    assert (drift.rows, drift.signs, drift.moved) == (99, (), False)
    assert signs(*contacts(100, seed=2, richer=5.0))


def test_card_drift__values_never_seen__are_a_shift() -> None:
    X, _y = contacts(200, seed=2)
    assert ("shares", "job") in signs({**X, "job": ["baker"] * 200})
    assert ("shares", "balance") in signs({**X, "balance": [None] * 200})


@pytest.mark.parametrize(
    ("y", "said"), [([0, 1], "y has the shape"), ([0, 2] * 100, r"y\[1\] is 2"), ([0, None] * 100, r"y\[1\] is None")]
)
def test_card_drift__odd_outcomes__are_refused(y: list[Any], said: str) -> None:
    with pytest.raises(CardError, match=said):
        card_drift(card(), contacts(200, seed=2)[0], y)


def test_card_drift__column_that_lacks__is_named() -> None:
    with pytest.raises(CardError, match="job"):
        card_drift(card(), {"balance": [1.0]})


def test_card_drift__card_that_does_not_say_its_rows__is_refused() -> None:
    with pytest.raises(CardError, match=r"trained\.rows is 0"):
        card_drift(replace(card(), trained=Training()), contacts(200, seed=2)[0])
