"""What validation chooses: later rows judge, the simpler wins a tie, calibration must prove itself."""

from __future__ import annotations

from typing import Any

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st
from threadpoolctl import threadpool_limits

from crm_assist.learning.averaging import Average
from crm_assist.learning.bins import choose_bins
from crm_assist.learning.boosting import Boosting
from crm_assist.learning.calibration import calibrate, fit_calibration
from crm_assist.learning.candidates import DEFAULT, Candidate, Data, candidates, rows_later
from crm_assist.learning.choosing import Choice, choose, preferred
from crm_assist.learning.columns import Column, read_columns
from crm_assist.learning.folds import folds
from crm_assist.learning.logistic import Logistic
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


def chosen(X: Any, y: Any, *, in_time: bool = False, tried: list[Candidate] | None = None) -> Choice:
    n = len(y)
    moments = np.arange(n) if in_time else np.zeros(n, dtype=np.intp)
    outcomes = np.asarray(y, dtype=float)
    data = Data(columns=read_columns(X), y=outcomes, weight=np.ones(n), later=rows_later(moments), known={})
    every = candidates(n, in_time=in_time, pairs=None, half_life=None)
    with threadpool_limits(limits=1):  # as a fit does: threads of two test processes would wait for each other
        return choose(data, folds=folds(outcomes, moments, seed=0), monotonic={}, tried=tried or every)


def test_choose__nothing_to_learn__stays_simple() -> None:
    draw = np.random.default_rng(1)
    X = {"x": draw.random(800), "z": draw.random(800)}
    y = draw.random(800) < 0.3
    assert isinstance(chosen(X, y).candidate, Logistic)


def test_choose__two_columns_that_matter_only_together__takes_a_pair() -> None:
    draw = np.random.default_rng(2)
    a, b, c = draw.random((3, 6000))
    y = draw.random(6000) < np.where((a > 0.5) == (b > 0.5), 0.7, 0.2)
    choice = chosen({"a": a, "b": b, "c": c}, y)
    boosts = [m for m in getattr(choice.candidate, "members", (choice.candidate,)) if isinstance(m, Boosting)]
    assert [boost.pairs for boost in boosts] == [None]


def test_choose__world_that_turned_around__forgets() -> None:
    draw = np.random.default_rng(3)
    x = draw.normal(size=6000)
    turned = np.where(np.arange(6000) < 3500, -1.5, 1.5)
    y = draw.random(6000) < 1 / (1 + np.exp(-turned * x))
    choice = chosen({"x": x}, y, in_time=True)
    members = getattr(choice.candidate, "members", (choice.candidate,))
    assert any(member.half_life for member in members)


def test_choose__average__is_the_mean_of_its_members() -> None:
    draw = np.random.default_rng(4)
    X = {"x": draw.normal(size=900), "z": draw.normal(size=900)}
    y = draw.random(900) < 1 / (1 + np.exp(-X["x"]))
    boost = Boosting(pairs=0, trees=20)
    alone = [chosen(X, y, tried=[each, DEFAULT]) for each in (DEFAULT, boost)]
    both = chosen(X, y, tried=[DEFAULT, boost, Average(members=(DEFAULT, boost))])
    assert both.held.rows.tolist() == alone[0].held.rows.tolist()


def test_choose__nested__scores_each_part_by_what_the_others_prefer() -> None:
    draw = np.random.default_rng(5)
    a, b = draw.random((2, 5000))
    y = draw.random(5000) < np.where((a > 0.5) == (b > 0.5), 0.75, 0.15)
    choice = chosen({"a": a, "b": b}, y, in_time=True)
    parts = choice.nested.part
    # Before any part is known the default stands, which cannot see pairs; later parts are scored as chosen.
    assert np.std(choice.nested.logits[parts == 0]) < 0.5 * np.std(choice.held.logits[parts == 0])
    assert choice.nested.logits[parts == parts.max()].tolist() == choice.held.logits[parts == parts.max()].tolist()


@given(losses=st.lists(st.lists(st.floats(0, 2), min_size=5, max_size=5), min_size=1, max_size=6))
def test_preferred__any_losses__is_never_simpler_than_chance_allows(losses: list[list[float]]) -> None:
    table = np.array(losses)
    place = preferred(table, default=0)
    best = table.mean(axis=1).min()
    spread = (table[place] - table[table.mean(axis=1).argmin()]).std(ddof=1) / np.sqrt(5)
    assert table[place].mean() <= best + 2 * spread + 1e-12


def test_preferred__gain_known_from_three_parts_only__must_be_clearer() -> None:
    behind = np.array([0.008, 0.012, 0.016])  # 5.2 standard errors from five parts would do, from three 3.1 are asked
    table = np.array([0.3 + behind, [0.3, 0.3, 0.3]])
    assert preferred(table, default=0) == 1
    noisy = np.array([0.3 + np.array([0.002, 0.012, 0.022]), [0.3, 0.3, 0.3]])  # 2.08 standard errors
    assert preferred(noisy, default=0) == 0
    five = np.array([0.3 + np.array([0.0, 0.007, 0.012, 0.017, 0.024]), [0.3] * 5])  # 2.9 of them from five parts
    assert preferred(five, default=0) == 1


def test_preferred__two_parts_only__is_the_default() -> None:
    assert preferred(np.array([[0.5, 0.5], [0.1, 0.1]]), default=0) == 0


@given(moments=st.lists(st.integers(0, 5), min_size=1, max_size=40))
def test_rows_later__any_moments__counts_those_strictly_later(moments: list[int]) -> None:
    found = rows_later(np.array(moments))
    assert found.tolist() == [sum(other > moment for other in moments) for moment in moments]


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


def test_thinned__many_rows__are_drawn_in_their_order_and_few_are_all_kept() -> None:
    columns = read_columns({"x": np.arange(1_000.0)})
    later = rows_later(np.arange(1_000))
    data = Data(columns=columns, y=np.arange(1_000.0) % 2, weight=np.ones(1_000), later=later, known={})
    some, places = data.thinned(100, seed=1)
    assert len(places) == len(set(places.tolist())) == 100
    assert (np.diff(places) > 0).all()
    assert some.columns[0].values.tolist() == places.tolist()
    assert some.later.tolist() == later[places].tolist()  # memory counts all rows, not those that were drawn
    assert data.thinned(1_000, seed=1)[0] is data
