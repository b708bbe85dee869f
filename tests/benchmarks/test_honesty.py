"""Groups of rows are held against chance: a card that is right is found right nine times in ten, a wrong one is not."""

from __future__ import annotations

import numpy as np
import pytest

from benchmarks.honesty import Cell, Said, cells, excess_ece, expected_range, said_of
from crm_assist.scorecards.parts import QUANTILE
from tests.scorecards.examples import small_card


def said(logit: np.ndarray, doubt: float) -> Said:
    """What a card says that believes its log-odds to be off by so much."""
    ends = [1.0 / (1.0 + np.exp(-(logit + sign * QUANTILE * doubt))) for sign in (0, -1, 1)]
    return Said(probability=ends[0], low=ends[1], high=ends[2])


def outcomes(logit: np.ndarray, draw: np.random.Generator, *, off: float = 0.0) -> np.ndarray:
    """Outcomes of a world whose log-odds are `logit + off`."""
    return draw.random(len(logit)) < 1.0 / (1.0 + np.exp(-(logit + off)))


@pytest.mark.parametrize("doubt", [0.0, 0.3])
def test_expected_range__card_as_sure_as_it_should_be__holds_nine_rates_in_ten(doubt: float) -> None:
    draw = np.random.default_rng(2)
    held = 0
    for _ in range(300):
        logit = draw.normal(-1.0, 0.5, 400)
        low, high = expected_range(said(logit, doubt), draw=draw, draws=200)
        held += low <= outcomes(logit, draw, off=doubt * draw.normal()).mean() <= high
    assert held / 300 == pytest.approx(0.9, abs=0.06)


def test_expected_range__few_rows__is_wider_by_binomial_noise() -> None:
    draw = np.random.default_rng(3)
    wide, narrow = (
        np.subtract(*expected_range(said(np.full(rows, -1.0), 0.1), draw=draw)[::-1]) for rows in (50, 5_000)
    )
    assert wide > 2 * narrow > 0


def test_cells__rate_far_from_what_was_said__is_told_with_its_miss() -> None:
    draw, logit = np.random.default_rng(4), np.full(2_000, -2.0)
    y = np.where(np.arange(2_000) < 1_000, outcomes(logit, draw), outcomes(logit, draw, off=2.0))
    first = np.arange(2_000) < 1_000
    right, wrong = cells(said(logit, 0.05), y, {"right": first, "wrong": ~first}, least=1_000, draw=draw)
    assert (right.name, right.rows, right.holds, right.miss) == ("right", 1_000, True, 0.0)
    assert not wrong.holds
    assert wrong.miss == pytest.approx(wrong.rate - wrong.high)


def test_cells__fewer_rows_than_the_least__are_left_out() -> None:
    some = np.arange(100) < 40
    found = cells(said(np.zeros(100), 0.1), np.ones(100), {"few": some}, least=41, draw=np.random.default_rng(0))
    assert found == []


def test_cell__rate_at_the_border__holds() -> None:
    assert Cell(name="x", rows=10, rate=0.2, low=0.2, high=0.4).holds
    assert not Cell(name="x", rows=10, rate=0.19, low=0.2, high=0.4).holds


def test_excess_ece__perfect_score__has_none_on_average_and_a_shifted_one_its_shift() -> None:
    draw = np.random.default_rng(5)
    p = draw.uniform(0.2, 0.6, 1_000)
    perfect = [excess_ece(draw.random(1_000) < p, p, draw=draw, draws=100) for _ in range(60)]
    assert np.mean(perfect) == pytest.approx(0.0, abs=0.004)
    many = draw.uniform(0.2, 0.6, 40_000)
    assert excess_ece(draw.random(40_000) < many + 0.1, many, draw=draw, draws=50) == pytest.approx(0.1, abs=0.01)


def test_said_of__rows__is_what_the_card_scores() -> None:
    card = small_card()
    found = said_of(card, {"balance": np.array([5.0, 2_000.0]), "job": np.array(["nurse", None], dtype=object)})
    first, second = (card.score({"balance": b, "job": j}) for b, j in ((5.0, "nurse"), (2_000.0, None)))
    assert found.probability.tolist() == [first.probability, second.probability]
    assert list(zip(found.low.tolist(), found.high.tolist(), strict=True)) == [first.interval, second.interval]
    assert found.rows(np.array([False, True])).probability.tolist() == [second.probability]
