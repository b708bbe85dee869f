"""Whether two populations differ: in material size and beyond chance, both."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from crm_assist.learning.shift import index_by_chance, rates_moved, shares_moved, stability_index

COUNTS = st.lists(st.integers(0, 5000), min_size=2, max_size=12).filter(any)


def test_stability_index__textbook_example__agrees() -> None:
    first, second = np.array([5000, 3000, 2000]), np.array([4000, 3000, 3000])
    expected = 0.1 * np.log(0.5 / 0.4) + 0.1 * np.log(0.3 / 0.2)
    assert stability_index(first, second) == pytest.approx(expected, rel=1e-3)


@given(first=COUNTS, data=st.data())
def test_stability_index__any_counts__is_symmetric_and_finite(first: list[int], data: st.DataObject) -> None:
    second = data.draw(st.lists(st.integers(0, 5000), min_size=len(first), max_size=len(first)).filter(any))
    a, b = np.array(first), np.array(second)
    assert stability_index(a, b) == pytest.approx(stability_index(b, a))
    assert 0.0 <= stability_index(a, b) < 50.0
    assert stability_index(a, a) == 0.0


@pytest.mark.parametrize("bins", [2, 3, 8, 18, 100])
@pytest.mark.parametrize("chance", [1e-3, 1e-6])
def test_index_by_chance__is_the_quantile_of_chi_squared_or_a_little_more(bins: int, chance: float) -> None:
    exact = stats.chi2.isf(chance, bins - 1) * (1 / 300 + 1 / 700)
    assert 0.99 < index_by_chance(300, 700, bins, chance=chance) / exact < (1.15 if bins < 8 else 1.04)


def test_shares_moved__small_samples_of_one_world__are_silent() -> None:
    draw = np.random.default_rng(2)
    moved = [
        shares_moved(*(draw.multinomial(100, np.full(16, 1 / 16)) for _half in range(2)), chance=1e-3)[0]
        for _try in range(300)
    ]
    assert sum(moved) <= 2
    index = [stability_index(*(draw.multinomial(100, np.full(16, 1 / 16)) for _half in range(2))) for _try in range(99)]
    assert np.median(index) > 0.25  # the textbook's bound alone would ring for more than half of them


def test_shares_moved__real_but_small_change__is_silent_however_many_rows() -> None:
    moved, index = shares_moved(np.array([500_000, 500_000]), np.array([520_000, 480_000]), chance=1e-3)
    assert not moved
    assert 0 < index < 0.01


def test_shares_moved__half_of_the_rows_elsewhere__is_seen() -> None:
    assert shares_moved(np.array([900, 100]), np.array([400, 600]), chance=1e-3)[0]


@pytest.mark.parametrize(
    ("first", "second", "moved"),
    [
        ((50, 1000), (150, 1000), True),
        ((50, 1000), (60, 1000), False),
        ((5, 100), (10, 100), False),
        ((50_000, 1_000_000), (60_000, 1_000_000), False),
        ((0, 1000), (40, 1000), True),
        ((0, 1000), (0, 1000), False),
        ((1000, 1000), (900, 1000), True),
    ],
)
def test_rates_moved__both_large_and_certain__or_silent(
    first: tuple[float, float], second: tuple[float, float], moved: bool
) -> None:
    assert rates_moved(first, second, chance=1e-3) is moved
    assert rates_moved(second, first, chance=1e-3) is moved
