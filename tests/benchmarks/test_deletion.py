"""The deletion test tells a card whose reasons are true from one whose reasons are not."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from benchmarks.deletion import Moves, deletions, named, resting_on
from crm_assist.scorecards import Score, Scorecard
from tests.scorecards.examples import number, pair, paired_card

STEPS = (1.0, 2.0)


def card_of(*sizes: float) -> Scorecard:
    """Numbers of which each moves the score by its size at most; the missing have none of its points."""
    parts = [number(f"x{place}", STEPS, (-size, 0.0, size, 0.0)) for place, size in enumerate(sizes)]
    return Scorecard(parts=tuple(parts), intercept=-1.0)


def rows(card: Scorecard, count: int = 300) -> list[dict[str, float]]:
    draw = np.random.default_rng(1)
    return [{name: float(draw.uniform(0, 3)) for name in card.features} for _ in range(count)]


def test_deletions__one_feature_of_six_speaks__moves_a_score_six_times_as_far_as_chance() -> None:
    card = card_of(1.0, *[0.0] * 5)
    spoken = [row for row in rows(card) if card.score(row).reasons]
    for moves in deletions(card, spoken, rows(card), reasons=1, seed=2):
        assert moves.ratio == pytest.approx(6.0, rel=0.4)
        assert 0.5 < moves.share <= 1.0


def test_deletions__features_all_alike__top_is_no_better_than_chance() -> None:
    card = card_of(*[1.0] * 6)
    all_speak = [row for row in rows(card, 600) if all(not 1.0 <= value < 2.0 for value in row.values())]
    by_mean, _by_other = deletions(card, all_speak, rows(card), reasons=1, seed=2)
    assert by_mean.ratio == 1.0
    assert by_mean.share == 0.5


def test_deletions__same_seed__is_the_same_and_another_is_not() -> None:
    card = card_of(0.9, 0.6, 0.3, 0.1)
    first, again, other = (
        deletions(card, rows(card), rows(card), reasons=2, seed=seed)[0].random for seed in (2, 2, 3)
    )
    assert first.tolist() == again.tolist()
    assert first.tolist() != other.tolist()


def test_deletions__another_customer__is_one_of_those_given() -> None:
    card = card_of(1.0, 0.5)
    high, low = dict.fromkeys(card.features, 2.5), dict.fromkeys(card.features, 0.5)
    _by_mean, moves = deletions(card, [high] * 5, [low], reasons=1, seed=1)
    assert moves.top.tolist() == [2.0] * 5
    _by_mean, none = deletions(card, [high] * 5, [high], reasons=1, seed=1)
    assert none.top.tolist() == none.random.tolist() == [0.0] * 5


def paired_score() -> Score:
    """A score in which a pair speaks louder than any single feature."""
    card = paired_card()
    loud = replace(card, pairs=(pair(card, "real", "few", step=1.0),))
    return loud.score({**dict.fromkeys(card.features), "real": 0.2, "few": "NULL"})


def test_named__pair__is_both_of_its_features_once() -> None:
    assert named(paired_score(), 1) == ["real", "few"]
    assert len(set(named(paired_score(), 6))) == len(named(paired_score(), 6))


def test_resting_on__feature_in_a_pair__takes_the_pair_along() -> None:
    score = paired_score()
    points = {(one.feature, one.beside): one.points for one in score.contributions}
    assert resting_on(score, ["real"]) == pytest.approx(points["real", ""] + points["real", "few"])
    assert resting_on(score, ["whole"]) == points["whole", ""]


def test_share__equal_moves__count_half() -> None:
    moves = Moves(top=np.array([1.0, 1.0, 0.0, 3.0]), random=np.array([0.5, 1.0, 1.0, 0.5]))
    assert (moves.share, moves.ratio) == (0.625, pytest.approx(5 / 3))
