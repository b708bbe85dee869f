"""Cards and tables that the tests of this room share."""

from __future__ import annotations

from dataclasses import replace

from crm_assist.scorecards import Calibration, Feature, Golden, Pair, Scorecard, Spread, Training

LEVELS = ("", "'quoted'", "%s", "100%", "NULL", "a\\b", "caf\u00e9", "cafe\u0301", "trailing ", "true", "{x}")


def number(name: str, edges: tuple[float, ...], points: tuple[float, ...]) -> Feature:
    size = len(edges) + 2
    return Feature(
        name=name,
        kind="number",
        edges=edges,
        points=points,
        share=(1.0 / size,) * size,
        diagonal=(0.01,) * size,
        factors=((0.02, -0.01, 0.005),) * size,
    )


def category(name: str, levels: tuple[str, ...], points: tuple[float, ...]) -> Feature:
    size = len(levels) + 2
    return Feature(
        name=name,
        kind="category",
        levels=levels,
        points=points,
        share=(1.0 / size,) * size,
        diagonal=(0.02,) * size,
        factors=((-0.02, 0.01, 0.0),) * size,
    )


def small_card() -> Scorecard:
    """One number and one category, with golden rows."""
    card = Scorecard(
        parts=(
            number("balance", (0.0, 1000.0), (-0.5, 0.1, 0.7, -0.2)),
            category("job", ("clerk", "nurse"), (0.05, -0.3, 0.4, 0.0)),
        ),
        intercept=-1.5,
        calibration=Calibration(slope=0.9, offset=-0.1),
        spread=Spread(diagonal=0.004, factors=(0.01, 0.0, 0.0)),
        trained=Training(rows=500, positives=60, until="2026-01-31", seed=3, auc=0.71, ece=0.01),
    )
    row = {"balance": 250.0, "job": "nurse"}
    golden = Golden(row=dict(row), probability=card.one(row))
    return Scorecard(**{**{n: getattr(card, n) for n in card.__dataclass_fields__}, "golden": (golden,)})


def wide_card() -> Scorecard:
    """Every way a value can reach a card: floats, integers, decimals, booleans, durations, many levels."""
    many = (*(f"level {i}" for i in range(40)), "'quoted'", "%s", "caf\u00e9")
    steps = (-1e300, -2.5, -0.1, 0.0, 5e-324, 0.3, 1.0, 30.0, 9007199254740992.0, 1e300)
    return Scorecard(
        parts=(
            number("real", steps, tuple(0.11 * i - 0.5 for i in range(len(steps) + 2))),
            number(
                "whole",
                (-5.0, 0.0, 9007199254740992.0, 9007199254740994.0),
                (0.4, 0.2, -0.1, 0.3, -0.6, 0.05),
            ),
            number("money", (0.1, 99.99, 100.0, 1e9), (-0.3, 0.1, 0.2, 0.3, 0.4, -0.15)),
            number("flag", (0.5,), (-0.2, 0.6, 0.01)),
            number("since", (0.5, 1.0, 365.25), (0.3, 0.2, -0.1, -0.4, 0.07)),
            number("flat", (), (0.03, -0.04)),
            category("few", LEVELS, tuple(0.07 * i - 0.3 for i in range(len(LEVELS) + 2))),
            category("many", many, tuple(0.02 * i - 0.4 for i in range(len(many) + 2))),
            category("digit", ("-1", "0", "7"), (0.1, 0.2, 0.3, 0.4, 0.5)),
            category("yes", ("true",), (-0.35, 0.25, 0.15)),
        ),
        intercept=-0.7,
        calibration=Calibration(slope=1.1, offset=0.05),
        spread=Spread(diagonal=0.001, factors=(0.0, 0.01, 0.0)),
    )


def pair(card: Scorecard, first: str, second: str, *, step: float = 0.013) -> Pair:
    """Two features of `card` together: points that differ from cell to cell and are not symmetric."""
    rows, width = card.part(first).size, card.part(second).size
    cells = rows * width
    points = tuple(step * ((7 * cell) % 19 - 9) for cell in range(cells))
    return Pair(
        first=first, second=second, width=width, points=points, share=(1.0 / cells,) * cells, diagonal=(0.003,) * cells
    )


def paired_card() -> Scorecard:
    """The wide card with pairs of every kind; one feature is in three of them, others in none."""
    card = wide_card()
    met = (("real", "few"), ("whole", "real"), ("many", "since"), ("flag", "real"), ("digit", "flat"))
    return replace(card, pairs=tuple(pair(card, *names) for names in met))
