"""On the insurer's own rows: what is hidden is hidden whole, and popularity scores what it is known to score."""

from __future__ import annotations

import numpy as np
import pytest

from benchmarks.next_product import hits, to_judge, to_learn_from


def test_examples__hidden_product__shows_in_no_column() -> None:
    for examples in (to_learn_from(), to_judge()):
        for product, name in enumerate(examples.products):
            mine = examples.hidden == product
            assert not examples.columns[name][mine].any()
            assert not examples.columns[f"P{name[1:]}"][mine].any()
            assert not examples.visible[mine, product].any()


def test_to_learn_from__every_customer__weighs_one() -> None:
    assert to_learn_from().weight.sum() == pytest.approx(5822 - 641)


def test_popularity__ranks_as_published() -> None:
    seen, asked = to_learn_from(), to_judge()
    held = np.bincount(seen.hidden[seen.visible.any(axis=1)], minlength=len(seen.products)).astype(float)
    scores = np.tile(held, (len(asked.hidden), 1))
    assert hits(asked, scores, within=1).mean() == pytest.approx(0.768, abs=5e-4)
    assert hits(asked, scores, within=3).mean() == pytest.approx(0.911, abs=5e-4)
