"""Cards of any shape over the columns of the test's table, made by hypothesis."""

from __future__ import annotations

from itertools import combinations
from typing import Any

from hypothesis import strategies as st

from crm_assist.scorecards import Calibration, Feature, Pair, Scorecard, Spread
from tests.scorecards.examples import LEVELS

NUMBERS = ("real", "whole", "money", "flag", "since", "flat")
CATEGORIES = ("few", "many", "digit", "yes")
POINTS = st.floats(-50, 50) | st.sampled_from([0.0, -0.0, 1e-300, 700.0, -700.0, 1e6])
VARIANCES = st.floats(0, 3)
EDGES = st.lists(st.floats(allow_nan=False, allow_infinity=False), max_size=6, unique_by=lambda edge: edge + 0.0)
TEXTS = st.lists(
    st.sampled_from(LEVELS) | st.text(st.characters(exclude_characters="\0", exclude_categories=["Cs"]), max_size=6),
    max_size=6,
    unique=True,
)


def _row(draw: Any, values: Any, size: int) -> tuple[Any, ...]:
    return tuple(draw(st.lists(values, min_size=size, max_size=size)))


@st.composite
def made_card(draw: Any) -> Scorecard:
    """A card of all columns: any edges, levels, points, calibration, and up to four pairs of its features."""
    parts = []
    for name in (*NUMBERS, *CATEGORIES):
        is_number = name in NUMBERS
        edges = tuple(sorted(draw(EDGES))) if is_number else ()
        levels = () if is_number else tuple(draw(TEXTS))
        size = len(edges) + len(levels) + 2
        parts.append(
            Feature(
                name=name,
                kind="number" if is_number else "category",
                edges=edges,
                levels=levels,
                points=_row(draw, POINTS, size),
                diagonal=_row(draw, VARIANCES, size),
            )
        )
    sizes = {part.name: part.size for part in parts}
    met = draw(st.lists(st.sampled_from(list(combinations(sizes, 2))), max_size=4, unique=True))
    pairs = [Pair(first=a, second=b, width=sizes[b], points=_row(draw, POINTS, sizes[a] * sizes[b])) for a, b in met]
    return Scorecard(
        parts=tuple(parts),
        pairs=tuple(pairs),
        intercept=draw(POINTS),
        calibration=Calibration(slope=draw(st.floats(0.05, 20)), offset=draw(st.floats(-5, 5))),
        spread=Spread(diagonal=draw(VARIANCES)),
    )
