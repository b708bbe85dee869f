"""A fit, end to end: the card says what scikit-learn fitted, and bad data is refused by name."""

from __future__ import annotations

import math
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from functools import cache
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from crm_assist.learning import FitError, fit_scorecard, fit_with_oracle
from crm_assist.learning.columns import read_columns
from crm_assist.learning.oracle import Oracle, largest_difference
from crm_assist.scorecards import Scorecard
from tests.learning.examples import customers

X, Y = customers()


@cache
def fitted() -> tuple[Scorecard, Oracle]:
    return fit_with_oracle(X, Y, seed=1)


number = st.none() | st.floats() | st.integers() | st.decimals(places=3) | st.booleans()
category = st.none() | st.sampled_from(["clerk", "nurse", "it's 100%", "rare"]) | st.text()
any_row = st.fixed_dictionaries({"balance": number, "calls": number, "job": category, "flag": number})


@settings(max_examples=60, deadline=None)
@given(rows=st.lists(any_row, min_size=1, max_size=8))
def test_fit__any_rows__card_equals_the_oracle(rows: list[dict[str, Any]]) -> None:
    card, oracle = fitted()
    columns = {name: [row[name] for row in rows] for name in card.features}
    assert largest_difference(card, oracle, columns) <= 1e-9


def test_fit__card__survives_its_json_and_states_its_facts() -> None:
    card, _oracle = fitted()
    assert Scorecard.loads(card.dumps()) == card
    assert (card.trained.rows, card.trained.positives) == (len(Y), sum(Y))
    assert card.kinds == {"balance": "number", "calls": "number", "job": "category", "flag": "number"}
    assert card.part("job").levels == ("clerk", "it's 100%", "nurse")
    assert card.trained.auc is not None
    assert card.trained.auc > 0.62
    assert len(card.golden) == 5


def test_fit__same_seed__is_the_same_card() -> None:
    assert fit_scorecard(X, Y, seed=1).digest == fitted()[0].digest


def test_fit__points__weigh_to_zero_over_the_training_population() -> None:
    for part in fitted()[0].parts:
        assert sum(s * p for s, p in zip(part.share, part.points, strict=True)) == pytest.approx(0, abs=1e-12)
        assert sum(part.share) == pytest.approx(1)


def test_fit__bin_without_training_rows__says_nothing_and_widens_the_interval() -> None:
    card = fitted()[0]
    assert card.part("calls").points[-1] == 0.0
    row = {"balance": 400.0, "calls": 2, "job": "clerk", "flag": True}
    known, unknown = card.score(row), card.score({**row, "calls": None})
    assert unknown.interval[1] - unknown.interval[0] > known.interval[1] - known.interval[0]


def test_fit__interval__covers_the_true_probability_of_most_rows() -> None:
    draw = np.random.default_rng(8)
    x = draw.integers(0, 8, 6000)
    truth = 1 / (1 + np.exp(-(-1.0 + 0.25 * x)))
    card = fit_scorecard({"x": x}, (draw.random(6000) < truth).astype(int))
    scores = [card.score({"x": value}) for value in range(8)]
    true = 1 / (1 + np.exp(-(-1.0 + 0.25 * np.arange(8))))
    assert sum(s.interval[0] <= p <= s.interval[1] for s, p in zip(scores, true, strict=True)) >= 6


def test_fit__data_frame_and_arrays__equal_lists() -> None:
    frame = pd.DataFrame(X)
    assert fit_scorecard(frame, np.array(Y), seed=1).digest == fitted()[0].digest


def test_fit__arrays__are_read_where_they_lie_and_left_as_they_were() -> None:
    arrays = {name: np.array(values, dtype=object if name == "job" else float) for name, values in X.items()}
    before = {name: values.copy() for name, values in arrays.items()}
    fit_scorecard(arrays, Y)
    for name, values in arrays.items():
        np.testing.assert_array_equal(values, before[name])
    assert all(column.values is arrays[column.name] for column in read_columns(arrays))


def test_fit__weights__count_like_repeated_rows() -> None:
    few = {name: values[:300] for name, values in X.items() if name != "flag"}
    doubled = {name: values + values for name, values in few.items()}
    weighted = fit_scorecard(few, Y[:300], weight=[2.0] * 300)
    repeated = fit_scorecard(doubled, Y[:300] + Y[:300])
    assert weighted.part("calls").share == pytest.approx(repeated.part("calls").share)


def test_fit__weight_zero__leaves_the_row_out() -> None:
    noise = {**X, "job": ["never"] * 20 + X["job"][20:]}
    card = fit_scorecard(noise, Y, weight=[0.0] * 20 + [1.0] * (len(Y) - 20))
    assert card.trained.rows == len(Y) - 20
    assert "never" not in card.part("job").levels


@pytest.mark.parametrize("sign", [1, -1])
def test_fit__monotonic__points_never_run_the_other_way(sign: int) -> None:
    card, oracle = fit_with_oracle(X, Y, monotonic={"balance": sign, "calls": -1})
    for name, wanted in (("balance", sign), ("calls", -1)):
        steps = np.diff(card.part(name).points[:-1]) * wanted
        assert (steps >= -1e-12).all()
    assert largest_difference(card, oracle, X) <= 1e-9


