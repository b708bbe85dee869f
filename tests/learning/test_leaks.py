"""Leaks told by what a column does: every planted one is found, and no honest column is accused."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from crm_assist.learning import check_training
from crm_assist.learning.leaks import Told, Zone, is_leak, upper, zone
from tests.learning.worlds import World, owners, plain, world


def accused(X: Any, y: Any) -> list[str]:
    return sorted(found.feature for found in check_training(X, y) if found.code == "leak")


@pytest.mark.parametrize("name", ["call", "contract", "welcomed", "copied"])
def test_leaks__column_written_after_the_outcome__is_the_one_found_whatever_its_name(name: str) -> None:
    made = world()
    leak = getattr(made, name)()
    assert accused({**made.X, "x17": leak}, made.y) == ["x17"]


@pytest.mark.parametrize("level", [-4.0, -2.6, -1.2, 0.0])
def test_leaks__honest_columns__are_never_accused(level: float) -> None:
    made = world(level=level)
    assert accused(made.X, made.y) == []


@pytest.mark.parametrize("strong", [1.0, 1.5])
@pytest.mark.parametrize("level", [-3.5, -1.5])
def test_leaks__strong_but_gradual_column__is_not_accused(strong: float, level: float) -> None:
    made = world(strong=strong, level=level)
    assert accused(made.X, made.y) == []


def test_leaks__who_owns_it_already__is_a_zone_without_outcomes_and_no_leak() -> None:
    made = owners()
    assert made.y[np.array(made.X["owns"])].sum() == 0
    assert accused(made.X, made.y) == []


def test_leaks__beside_an_honest_zone__is_still_found() -> None:
    made = owners()
    assert accused({**made.X, "k": made.call()}, made.y) == ["k"]


def test_leaks__two_that_tell_the_same__cannot_hide_behind_each_other() -> None:
    made = world()
    seconds = made.call()
    fee = seconds * made.draw.lognormal(0.0, 0.15, len(seconds))
    assert accused({**made.X, "seconds": seconds, "fee": fee}, made.y) == ["fee", "seconds"]


def test_leaks__column_alone__is_judged_against_the_rate() -> None:
    made = world()
    assert accused({"k": made.copied()}, made.y) == ["k"]
    assert accused({"number0": made.X["number0"]}, made.y) == []


def test_leaks__few_outcomes__prove_nothing() -> None:
    X, y = plain()
    few = World(X=X, y=np.where(np.cumsum(y) <= 20, np.array(y, dtype=float), 0.0), draw=np.random.default_rng(1))
    assert accused({**X, "k": few.copied()}, few.y) == []


def test_leaks__evidence__says_what_it_rests_on() -> None:
    made = world()
    [found] = check_training({**made.X, "k": made.call()}, made.y)
    evidence = found.evidence
    assert (found.key, found.severity) == ("leak:k", "blocks")
    assert evidence["gain"] > 0.1
    assert evidence["gain"] > 0.5 * evidence["others"] > 0
    assert evidence["seen"] < evidence["expected"] / 10
    assert 0 < evidence["rows"] < len(made.y)
    assert "“k” looks known only after the outcome" in found.message


def test_zone__rows_where_the_outcome_fails_to_come__are_set_apart() -> None:
    score = np.linspace(0.0, 1.0, 1000)
    y = ((np.arange(1000) % 4 == 0) & (score > 0.3)).astype(float)
    found = zone(score, np.full(1000, 0.25), y)
    assert found is not None
    assert found.seen == 0
    assert found.expected == pytest.approx(75, abs=3)
    assert found.odds == pytest.approx((75 / 225) / (3 / 297), rel=0.05)


def test_zone__nothing_falls_short__is_none() -> None:
    y = (np.arange(1000) % 4 == 0).astype(float)
    found = zone(np.linspace(0.0, 1.0, 1000), np.full(1000, 0.25), y)
    assert found is None or found.odds < 1.5


@pytest.mark.parametrize(("count", "end"), [(0, 3.00), (1, 4.74), (2, 6.30), (10, 16.96), (100, 118.1)])
def test_upper__agrees_with_the_exact_interval(count: int, end: float) -> None:
    assert upper(count) == pytest.approx(end, rel=0.015)


RARE = Zone(rows=np.ones(3, dtype=bool), seen=0, expected=90, odds=30.0, rare=True)
SURE = Zone(rows=np.ones(3, dtype=bool), seen=0, expected=90, odds=30.0, rare=False)


@pytest.mark.parametrize(
    ("told", "verdict"),
    [
        (Told(gain=0.2, others=0.3, outside=0.1, zone=RARE), True),
        (Told(gain=0.2, others=0.5, outside=0.1, zone=RARE), False),
        (Told(gain=0.09, others=0.0, outside=0.1, zone=RARE), False),
        (Told(gain=0.2, others=0.3, outside=0.01, zone=RARE), False),
        (Told(gain=0.06, others=0.1, outside=0.0, zone=SURE), True),
        (Told(gain=0.04, others=0.0, outside=0.0, zone=SURE), False),
        (Told(gain=0.5, others=0.1, outside=0.5, zone=None), False),
        (Told(gain=0.7, others=0.1, outside=0.0, zone=None), True),
    ],
)
def test_is_leak__each_condition__is_needed(told: Told, verdict: bool) -> None:
    assert is_leak(told) is verdict
