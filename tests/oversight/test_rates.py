"""A rate with its interval: the published formulas, their ends, and what is never told."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crm_assist.oversight.rates import LEAST, Rate, difference

RATES = st.integers(0, 5000).flatmap(lambda n: st.integers(0, n).map(lambda hits: Rate(hits=hits, n=n)))


@pytest.mark.parametrize(
    ("hits", "n", "low", "high"),
    [(81, 263, 0.2553, 0.3662), (15, 148, 0.0624, 0.1605), (0, 20, 0.0, 0.1611), (1, 29, 0.0061, 0.1718)],
)
def test_interval__published_examples__are_met(hits: int, n: int, low: float, high: float) -> None:
    """Newcombe 1998, Statistics in Medicine 17:857-872, table I, method 3."""
    assert Rate(hits=hits, n=n).interval == pytest.approx((low, high), abs=1e-4)


@pytest.mark.parametrize(
    ("after", "before", "low", "high"),
    [((56, 70), (48, 80), 0.0524, 0.3339), ((9, 10), (3, 10), 0.1705, 0.8090), ((10, 10), (0, 20), 0.6791, 1.0)],
)
def test_difference__published_examples__are_met(
    after: tuple[int, int], before: tuple[int, int], low: float, high: float
) -> None:
    """Newcombe 1998, Statistics in Medicine 17:873-890, table II, method 10."""
    found = difference(Rate(hits=before[0], n=before[1]), Rate(hits=after[0], n=after[1]))
    assert found == pytest.approx((low, high), abs=1e-4)


@given(RATES)
def test_interval__any_rate__holds_its_share_within_nought_and_one(rate: Rate) -> None:
    low, high = rate.interval
    assert 0.0 <= low <= high <= 1.0
    if rate.n:
        assert low <= rate.share <= high


@given(RATES, RATES)
def test_difference__turned_around__is_the_same_with_the_other_sign(before: Rate, after: Rate) -> None:
    low, high = difference(before, after)
    assert difference(after, before) == pytest.approx((-high, -low), abs=1e-12)
    assert low - 1e-12 <= after.share - before.share <= high + 1e-12


def test_rate__fewer_than_ten__is_not_shown() -> None:
    assert [Rate(hits=0, n=n).is_shown for n in (0, LEAST - 1, LEAST)] == [False, False, True]


@pytest.mark.parametrize(("hits", "n"), [(-1, 5), (6, 5)])
def test_rate__impossible_counts__are_refused_by_name(hits: int, n: int) -> None:
    with pytest.raises(ValueError, match=f"hits is {hits} of n = {n}"):
        Rate(hits=hits, n=n)
