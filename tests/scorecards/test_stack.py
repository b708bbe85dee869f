"""Many cards for one customer: together each gets what it gives alone, with NumPy and without."""

from __future__ import annotations

import subprocess
import sys
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crm_assist.scorecards import Calibration, CardError, Feature, Scorecard
from crm_assist.scorecards import stack as module
from crm_assist.scorecards.stack import stacked
from tests.scorecards.examples import LEVELS, small_card, wide_card

EDGES = (-1e300, -2.5, -0.1, 0.0, 5e-324, 0.3, 1.0, 30.0, 9007199254740992.0, 1e300)
NUMBERS = ("real", "whole", "money")
CATEGORIES = ("few", "yes")
POINTS = st.floats(-20, 20)
ways = pytest.mark.parametrize("numpy", [True, False], ids=["numpy", "python"])


@st.composite
def parts(draw: st.DrawFn, name: str) -> Feature:
    """A feature with some of the edges or levels that another card may have too."""
    if name in NUMBERS:
        edges = tuple(sorted(draw(st.sets(st.sampled_from(EDGES)))))
        points = draw(st.lists(POINTS, min_size=len(edges) + 2, max_size=len(edges) + 2))
        return Feature(name=name, kind="number", edges=edges, points=tuple(points))
    levels = tuple(draw(st.lists(st.sampled_from(LEVELS), unique=True)))
    points = draw(st.lists(POINTS, min_size=len(levels) + 2, max_size=len(levels) + 2))
    return Feature(name=name, kind="category", levels=levels, points=tuple(points))


@st.composite
def cards(draw: st.DrawFn) -> Scorecard:
    """A card of some features, in the order in which all cards have them."""
    names = sorted(draw(st.sets(st.sampled_from((*NUMBERS, *CATEGORIES)))), key=(*NUMBERS, *CATEGORIES).index)
    return Scorecard(
        parts=tuple(draw(parts(name)) for name in names),
        intercept=draw(POINTS),
        calibration=Calibration(slope=draw(st.floats(0.1, 30)), offset=draw(POINTS)),
    )


numbers = st.none() | st.floats() | st.integers() | st.decimals() | st.booleans() | st.timedeltas() | st.integers(-9, 9)
texts = st.none() | st.sampled_from(LEVELS) | st.text() | st.booleans() | st.integers()
any_row = st.fixed_dictionaries({name: numbers if name in NUMBERS else texts for name in (*NUMBERS, *CATEGORIES)})


@given(several=st.lists(cards(), max_size=6), row=any_row)
def test_one__any_cards_and_values__is_each_cards_own_to_the_last_digit(
    several: list[Scorecard], row: dict[str, Any]
) -> None:
    alone = [card.one(row) for card in several]
    assert stacked(several, numpy=True).one(row) == alone
    assert stacked(several, numpy=False).one(row) == alone


@given(several=st.lists(cards(), min_size=1, max_size=6), row=any_row, n=st.integers(1, 7))
def test_best__any_cards_and_values__are_the_first_of_all_in_order(
    several: list[Scorecard], row: dict[str, Any], n: int
) -> None:
    alone = [card.row_plan.logit(row) for card in several]
    places = sorted(range(len(several)), key=lambda place: -alone[place])[:n]
    expected = [(place, several[place].one(row)) for place in places]
    assert stacked(several, numpy=True).best(row, n) == expected
    assert stacked(several, numpy=False).best(row, n) == expected


@ways
def test_one__features_in_another_order__agrees_to_1e_9(numpy: bool) -> None:
    card = wide_card()
    other = replace(card, parts=tuple(reversed(card.parts)))
    row = {part.name: 0.3 if part.kind == "number" else "true" for part in card.parts}
    assert stacked([card, other], numpy=numpy).one(row) == pytest.approx([card.one(row), other.one(row)], abs=1e-9)


