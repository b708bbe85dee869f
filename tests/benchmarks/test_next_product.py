"""One product is hidden by a rule that never changes, and what is not visibly held is ranked."""

from __future__ import annotations

import hashlib

import numpy as np
import pytest

from benchmarks.next_product import Examples, hits, turn


@pytest.mark.parametrize("customer", ["5823", "5824", "9822"])
def test_turn__of_n_held__is_the_hashs_share_of_n(customer: str) -> None:
    share = int(hashlib.sha256(b"mask|" + customer.encode()).hexdigest()[:12], 16) / 16**12
    assert [turn(customer, held) for held in (1, 2, 7)] == [0, int(share * 2), int(share * 7)]


def test_turn__many_customers__every_product_has_its_turn() -> None:
    assert {turn(str(number), 4) for number in range(100)} == {0, 1, 2, 3}


def examples(hidden: list[int], visible: list[list[bool]]) -> Examples:
    """Customers of whom nothing else is known."""
    return Examples(
        columns={"age": np.arange(float(len(hidden)))},
        hidden=np.array(hidden),
        visible=np.array(visible),
        weight=np.ones(len(hidden)),
        products=("a", "b", "c"),
    )


def test_hits__product_visibly_held__is_passed_over() -> None:
    asked = examples([1, 1, 2], [[True, False, False], [False, False, False], [False, False, False]])
    scores = np.tile(np.array([0.9, 0.5, 0.1]), (3, 1))
    assert hits(asked, scores, within=1).tolist() == [True, False, False]
    assert hits(asked, scores, within=2).tolist() == [True, True, False]


def test_hits__equal_scores__go_to_the_product_that_comes_first() -> None:
    asked = examples([0, 1, 2], [[False] * 3] * 3)
    assert hits(asked, np.zeros((3, 3)), within=1).tolist() == [True, False, False]


def test_only__mask__keeps_columns_and_marks_together() -> None:
    kept = examples([0, 1, 2], [[False] * 3] * 3).only(np.array([True, False, True]))
    assert (kept.hidden.tolist(), kept.columns["age"].tolist(), len(kept.visible)) == ([0, 2], [0.0, 2.0], 2)
