"""Many cards for one customer: together each gets what it gives alone, with NumPy and without."""

from __future__ import annotations

import subprocess
import sys
from dataclasses import replace
from itertools import permutations
from random import Random
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crm_assist.scorecards import Calibration, CardError, Feature, Pair, Scorecard
from crm_assist.scorecards import stack as module
from crm_assist.scorecards.stack import stacked
from tests.scorecards.examples import LEVELS, paired_card, small_card, wide_card

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
def cards(draw: st.DrawFn, *, paired: bool = False) -> Scorecard:
    """A card of some features, in the order in which all cards have them; with some of their pairs where `paired`."""
    names = sorted(draw(st.sets(st.sampled_from((*NUMBERS, *CATEGORIES)))), key=(*NUMBERS, *CATEGORIES).index)
    features = tuple(draw(parts(name)) for name in names)
    met = draw(st.sets(st.sampled_from(list(permutations(features, 2))), max_size=4)) if paired and names[1:] else ()
    once = {frozenset((one.name, other.name)): (one, other) for one, other in met}
    return Scorecard(
        parts=features,
        pairs=tuple(draw(pairs(*two)) for two in once.values()),
        intercept=draw(POINTS),
        calibration=Calibration(slope=draw(st.floats(0.1, 30)), offset=draw(POINTS)),
    )


@st.composite
def pairs(draw: st.DrawFn, one: Feature, other: Feature) -> Pair:
    """What two features add together, whichever of them the pair names first."""
    seed, scale = draw(st.integers(0, 2**32)), draw(POINTS)
    random = Random(seed)
    points = tuple(scale * random.uniform(-1, 1) for _ in range(one.size * other.size))
    return Pair(first=one.name, second=other.name, width=other.size, points=points)


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


@given(several=st.lists(cards(paired=True) | cards(), max_size=6), row=any_row)
def test_one__any_cards_some_with_pairs__is_each_cards_own(several: list[Scorecard], row: dict[str, Any]) -> None:
    alone = [card.one(row) for card in several]
    assert stacked(several, numpy=True).one(row) == pytest.approx(alone, abs=1e-9)
    assert stacked(several, numpy=False).one(row) == pytest.approx(alone, abs=1e-9)


@given(several=st.lists(cards(paired=True) | cards(), min_size=1, max_size=6), row=any_row, n=st.integers(1, 7))
def test_best__any_cards_some_with_pairs__are_the_highest_of_all(
    several: list[Scorecard], row: dict[str, Any], n: int
) -> None:
    alone = [card.one(row) for card in several]
    highest = sorted(alone, reverse=True)[:n]
    for numpy in (True, False):
        found = stacked(several, numpy=numpy).best(row, n)
        assert [probability for _place, probability in found] == pytest.approx(highest, abs=1e-9)
        assert [alone[place] for place, _probability in found] == pytest.approx(highest, abs=1e-9)
        assert len({place for place, _probability in found}) == len(found)


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
def test_one__pairs_of_unlike_edges__are_looked_up_in_each_cards_own_bins(numpy: bool) -> None:
    def card(*edges: float) -> Scorecard:
        x = Feature(name="x", kind="number", edges=edges, points=(0.0,) * (len(edges) + 2))
        job = Feature(name="job", kind="category", levels=("clerk",), points=(0.0,) * 3)
        points = tuple(0.1 * cell for cell in range(x.size * job.size))
        return Scorecard(
            parts=(x, job), pairs=(Pair(first="job", second="x", width=x.size, points=points),), intercept=0.0
        )

    several = [card(1.0), card(1.0, 2.0), replace(card(3.0), pairs=())]
    stack = stacked(several, numpy=numpy)
    for x in (0.0, 1.0, 1.5, 2.0, 9.0, None):
        for job in ("clerk", "nurse", None):
            row = {"x": x, "job": job}
            assert stack.one(row) == pytest.approx([each.one(row) for each in several], abs=1e-12)


@ways
def test_one__pair_beyond_exp__is_clamped_as_alone(numpy: bool) -> None:
    x, y = (Feature(name=name, kind="number", edges=(0.0,), points=(0.0, 0.0, 0.0)) for name in "xy")
    steep = Pair(first="x", second="y", width=3, points=(-1e9, 1e9, 0.0) * 3)
    card = Scorecard(parts=(x, y), pairs=(steep,), intercept=0.0)
    for value in (-1.0, 1.0):
        row = {"x": 0.0, "y": value}
        assert stacked([card], numpy=numpy).one(row) == [card.one(row)]
        assert stacked([card], numpy=numpy).best(row, 1) == [(0, card.one(row))]


@ways
def test_one__pairs_beyond_one_table__stay_with_their_cards(monkeypatch: pytest.MonkeyPatch, numpy: bool) -> None:
    monkeypatch.setattr(module, "MOST_CELLS", 20)
    several = [paired_card(), wide_card(), paired_card()]
    stack = stacked(several, numpy=numpy)
    assert len(stack.blocks) == 3
    row = {part.name: 0.3 if part.kind == "number" else "true" for part in wide_card().parts}
    assert stack.one(row) == pytest.approx([card.one(row) for card in several], abs=1e-12)
    order = sorted(range(3), key=lambda place: -several[place].one(row))
    assert [place for place, _probability in stack.best(row, 3)] == order


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
