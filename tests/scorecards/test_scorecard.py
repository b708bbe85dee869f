"""The card as a value: its parts, its checks, its row and batch execution."""

from __future__ import annotations

import math
import subprocess
import sys
from decimal import Decimal
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from crm_assist.scorecards import CardError, Feature, Scorecard
from crm_assist.scorecards.parts import QUANTILE
from tests.scorecards.examples import small_card, wide_card

CARD = wide_card()

numbers = st.none() | st.floats() | st.integers() | st.decimals() | st.booleans() | st.timedeltas() | st.integers(-9, 9)
texts = st.none() | st.sampled_from(["'quoted'", "%s", "", "level 3", "true"]) | st.text() | st.booleans()
any_row = st.fixed_dictionaries({n: numbers if CARD.kinds[n] == "number" else texts for n in CARD.features})


@given(rows=st.lists(any_row, min_size=1, max_size=5))
def test_row_full_score_and_batch__any_values__are_equal(rows: list[dict[str, Any]]) -> None:
    single = [CARD.one(row) for row in rows]
    full = [CARD.score(row) for row in rows]
    batch = CARD.probability({name: [row[name] for row in rows] for name in CARD.features})
    assert np.abs(batch - single).max() <= 1e-12
    assert [score.probability for score in full] == pytest.approx(single, abs=1e-12)
    for score in full:
        assert score.base + sum(c.points for c in score.contributions) == pytest.approx(score.logit, abs=1e-12)
        assert score.interval[0] <= score.probability <= score.interval[1]


def test_probability__arithmetic__is_base_plus_points_calibrated() -> None:
    card = small_card()
    logit = 0.9 * (-1.5 + 0.7 - 0.3) - 0.1
    row = {"balance": 1000, "job": "clerk"}
    assert card.one(row) == pytest.approx(1 / (1 + math.exp(-logit)), abs=1e-15)


def test_score__interval__is_the_spread_of_intercept_and_bins() -> None:
    card = small_card()
    score = card.score({"balance": 5.0, "job": None})
    variance = 0.81 * ((0.004 + 0.01 + 0.02) + (0.01 + 0.02 - 0.02) ** 2 + (-0.01 + 0.01) ** 2 + 0.005**2)
    reach = QUANTILE * math.sqrt(variance)
    low = 1 / (1 + math.exp(-(score.logit - reach)))
    assert score.interval[0] == pytest.approx(low, abs=1e-12)


def test_score__unknown_and_unseen__are_listed_as_missing() -> None:
    assert small_card().score({"balance": None, "job": "pilot"}).missing == ("balance", "job")
    assert small_card().score({"balance": 1, "job": "nurse"}).missing == ()


def test_one__beyond_exp__is_clamped() -> None:
    steep = Scorecard(parts=(Feature(name="x", kind="number", edges=(0.0,), points=(-1e9, 1e9, 0.0)),), intercept=0.0)
    assert steep.one({"x": -1}) == pytest.approx(1 / (1 + math.exp(700)))
    assert steep.one({"x": 1}) == 1.0
    assert steep.probability({"x": [-1.0, 1.0]}).tolist() == [steep.one({"x": -1}), 1.0]


def test_one__feature_not_in_the_row__is_named() -> None:
    for call in (small_card().one, small_card().score):
        with pytest.raises(CardError, match="features not given: job"):
            call({"balance": 1.0})
    with pytest.raises(CardError, match="features not given: balance, job"):
        small_card().probability({})


def test_probability__ragged_columns__are_refused() -> None:
    with pytest.raises(CardError, match="differ in length"):
        small_card().probability({"balance": [1.0, 2.0], "job": ["clerk"]})


def test_probability__value_of_the_wrong_kind__is_named() -> None:
    with pytest.raises(CardError, match="feature 'balance': 'much' is not a number"):
        small_card().probability({"balance": [1.0, "much"], "job": ["clerk", "clerk"]})


@pytest.mark.parametrize(
    "balance",
    [
        [250, None, 2000, Decimal("-1")],
        np.array([250.0, np.nan, 2000.0, -1.0]),
        np.array([250.0, np.nan, 2000.0, -1.0], dtype=np.float32),
        pd.Series([250, None, 2000, -1], dtype="Int64"),
        pd.Series([250.0, None, 2000.0, -1.0], index=[9, 8, 7, 6]),
    ],
    ids=["list", "float64", "float32", "nullable", "series"],
)
def test_probability__containers_of_a_number__are_read_alike(balance: Any) -> None:
    jobs = ["clerk", None, "nurse", "pilot"]
    expected = [small_card().one({"balance": b, "job": j}) for b, j in zip([250, None, 2000, -1], jobs, strict=True)]
    for job in (jobs, np.array(jobs, dtype=object), pd.Series(jobs, dtype="category")):
        assert small_card().probability({"balance": balance, "job": job}).tolist() == pytest.approx(expected)


def test_probability__data_frame_and_no_rows__work() -> None:
    frame = pd.DataFrame({"balance": [1.0, 2.0], "job": ["clerk", "nurse"], "other": [0, 0]})
    assert small_card().probability(frame).shape == (2,)
    assert small_card().probability({"balance": [], "job": []}).shape == (0,)


def test_check_features__names_the_first_fault() -> None:
    card = small_card()
    card.check_features({"balance": "number", "job": "category", "age": "number"})
    for declared, sensitive, fault in (
        ({"balance": "number"}, (), "'job' is not declared"),
        ({"balance": "category", "job": "category"}, (), "'balance' is declared as 'category'"),
        ({"balance": "number", "job": "category"}, ("job",), "'job' is sensitive"),
    ):
        with pytest.raises(CardError, match=fault):
            card.check_features(declared, sensitive)


def test_bin__of_each_code__says_its_range_or_level() -> None:
    balance, job = small_card().part("balance"), small_card().part("job")
    assert [(b.low, b.high, b.is_missing) for b in map(balance.bin, range(4))] == [
        (None, 0.0, False), (0.0, 1000.0, False), (1000.0, None, False), (None, None, True),
    ]  # fmt: skip
    assert [(b.level, b.is_pooled, b.is_missing) for b in map(job.bin, range(4))] == [
        (None, True, False), ("clerk", False, False), ("nurse", False, False), (None, False, True),
    ]  # fmt: skip
    with pytest.raises(CardError, match="no feature 'age'"):
        small_card().part("age")


def test_feature__points_for_other_bins__is_refused() -> None:
    with pytest.raises(CardError, match="2 points for 3 bins"):
        Feature(name="x", kind="number", edges=(0.0,), points=(1.0, 2.0))


def test_import__without_django_settings_numpy_and_sklearn__works() -> None:
    code = (
        "import sys\n"
        "for name in ('numpy', 'sklearn', 'scipy', 'pandas', 'django'): sys.modules[name] = None\n"
        "from crm_assist.scorecards import Scorecard\n"
        "import crm_assist.learning\n"
        f"card = Scorecard.loads({small_card().dumps()!r})\n"
        "print(card.score({'balance': 5, 'job': 'clerk'}).reasons[0].feature)\n"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "job"
