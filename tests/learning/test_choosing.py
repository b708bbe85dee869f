"""What validation chooses: later rows judge, the simpler wins a tie, calibration must prove itself."""

from __future__ import annotations

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from crm_assist.learning.bins import choose_bins
from crm_assist.learning.calibration import calibrate, fit_calibration
from crm_assist.learning.choosing import CANDIDATES, choose, folds
from crm_assist.learning.columns import Column, read_columns
from crm_assist.learning.monotone import edges_out_of_order
from crm_assist.scorecards import Calibration


def column(values: list[float]) -> Column:
    return Column(name="x", kind="number", values=np.array(values, dtype=float))


def test_folds__in_time__learn_only_from_earlier_moments() -> None:
    moments = np.repeat(np.arange(50), 4)
    y = np.tile([0.0, 1.0], 100)
    found = folds(y, moments, seed=0)
    assert found.in_time
    assert len(found.splits) == 5
    for learn, attempt in found.splits:
        assert moments[learn].max() < moments[attempt].min()


def test_folds__without_time__are_stratified_and_cover_every_row_once() -> None:
    y = np.array([1.0] * 25 + [0.0] * 75)
    found = folds(y, np.zeros(100, dtype=np.intp), seed=3)
    assert not found.in_time
    assert np.sum([attempt for _learn, attempt in found.splits], axis=0).tolist() == [1] * 100
    assert [int(y[attempt].sum()) for _learn, attempt in found.splits] == [5] * 5


def test_folds__too_few_early_outcomes__fall_back_to_stratified_parts() -> None:
    y = np.array([0.0] * 190 + [1.0] * 10)
    assert not folds(y, np.arange(200), seed=0).in_time


def test_choose__nothing_to_learn__holds_the_points_back() -> None:
    draw = np.random.default_rng(1)
    columns = read_columns({"x": draw.random(800), "z": draw.random(800)})
    y = (draw.random(800) < 0.3).astype(float)
    splits = folds(y, np.zeros(800, dtype=np.intp), seed=0).splits
    assert choose(columns, y, np.ones(800), splits=splits, monotonic={}).settings in CANDIDATES[:2]


def test_fit_calibration__logits_too_steep__finds_the_line() -> None:
    draw = np.random.default_rng(2)
    logits = draw.normal(0, 2, 40_000)
    y = (draw.random(40_000) < 1 / (1 + np.exp(-(0.5 * logits - 0.3)))).astype(float)
    line = fit_calibration(logits, y, np.ones(40_000))
    assert abs(line.slope - 0.5) < 0.03
    assert abs(line.offset + 0.3) < 0.04


def test_fit_calibration__order_turned_around__never_turns_the_slope() -> None:
    logits = np.linspace(-3, 3, 1000)
    assert fit_calibration(logits, (logits < 0).astype(float), np.ones(1000)).slope == 0.05


def test_calibrate__already_honest__leaves_the_logits_alone() -> None:
    draw = np.random.default_rng(4)
    logits = draw.normal(-1, 1, 5000)
    y = (draw.random(5000) < 1 / (1 + np.exp(-logits))).astype(float)
    part = np.arange(5000) % 5
    assert calibrate(logits, y, np.ones(5000), part, in_time=False) == Calibration()


def test_calibrate__base_rate_jumps_between_periods__leaves_the_logits_alone() -> None:
    draw = np.random.default_rng(5)
    part = np.repeat(np.arange(5), 1000)
    logits = draw.normal(-1, 1, 5000)
    shift = np.array([1.5, -1.5, 1.5, -1.5, 1.5])[part]
    y = (draw.random(5000) < 1 / (1 + np.exp(-(logits + shift)))).astype(float)
    assert calibrate(logits, y, np.ones(5000), part, in_time=True) == Calibration()


def test_calibrate__steady_overconfidence__is_corrected_in_time_too() -> None:
    draw = np.random.default_rng(6)
    part = np.repeat(np.arange(5), 2000)
    logits = draw.normal(-1, 3, 10_000)
    y = (draw.random(10_000) < 1 / (1 + np.exp(-0.4 * logits))).astype(float)
    assert abs(calibrate(logits, y, np.ones(10_000), part, in_time=True).slope - 0.4) < 0.05


@given(values=st.lists(st.floats(allow_nan=False) | st.sampled_from([0.0, 1.0]), min_size=1, max_size=80))
def test_choose_bins__any_numbers__no_bin_is_empty(values: list[float]) -> None:
    bins = choose_bins(column(values), bins=8)
    counts = np.bincount(bins.codes(column(values)), minlength=bins.size)
    assert len(bins.edges) <= 7
    assert counts[-1] == 0
    if np.isfinite(values).all():
        assert (counts[:-1] > 0).all()


@settings(max_examples=200)
@given(
    points=st.lists(st.tuples(st.floats(-3, 3), st.floats(0.01, 1)), min_size=1, max_size=12),
    sign=st.sampled_from([1, -1]),
)
def test_edges_out_of_order__pooled_means__are_in_order(points: list[tuple[float, float]], sign: int) -> None:
    values, weights = [p[0] for p in points], [p[1] for p in points]
    gone = edges_out_of_order(values, weights, sign)
    groups = np.cumsum([0, *(0 if code in gone else 1 for code in range(len(values) - 1))])
    means = [np.average(np.array(values)[groups == g], weights=np.array(weights)[groups == g]) for g in set(groups)]
    assert (np.diff(means) * sign >= -1e-9).all()
    if sorted(values, reverse=sign < 0) == values:
        assert gone == []
