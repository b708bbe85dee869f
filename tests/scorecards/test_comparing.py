"""Two cards compared: what came, went and moved, and by how much for the typical customer."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crm_assist.scorecards import Calibration, Feature, Pair, Scorecard
from crm_assist.scorecards.comparing import compare
from tests.scorecards.examples import category, number, small_card, wide_card

points = st.floats(-3, 3)
edges = st.lists(st.integers(-50, 50).map(float), max_size=5, unique=True).map(sorted).map(tuple)


@st.composite
def features(draw: st.DrawFn) -> Feature:
    own = draw(edges)
    size = len(own) + 2
    weights = draw(st.lists(st.floats(0.1, 5), min_size=size, max_size=size))
    return Feature(
        name="x",
        kind="number",
        edges=own,
        points=tuple(draw(st.lists(points, min_size=size, max_size=size))),
        share=tuple(weight / sum(weights) for weight in weights),
    )


def card_of(*parts: Feature, intercept: float = -1.0) -> Scorecard:
    return Scorecard(parts=parts, intercept=intercept)


def test_compare__a_card_with_itself__is_the_same_throughout() -> None:
    found = compare(wide_card(), wide_card())
    assert {change.kind for change in found.changes} == {"same"}
    assert {change.move for change in found.changes} == {0.0}
    assert found.usual_before == found.usual_after


@given(old=features(), new=features())
def test_compare__either_way_round__moves_alike(old: Feature, new: Feature) -> None:
    there, back = compare(card_of(old), card_of(new)), compare(card_of(new), card_of(old))
    assert there.changes[0].move == pytest.approx(back.changes[0].move, abs=1e-12)


@given(old=features(), by=st.floats(-2, 2))
def test_compare__all_points_moved_alike__is_that_move(old: Feature, by: float) -> None:
    new = replace(old, points=tuple(value + by for value in old.points))
    [change] = compare(card_of(old), card_of(new)).changes
    assert change.move == pytest.approx(abs(by), abs=1e-9)
    assert sum(cell.share for cell in change.cells) == pytest.approx(1.0)


@given(old=features(), new=features())
def test_compare__cells_of_a_number__are_the_bins_of_the_newer_card(old: Feature, new: Feature) -> None:
    [change] = compare(card_of(old), card_of(new)).changes
    told = {cell.cell.code: cell.after for cell in change.cells}
    assert told == pytest.approx(dict(enumerate(new.points)))


def test_compare__largest_move__comes_first_and_features_come_and_go() -> None:
    old = card_of(number("a", (1.0,), (0.1, 0.1, 0.1)), category("b", ("x",), (0.0, 0.5, 0.0)))
    new = card_of(number("a", (1.0,), (0.2, 0.1, 0.1)), number("c", (), (2.0, 2.0)))
    found = compare(old, new)
    assert [(change.names[0], change.kind) for change in found.changes] == [
        ("c", "came"),
        ("b", "went"),
        ("a", "moved"),
    ]
    assert found.changes[0].move == pytest.approx(2.0)
    assert found.changes[2].cells[0].cell.high == 1.0


def test_compare__read_as_another_kind__goes_and_comes() -> None:
    found = compare(card_of(number("a", (), (1.0, 0.0))), card_of(category("a", (), (1.0, 0.0))))
    assert {change.kind for change in found.changes} == {"went", "came"}


def test_compare__level_pooled_now__is_compared_with_the_rest() -> None:
    old = category("job", ("clerk", "nurse"), (0.0, 1.0, 2.0, 0.0))
    new = category("job", ("clerk",), (0.5, 1.0, 0.0))
    [change] = compare(card_of(old), card_of(new)).changes
    told = {cell.cell.level or cell.cell.code: (cell.before, cell.after) for cell in change.cells}
    assert (told["nurse"], told["clerk"], told[0]) == ((2.0, 0.5), (1.0, 1.0), (0.0, 0.5))


def test_compare__calibration_changed__is_in_the_points() -> None:
    old = small_card()
    found = compare(old, replace(old, calibration=Calibration(slope=1.8, offset=-0.1), golden=()))
    cell = next(c for change in found.changes for c in change.cells if c.cell.level == "nurse")
    assert (cell.before, cell.after) == pytest.approx((0.36, 0.72))


def test_effect__of_a_move__is_that_on_the_usual_customer() -> None:
    found = compare(card_of(intercept=0.0), card_of(intercept=0.0))
    assert (found.effect(0.0), found.effect(1.0)) == pytest.approx((0.0, 0.2310586), abs=1e-6)
    assert compare(card_of(intercept=900.0), card_of(intercept=900.0)).effect(1.0) == 0.0


def paired(first: float) -> Scorecard:
    """A card with a pair of which one cell alone has points and customers."""
    parts = (number("a", (1.0,), (0.0,) * 3), number("b", (1.0,), (0.0,) * 3))
    pair = Pair(first="a", second="b", width=3, points=(first,) + (0.0,) * 8, share=(1.0,) + (0.0,) * 8)
    return Scorecard(parts=parts, pairs=(pair,), intercept=0.0)


def test_compare__pairs__come_go_and_move() -> None:
    plain = card_of(number("a", (1.0,), (0.0,) * 3), number("b", (1.0,), (0.0,) * 3))

    def of_pair(old: Scorecard, new: Scorecard) -> tuple[str, float]:
        return next((one.kind, one.move) for one in compare(old, new).changes if one.names == ("a", "b"))

    assert of_pair(plain, paired(0.5)) == ("came", 0.5)
    assert of_pair(paired(0.5), plain) == ("went", 0.5)
    assert of_pair(paired(0.5), paired(0.75)) == ("moved", 0.25)
    assert of_pair(paired(0.5), paired(0.5)) == ("same", 0.0)
