"""In which order products are offered: by priority, at most so many, the same whatever order they came in."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crm_assist.recommending.ranking import rank, slate, smoothed, tie_break
from crm_assist.types import Candidate, Policy, Verdict

OPEN = Verdict(open=True, code="ok")
CLOSED = Verdict(open=False, code="already_held", message="The customer has it already.")
CANDIDATES = st.lists(
    st.builds(
        Candidate,
        product=st.sampled_from([f"p{number}" for number in range(12)]),
        product_version=st.just(1),
        verdicts=st.sampled_from([(OPEN,), (OPEN, CLOSED), (CLOSED,), (OPEN, OPEN)]),
        propensity=st.sampled_from([0.0, 0.1, 0.1, 0.5]) | st.floats(0, 1),
        value=st.sampled_from([0.0, 10.0, 100.0]) | st.floats(0, 1e6),
    ),
    unique_by=lambda candidate: candidate.product,
    max_size=10,
)
PLACES = st.integers(1, 3)


def candidate(product: str, propensity: float, value: float, *verdicts: Verdict) -> Candidate:
    return Candidate(
        product=product, product_version=1, verdicts=verdicts or (OPEN,), propensity=propensity, value=value
    )


def test_rank__priority__is_probability_times_value() -> None:
    ranked = rank([candidate("likely", 0.9, 10), candidate("dear", 0.1, 100)], places=3, seed="s")
    assert [(c.product, c.rank, c.priority) for c in ranked] == [("dear", 1, 10.0), ("likely", 2, 9.0)]


def test_rank__on_a_screen_now__keeps_its_place_as_long_as_it_is_open() -> None:
    both = [candidate("better", 0.9, 100), candidate("shown", 0.1, 10), candidate("closed", 0.9, 9, CLOSED)]
    ranked = rank(both, places=1, seed="s", standing={"shown", "closed", "unknown"})
    assert [(c.product, c.rank) for c in ranked] == [("shown", 1), ("better", None), ("closed", None)]


def test_rank__beyond_the_places__is_closed_with_its_code() -> None:
    ranked = rank([candidate(code, 0.5, value) for code, value in (("a", 3), ("b", 2), ("c", 1))], places=2, seed="s")
    assert [(c.product, c.rank, c.offer_probability, c.removed_by) for c in ranked] == [
        ("a", 1, 1.0, ""),
        ("b", 2, 1.0, ""),
        ("c", None, 0.0, "below_rank"),
    ]
    assert ranked[2].priority == 0.5


def test_rank__closed_however_good__is_never_offered() -> None:
    ranked = rank([candidate("best", 1.0, 1e9, CLOSED), candidate("poor", 0.01, 1)], places=1, seed="s")
    assert [c.product for c in slate(ranked)] == ["poor"]
    assert ranked[1].removed_by == "already_held"


@given(CANDIDATES, PLACES, st.text())
def test_rank__any_candidates__keeps_them_all_and_loses_no_verdict(
    given_: list[Candidate], places: int, seed: str
) -> None:
    ranked = rank(given_, places=places, seed=seed)
    before = {c.product: c for c in given_}
    assert sorted(before) == sorted(c.product for c in ranked)
    for after in ranked:
        assert after.verdicts[: len(before[after.product].verdicts)] == before[after.product].verdicts


@given(CANDIDATES, PLACES, st.text())
def test_rank__slate__is_the_best_open_ones_in_order_and_no_more(
    given_: list[Candidate], places: int, seed: str
) -> None:
    ranked = rank(given_, places=places, seed=seed)
    offered = slate(ranked)
    ready = [c for c in given_ if c.is_open]
    assert len(offered) == min(places, len(ready))
    assert [c.rank for c in offered] == list(range(1, len(offered) + 1))
    priorities = [c.priority or 0.0 for c in offered]
    assert priorities == sorted(priorities, reverse=True)
    left = [c for c in ranked if c.removed_by == "below_rank"]
    assert all((c.priority or 0.0) <= min(priorities) for c in left)


@given(CANDIDATES, PLACES, st.text())
def test_rank__offer_probability__is_one_on_the_slate_and_none_elsewhere(
    given_: list[Candidate], places: int, seed: str
) -> None:
    for one in rank(given_, places=places, seed=seed):
        assert one.offer_probability == (1.0 if one.rank is not None else 0.0)
        assert one.is_open is (one.rank is not None)


@given(CANDIDATES, PLACES, st.text(), st.randoms(use_true_random=False))
def test_rank__order_of_the_candidates__changes_nothing(
    given_: list[Candidate], places: int, seed: str, random: Random
) -> None:
    shuffled = list(given_)
    random.shuffle(shuffled)
    assert rank(shuffled, places=places, seed=seed) == rank(given_, places=places, seed=seed)


@given(CANDIDATES, st.text())
def test_rank__more_places__keep_the_beginning(given_: list[Candidate], seed: str) -> None:
    slates = [[c.product for c in slate(rank(given_, places=places, seed=seed))] for places in (1, 2, 3)]
    assert slates[1][:1] == slates[0]
    assert slates[2][:2] == slates[1]


def test_tie_break__many_customers__favours_no_product() -> None:
    same = [candidate(code, 0.5, 10) for code in ("a", "b", "c")]
    first = Counter(rank(same, places=1, seed=f"bank.Customer:{key}")[0].product for key in range(3000))
    assert all(900 < count < 1100 for count in first.values())


def test_tie_break__formula__is_frozen() -> None:
    assert tie_break("bank.Customer:42", "deposit")[:16] == "bc5b38fd19192a66"


def test_rank__twice__is_the_same() -> None:
    ranked = rank([candidate("a", 0.5, 10), candidate("b", 0.5, 10)], places=1, seed="s")
    fresh = [replace(c, rank=None) for c in [candidate("b", 0.5, 10), candidate("a", 0.5, 10)]]
    assert rank(fresh, places=1, seed="s") == ranked


SHARES, COUNTS = st.floats(0, 1), st.integers(0, 10_000)


def thin(start: int = 50, least: int = 40) -> Policy:
    return Policy(least_positives=least, starting_evidence=start)


def test_smoothed__few_outcomes__is_the_weighted_mean_of_base_rate_and_card() -> None:
    assert smoothed(0.8, base=0.3, evidence=0, policy=thin()) == 0.3
    assert smoothed(0.8, base=0.3, evidence=10, policy=thin()) == pytest.approx(50 / 60 * 0.3 + 10 / 60 * 0.8)
    assert smoothed(0.8, base=0.3, evidence=39, policy=thin()) == pytest.approx(50 / 89 * 0.3 + 39 / 89 * 0.8)


@pytest.mark.parametrize(
    ("base", "evidence", "policy"),
    [
        (0.3, 40, thin()),
        (0.3, 10, thin(start=0)),
        (0.3, 10, thin(least=0)),
        (None, None, thin()),
        (0.3, 10, Policy()),
    ],
    ids=["enough outcomes", "no starting evidence", "nothing asked of it", "a written card", "a policy of before"],
)
def test_smoothed__card_that_counts_as_it_is__gives_its_own_number(
    base: float | None, evidence: int | None, policy: Policy
) -> None:
    assert smoothed(0.123456789, base=base, evidence=evidence, policy=policy) == 0.123456789


@given(SHARES, SHARES, COUNTS, COUNTS)
def test_smoothed__lies_between_base_rate_and_card_and_nearer_the_card_the_more_is_known(
    card: float, base: float, evidence: int, start: int
) -> None:
    policy = thin(start=start, least=20_000)
    less, more = (smoothed(card, base=base, evidence=count, policy=policy) for count in (evidence, evidence + 100))
    assert min(card, base) - 1e-12 <= less <= max(card, base) + 1e-12
    assert abs(more - card) <= abs(less - card) + 1e-12


@given(SHARES, SHARES, SHARES, COUNTS)
def test_smoothed__of_one_card__never_turns_two_customers_round(
    one: float, other: float, base: float, evidence: int
) -> None:
    low, high = sorted((one, other))
    told = {"base": base, "evidence": evidence, "policy": thin()}
    assert smoothed(low, **told) <= smoothed(high, **told)
