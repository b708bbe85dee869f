"""How far a fit is off: by chance, as the jackknife sees it, and by the kind of model."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from crm_assist.learning import fit_scorecard
from crm_assist.learning.averaging import Average
from crm_assist.learning.candidates import ALONE, DEFAULT
from crm_assist.learning.choosing import Held, of_kind
from crm_assist.learning.doubt import jackknife


def test_jackknife__means_of_normal_rows__is_the_known_variance_of_a_mean() -> None:
    draw = np.random.default_rng(0)
    rows = draw.normal(size=(4_000, 500))
    part = np.arange(500) % 5
    means = np.array([[values[part != k].mean() for values in rows] for k in range(5)])
    assert jackknife(means) == pytest.approx(1 / 500, rel=0.05)


@given(answer=st.lists(st.floats(-5, 5), min_size=1, max_size=9))
def test_jackknife__answers_that_do_not_move__are_certain(answer: list[float]) -> None:
    assert jackknife(np.array([answer] * 5)) == pytest.approx(0, abs=1e-20)


def two_kinds(plain: list[float], boost: list[float]) -> Any:
    """Held-out log-odds of a regression, a boosting and their mean."""
    rows, part = np.ones(len(plain), dtype=bool), np.zeros(len(plain), dtype=np.intp)
    mean = (np.array(plain) + np.array(boost)) / 2
    found = {DEFAULT: np.array(plain), ALONE: np.array(boost), BOTH: mean}
    return {each: Held(rows=rows, logits=logits, part=part) for each, logits in found.items()}


BOTH = Average(members=(DEFAULT, ALONE))


def test_of_kind__two_draws__give_their_variance_and_half_of_it_for_their_mean() -> None:
    held = two_kinds([0.0, 1.0, 2.0, 3.0], [0.4, 1.4, 1.6, 2.6])
    loss = {DEFAULT: [0.3, 0.35, 0.4], ALONE: [0.32, 0.33, 0.41], BOTH: [0.30, 0.34, 0.40]}
    assert of_kind(DEFAULT, held, loss, default=DEFAULT) == pytest.approx(0.08)
    assert of_kind(BOTH, held, loss, default=DEFAULT) == pytest.approx(0.04)
    assert of_kind(DEFAULT, {DEFAULT: held[DEFAULT]}, loss, default=DEFAULT) == 0.0


def test_of_kind__other_kind_only_spoils_the_mean__is_no_doubt() -> None:
    loss = {DEFAULT: [0.30, 0.31, 0.32], ALONE: [0.40, 0.41, 0.42], BOTH: [0.35, 0.36, 0.37]}
    assert of_kind(DEFAULT, two_kinds([0.0, 0.0], [1.0, 1.0]), loss, default=DEFAULT) == 0.0


def customers(rows: int, seed: int) -> tuple[dict[str, Any], Any, Any]:
    """Simulated customers, the true probability of each, and what they did."""
    draw = np.random.default_rng(seed)
    x, z = draw.normal(size=(2, rows))
    kind = draw.choice(["a", "b", "c"], rows)
    true = 1 / (1 + np.exp(-(-1.5 + 0.8 * np.tanh(x) + 0.3 * z + 0.6 * (kind == "b"))))
    return {"x": x, "z": z, "kind": kind.tolist()}, true, draw.random(rows) < true


@pytest.mark.parametrize("in_time", [False, True])
def test_interval__fresh_customers__holds_the_truth_about_nine_times_in_ten(in_time: bool) -> None:
    X, _true, y = customers(6_000, seed=1)
    card = fit_scorecard(X, y.astype(int), time=range(6_000) if in_time else None)
    fresh, true, _y = customers(2_000, seed=2)
    rows = [dict(zip(fresh, values, strict=True)) for values in zip(*fresh.values(), strict=True)]
    inside = [low <= p <= high for (low, high), p in zip((card.score(row).interval for row in rows), true, strict=True)]
    assert 0.75 <= np.mean(inside) <= 0.995  # one bank of this size; the benchmarks measure it over several


def test_interval__fewer_rows__is_wider() -> None:
    widths = []
    for rows in (800, 12_000):
        X, _true, y = customers(rows, seed=3)
        low, high = fit_scorecard(X, y.astype(int)).score({"x": 0.3, "z": -0.2, "kind": "a"}).interval
        widths.append(high - low)
    assert widths[1] < 0.6 * widths[0]
