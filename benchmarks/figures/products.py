"""Many products for one customer, top five: one stacked structure against one card's bare probability."""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import replace
from functools import cache
from itertools import combinations

from benchmarks.figure import Measured, Run, figure
from benchmarks.timing import duration, interleave, times
from crm_assist.scorecards import Feature, Pair, Scorecard
from crm_assist.scorecards.stack import stacked

NUMBERS, CATEGORIES, EDGES, LEVELS = 12, 8, 15, 10
PAIRS = 12
TOP = 5
CUSTOMERS = 20

Row = dict[str, object]


@cache
def _cards(count: int, *, pairs: int = 0) -> tuple[Scorecard, ...]:
    """Cards of 20 features with shared edges and levels, each with points of its own.

    Every second card, the first one included, has so many pairs of features, which are its own too.
    """
    draw = random.Random(11)
    edges = [tuple(sorted(draw.gauss(0, 1) for _ in range(EDGES))) for _ in range(NUMBERS)]
    levels = tuple(f"level {number}" for number in range(LEVELS))

    def points(size: int) -> tuple[float, ...]:
        return tuple(draw.gauss(0, 0.3) for _ in range(size))

    def card() -> Scorecard:
        numbers = [Feature(name=f"n{i}", kind="number", edges=e, points=points(EDGES + 2)) for i, e in enumerate(edges)]
        texts = [
            Feature(name=f"t{i}", kind="category", levels=levels, points=points(LEVELS + 2)) for i in range(CATEGORIES)
        ]
        return Scorecard(parts=(*numbers, *texts), intercept=draw.gauss(-2, 1))

    def paired(card: Scorecard) -> Scorecard:
        met = draw.sample(list(combinations(card.parts, 2)), pairs)
        return replace(
            card,
            pairs=tuple(
                Pair(first=a.name, second=b.name, width=b.size, points=points(a.size * b.size)) for a, b in met
            ),
        )

    return tuple(paired(card()) if place % 2 == 0 else card() for place in range(count))


def _rows() -> list[Row]:
    draw = random.Random(12)
    return [
        {f"n{i}": draw.gauss(0, 1) for i in range(NUMBERS)}
        | {f"t{i}": f"level {draw.randrange(LEVELS + 1)}" for i in range(CATEGORIES)}
        for _ in range(CUSTOMERS)
    ]


def _best(count: int, *, numpy: bool, pairs: int = 0) -> Callable[[], object]:
    """The best five of so many products for each customer."""
    stack, rows = stacked(_cards(count, pairs=pairs), numpy=numpy), _rows()
    return lambda: [stack.best(row, TOP) for row in rows]


def _one(*, pairs: int = 0) -> Callable[[], object]:
    one, rows = _cards(1, pairs=pairs)[0].one, _rows()
    return lambda: [one(row) for row in rows]


def _ratio(run: Run, many: Callable[[], object], few: Callable[[], object], told: str) -> Measured:
    slow, fast = interleave(many, few, repeats=run.size(full=41, quick=21))
    each, other = slow.median / CUSTOMERS, fast.median / CUSTOMERS
    return Measured(
        value=times(slow, fast),
        reference=f"{duration(each)}; {told} {duration(other)}",
        detail={"many_s": each, "few_s": other, "spread": slow.spread},
    )


@figure("products", bar=5, better="lower", needs=("learn",))
def products(run: Run) -> Measured:
    """50 products and the best five of them, with NumPy, against one card's bare probability."""
    return _ratio(run, _best(50, numpy=True), _one(), "one card's bare probability")


@figure("products.python", bar=60, better="lower")
def products_python(run: Run) -> Measured:
    """The same without NumPy."""
    return _ratio(run, _best(50, numpy=False), _one(), "one card's bare probability")


@figure("products.200", bar=2, better="lower", needs=("learn",))
def products_200(run: Run) -> Measured:
    """200 products with NumPy, against 50."""
    return _ratio(run, _best(200, numpy=True), _best(50, numpy=True), "50 products")


@figure("products.pairs", bar=5, better="lower", needs=("learn",))
def products_pairs(run: Run) -> Measured:
    """50 products, half of whose cards have twelve pairs, against the bare probability of one card with pairs."""
    many = _best(50, numpy=True, pairs=PAIRS)
    return _ratio(run, many, _one(pairs=PAIRS), f"one card's bare probability with {PAIRS} pairs")


@figure("products.pairs.200", bar=2, better="lower", needs=("learn",))
def products_pairs_200(run: Run) -> Measured:
    """200 such products, against 50."""
    many, few = (_best(count, numpy=True, pairs=PAIRS) for count in (200, 50))
    return _ratio(run, many, few, f"50 products, half of them with {PAIRS} pairs")