def test_fit__time__learns_from_all_and_judges_on_later_rows() -> None:
    days = [date(2025, 1, 1) + timedelta(days=i // 10) for i in range(len(Y))]
    card = fit_scorecard(X, Y, time=days)
    assert card.trained.until == days[-1].isoformat()
    moments = [datetime(2025, 1, 1, tzinfo=UTC) + timedelta(hours=i) for i in range(len(Y))]
    assert fit_scorecard(X, Y, time=moments).trained.until == moments[-1].isoformat()


def test_fit__column_that_says_nothing__is_left_out_and_told() -> None:
    more = {**X, "empty": [None] * len(Y), "same": [3] * len(Y), "one_text": ["a"] * len(Y)}
    card = fit_scorecard(more, Y)
    assert card.trained.left_out == ("empty", "one_text", "same")
    assert set(card.features) == set(X)


def test_fit__one_value_or_missing__stays() -> None:
    card = fit_scorecard({"calls": X["calls"], "seen": [1 if i % 3 else None for i in range(len(Y))]}, Y)
    assert card.part("seen").edges == ()


def test_fit__100_000_categories__are_pooled() -> None:
    codes = [f"c{i}" for i in range(100_000)]
    card = fit_scorecard({"code": codes, "x": [i % 7 for i in range(100_000)]}, [i % 5 == 0 for i in range(100_000)])
    assert card.part("code").levels == ()


def test_fit__odd_numbers__are_binned() -> None:
    odd = [
        math.inf,
        -math.inf,
        1e308,
        10**400,
        Decimal("0.5"),
        True,
        None,
        math.nan,
        timedelta(days=3),
        5e-324,
    ]
    column = [odd[i % len(odd)] for i in range(len(Y))]
    card, oracle = fit_with_oracle({"odd": column, "calls": X["calls"]}, Y)
    assert all(math.isfinite(edge) for edge in card.part("odd").edges)
    assert largest_difference(card, oracle, {"odd": odd, "calls": [0] * len(odd)}) <= 1e-9


def test_fit__text_that_a_database_cannot_hold__is_pooled() -> None:
    column = [("bad\0", "bad\ud800", "good")[i % 3] for i in range(len(Y))]
    assert fit_scorecard({"t": column, "calls": X["calls"]}, Y).part("t").levels == ("good",)


N = len(Y)
BAD: list[tuple[dict[str, Any], str]] = [
    ({"X": {}}, "no column is left to learn from"),
    ({"X": {"a": [], "b": []}, "y": []}, "X has no rows"),
    ({"X": {"a": X["calls"], "b": [1]}}, "columns differ in length"),
    ({"X": {"a": 3}}, "column 'a' is not a sequence"),
    ({"X": {"a": "text"}}, "column 'a' is not a sequence"),
    ({"X": {"a": np.zeros((N, 2))}}, "column 'a' is not a sequence"),
    ({"X": {7: X["calls"]}}, "column name 7 is not a text"),
    ({"X": pd.DataFrame([[1, 2]], columns=["a", "a"])}, "column 'a' appears twice"),
    ({"X": {"a": [1, "x"] * (N // 2)}}, "column 'a' mixes numbers and texts"),
    ({"X": {"a": [date(2026, 1, 1)] * N}}, "column 'a' holds dates"),
    ({"X": {"a": np.array(["2026-01-01"] * N, dtype="datetime64[D]")}}, "column 'a' holds dates"),
    ({"X": {"a": [[1]] * N}}, "column 'a' holds"),
    ({"X": {"a": [1] * N}}, "no column varies"),
    ({"y": Y[:-1]}, "y has the shape"),
    ({"y": [*Y[:-1], 2]}, r"y\[1499\] is 2; every outcome must be 0 or 1"),
    ({"y": [None, *Y[1:]]}, r"y\[0\] is None"),
    ({"y": ["0", *Y[1:]]}, r"y\[0\] is '0'"),
    ({"y": [0] * N}, "y is 1 in 0 of 1500 rows; at least 10"),
    ({"y": [1] * (N - 9) + [0] * 9}, "y is 0 in 9 of 1500 rows"),
    ({"weight": [1.0]}, "weight has the shape"),
    ({"weight": [-1.0, *[1.0] * (N - 1)]}, r"weight\[0\] is -1.0"),
    ({"weight": [math.nan] * N}, r"weight\[0\] is nan"),
    ({"weight": ["x"] * N}, "weight holds what is not a number"),
    ({"weight": [0.0] * N}, "every weight is 0"),
    ({"time": [1]}, "time has 1 entries"),
    ({"time": [None, *range(N - 1)]}, r"time\[0\] is missing"),
    ({"time": ["a", *range(N - 1)]}, "time mixes moments"),
    ({"monotonic": {"age": 1}}, "monotonic names 'age', which is not a column"),
    ({"monotonic": {"job": 1}}, "monotonic names 'job', a category"),
    ({"monotonic": {"calls": 2}}, r"monotonic\['calls'\] is 2"),
    ({"seed": -1}, "seed is -1; give a whole number of at least 0"),
    ({"seed": 0.5, "time": range(N)}, "seed is 0.5"),
    ({"seed": True}, "seed is True"),
]


@pytest.mark.parametrize(("change", "fault"), BAD, ids=[fault[:32] for _change, fault in BAD])
def test_fit__bad_data__is_refused_by_name(change: dict[str, Any], fault: str) -> None:
    given_data = {"X": X, "y": Y, **change}
    with pytest.raises(FitError, match=fault):
        fit_scorecard(given_data.pop("X"), given_data.pop("y"), **given_data)
