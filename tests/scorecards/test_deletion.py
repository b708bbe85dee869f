"""Reasons are what moves the score: taken away, the score moves by exactly what they said, and by nothing more."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import replace
from functools import cache
from itertools import combinations
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from crm_assist.learning import fit_scorecard
from crm_assist.scorecards import Calibration, Contribution, Feature, Scorecard
from tests.learning.worlds import world

UNSEEN = "a level that no card knows"
TOP = 3


def centred(name: str, edges: tuple[float, ...], levels: tuple[str, ...], draw: Any) -> Feature:
    """A feature of a made-up population, its points against that population's mean as fitted cards have them."""
    size = len(edges) + len(levels) + 2
    share = np.array(draw(st.lists(st.integers(0, 9), min_size=size, max_size=size).filter(any)), dtype=float)
    points = np.array(draw(st.lists(st.floats(-5, 5), min_size=size, max_size=size)))
    share /= share.sum()
    return Feature(
        name=name,
        kind="category" if levels else "number",
        edges=edges,
        levels=levels,
        points=tuple(points - share @ points),
        share=tuple(share),
    )


@st.composite
def cards(draw: Any) -> Scorecard:
    """Cards of two to eight single features."""
    parts = []
    for place in range(draw(st.integers(2, 8))):
        edges = draw(st.sampled_from([(), (0.0,), (-1.5, 0.0, 40.0)]))
        levels = () if edges else draw(st.sampled_from([("nurse",), ("clerk", "nurse", "true")]))
        parts.append(centred(f"x{place}", edges, levels, draw))
    slope, offset = draw(st.floats(0.1, 3)), draw(st.floats(-2, 2))
    intercept = draw(st.floats(-4, 4))
    return Scorecard(parts=tuple(parts), intercept=intercept, calibration=Calibration(slope=slope, offset=offset))


def in_bin(part: Feature, code: int) -> Any:
    """A value of that bin."""
    one = part.bin(code)
    if one.is_missing:
        return None
    if part.kind == "category":
        return UNSEEN if one.is_pooled else one.level
    return float("-inf") if one.low is None else one.low


@st.composite
def scored(draw: Any) -> tuple[Scorecard, dict[str, Any]]:
    """A card and a customer in any of its bins."""
    card = draw(cards())
    return card, {part.name: in_bin(part, draw(st.integers(0, part.size - 1))) for part in card.parts}


def without(card: Scorecard, names: Collection[str]) -> Scorecard:
    """The card in which these features have, for everybody, the mean customer's points."""
    parts = [replace(part, points=(0.0,) * part.size) if part.name in names else part for part in card.parts]
    return replace(card, parts=tuple(parts), golden=())


def move(card: Scorecard, row: dict[str, Any], names: Collection[str]) -> float:
    """How far the log-odds move when these features are taken away."""
    return without(card, names).score(row).logit - card.score(row).logit


@given(scored())
def test_deletion__value_drawn_from_the_population__moves_the_mean_by_exactly_the_points(
    made: tuple[Scorecard, dict[str, Any]],
) -> None:
    card, row = made
    score = card.score(row)
    for reason in score.contributions:
        part = card.part(reason.feature)
        others = (card.score({**row, part.name: in_bin(part, code)}).logit for code in range(part.size))
        mean = sum(share * logit for share, logit in zip(part.share, others, strict=True))
        assert score.logit - mean == pytest.approx(reason.points, abs=1e-9)


@given(scored())
def test_deletion__feature_at_its_mean__moves_the_logit_by_exactly_the_points(
    made: tuple[Scorecard, dict[str, Any]],
) -> None:
    card, row = made
    for reason in card.score(row).contributions:
        assert move(card, row, [reason.feature]) == pytest.approx(-reason.points, abs=1e-9)


@given(scored(), st.integers(2, 8))
def test_deletion__reasons_of_one_side__move_at_least_as_far_as_any_as_many_features(
    made: tuple[Scorecard, dict[str, Any]], n: int
) -> None:
    card, row = made
    told = card.score(row).strongest(n)
    for sign in (1, -1):
        named = [reason.feature for reason in told if sign * reason.points > 0]
        furthest = -sign * move(card, row, named)
        for others in combinations(card.features, len(named)):
            assert -sign * move(card, row, others) <= furthest + 1e-9


@given(scored())
def test_deletion__top_reasons_one_by_one__move_at_least_as_far_as_any_as_many_features(
    made: tuple[Scorecard, dict[str, Any]],
) -> None:
    card, row = made
    alone = {name: abs(move(card, row, [name])) for name in card.features}
    top = [reason.feature for reason in card.score(row).reasons[:TOP]]
    for others in combinations(card.features, len(top)):
        assert sum(alone[name] for name in others) <= sum(alone[name] for name in top) + 1e-9


@cache
def fitted() -> tuple[Scorecard, dict[str, Any]]:
    """A real card of single features, and the customers that it learned from."""
    made = world(3000)
    return fit_scorecard(made.X, made.y, pairs=0), made.X


def customers(count: int) -> list[dict[str, Any]]:
    _card, columns = fitted()
    return [{name: values[place] for name, values in columns.items()} for place in range(count)]


def spoken(row: dict[str, Any]) -> tuple[Contribution, ...]:
    return fitted()[0].score(row).reasons


def test_fitted_card__feature_drawn_from_those_it_learned_from__moves_by_the_points() -> None:
    card, columns = fitted()
    for row in customers(5):
        logit = card.score(row).logit
        for reason in spoken(row):
            others = [card.score({**row, reason.feature: value}).logit for value in columns[reason.feature]]
            assert logit - np.mean(others) == pytest.approx(reason.points, abs=1e-6)


def test_fitted_card__top_reasons_taken_away__move_further_than_others_by_the_mean_and_as_missing() -> None:
    card, _columns = fitted()
    by_mean, as_missing = [], []
    for row in customers(300):
        top = [reason.feature for reason in spoken(row)[:2]]
        others = [name for name in card.features if name not in top][:2]
        by_mean.append([abs(move(card, row, names)) for names in (top, others)])
        logit = card.score(row).logit
        lacking = [card.score({**row, **dict.fromkeys(names)}).logit for names in (top, others)]
        as_missing.append([abs(one - logit) for one in lacking])
    for moves in (by_mean, as_missing):
        top_mean, other_mean = np.mean(moves, axis=0)
        assert top_mean > 1.5 * other_mean