@ways
def test_one__same_name_of_two_kinds__is_read_by_each_in_its_own(numpy: bool) -> None:
    number = Scorecard(parts=(Feature(name="x", kind="number", edges=(5.0,), points=(-1.0, 1.0, 0.0)),), intercept=0.0)
    text = Scorecard(parts=(Feature(name="x", kind="category", levels=("7",), points=(0.5, 2.0, 0.0)),), intercept=0.0)
    row = {"x": 7}
    assert stacked([number, text], numpy=numpy).one(row) == [number.one(row), text.one(row)]


@ways
def test_one__beyond_exp__is_clamped_as_alone(numpy: bool) -> None:
    steep = Scorecard(parts=(Feature(name="x", kind="number", edges=(0.0,), points=(-1e9, 1e9, 0.0)),), intercept=0.0)
    for value in (-1.0, 1.0):
        assert stacked([steep, steep], numpy=numpy).one({"x": value}) == [steep.one({"x": value})] * 2
        assert stacked([steep, steep], numpy=numpy).best({"x": value}, 1) == [(0, steep.one({"x": value}))]


@ways
def test_one__unlike_edges_beyond_one_table__takes_several_and_stays_equal(
    monkeypatch: pytest.MonkeyPatch, numpy: bool
) -> None:
    monkeypatch.setattr(module, "MOST_CELLS", 20)
    several = [
        Scorecard(parts=(Feature(name="x", kind="number", edges=(i, i + 0.5), points=(i, 1, 2, 3)),), intercept=-i)
        for i in range(7)
    ]
    stack = stacked(several, numpy=numpy)
    assert len(stack.blocks) > 2
    assert stack.one({"x": 3.2}) == [card.one({"x": 3.2}) for card in several]
    best = sorted(((card.one({"x": 3.2}), -place) for place, card in enumerate(several)), reverse=True)
    assert stack.best({"x": 3.2}, 3) == [(-place, probability) for probability, place in best[:3]]


@ways
def test_one__a_card_that_has_pairs__is_asked_alone(numpy: bool) -> None:
    paired, plain = small_card(), small_card()
    row = {"balance": 250.0, "job": "nurse"}
    expected = [plain.one(row), paired.one(row), plain.one(row)]
    object.__setattr__(paired, "pairs", ("balance with job",))
    stack = stacked([plain, paired, plain], numpy=numpy)
    assert [place for place, _card in stack.apart] == [1]
    assert stack.one(row) == expected
    assert stack.best(row, 3) == [(place, expected[place]) for place in range(3)]


@ways
def test_one__feature_not_given_or_of_another_kind__is_named(numpy: bool) -> None:
    stack = stacked([small_card(), wide_card()], numpy=numpy)
    with pytest.raises(CardError, match="features not given: balance, job"):
        stack.one(dict.fromkeys(wide_card().features))
    with pytest.raises(CardError, match="feature 'balance': 'much' is not a number"):
        stack.one(dict.fromkeys(wide_card().features) | {"balance": "much", "job": None})


def test_stacked__no_cards__gives_nothing() -> None:
    assert stacked([]).one({}) == []
    assert stacked([]).best({}, 5) == []


def test_stacked__few_cards__load_no_numpy_and_many_do() -> None:
    code = (
        "import sys\n"
        "from crm_assist.scorecards import Scorecard\n"
        "from crm_assist.scorecards.stack import MANY, stacked\n"
        f"card = Scorecard.loads({small_card().dumps()!r})\n"
        "stacked([card] * (MANY - 1))\n"
        "print('numpy' in sys.modules)\n"
        "stacked([card] * MANY)\n"
        "print('numpy' in sys.modules)\n"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.split() == ["False", "True"]


def test_stacked__many_cards_without_numpy__are_scored_all_the_same() -> None:
    code = (
        "import sys\n"
        "sys.modules['numpy'] = None\n"
        "from crm_assist.scorecards import Scorecard\n"
        "from crm_assist.scorecards.stack import MANY, stacked\n"
        f"card = Scorecard.loads({small_card().dumps()!r})\n"
        "row = {'balance': 5, 'job': 'clerk'}\n"
        "print(set(stacked([card] * MANY).one(row)) == {card.one(row)})\n"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "True"
