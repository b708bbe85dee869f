"""Bank Marketing in time order, group by group: are rates what the cards said, and is each kind of contact served?

The scores are those of B1, of the same run. Its calendar is that of the data: months in their order since 2008.
"""

from __future__ import annotations

from functools import cache

import numpy as np
import numpy.typing as npt

from benchmarks.bank_marketing import load, load_months
from benchmarks.figure import Measured, Run, figure
from benchmarks.figures.in_time import NEEDS, said, start, truth
from benchmarks.honesty import Cell, Said, cells, excess_ece
from crm_assist.scorecards.parts import LEVEL
from crm_assist.scoring.live import BANDS, band

LEAST_IN_CELL = 100
"""Contacts of a band and a month: in fewer, a range of binomial noise holds almost any rate."""
LEAST_IN_SEGMENT = 1_000
AGES = {"under 30": 0, "30 to 39": 30, "40 to 49": 40, "50 to 59": 50, "60 and over": 60}
SEED = 9

Groups = dict[str, npt.NDArray[np.bool_]]


def _months_and_bands() -> Groups:
    """The contacts of each month in each band, as an agent sees it, as masks of shape (n,)."""
    answers, base = said()
    shown = np.array([band(*one) for one in zip(answers.probability.tolist(), base.tolist(), strict=True)])
    month = np.array(load_months()[start() :])
    return {f"{name} {each}": (shown == name) & (month == each) for each in sorted(set(month)) for name in BANDS}


def _chance_alone(answers: Said) -> Said:
    return Said(probability=answers.probability, low=answers.probability, high=answers.probability)


@figure("B1.bands", bar=0.85, better="higher", unit="", needs=NEEDS, whole=True)
def b1_bands(run: Run) -> Measured:
    """The share of bands and months whose rate lies where the cards' 90 % intervals and binomial noise put it.

    Nine in ten are to be expected. There are a few dozen such cells, so that the share has a standard error of 0.05 or
    more, and a miss by less than that is a tie.
    """
    (answers, _base), y, groups = said(), truth(), _months_and_bands()
    found = cells(answers, y, groups, least=LEAST_IN_CELL, draw=np.random.default_rng(SEED))
    alone = cells(_chance_alone(answers), y, groups, least=LEAST_IN_CELL, draw=np.random.default_rng(SEED))
    worst = max(found, key=lambda cell: cell.miss)
    rows = sum(cell.rows for cell in found)
    return Measured(
        value=_held(found),
        reference=(
            f"expected {LEVEL}; {len(found)} cells of {LEAST_IN_CELL} or more, {rows:,} of {len(y):,} contacts; by "
            f"binomial noise alone {_held(alone):.2f}; worst {worst.name}: {worst.rate:.2f} in {worst.low:.2f} to "
            f"{worst.high:.2f}"
        ),
        detail={"cells": float(len(found)), "noise_alone": _held(alone)}
        | {f"{cell.name} {what}": getattr(cell, what) for cell in found for what in ("rows", "rate", "low", "high")},
    )


def _held(found: list[Cell]) -> float:
    return sum(cell.holds for cell in found) / len(found)


@cache
def _excess() -> dict[str, float]:
    """By segment of enough contacts, its calibration error beyond that of chance."""
    columns, _outcomes, _place = load()
    job, channel, age = (np.array(columns[name][start() :]) for name in ("job", "contact", "age"))
    decade = np.array(list(AGES))[np.searchsorted(list(AGES.values()), age, side="right") - 1]
    segments = {
        f"{kind} {name}": values == name
        for kind, values in {"job": job, "age": decade, "channel": channel}.items()
        for name in dict.fromkeys(values.tolist())
    }
    (answers, _base), y, draw = said(), truth(), np.random.default_rng(SEED)
    return {
        name: excess_ece(y[mask], answers.probability[mask], draw=draw)
        for name, mask in segments.items()
        if mask.sum() >= LEAST_IN_SEGMENT
    }


@figure("B1.segments", bar=0.03, better="lower", unit=" ECE", needs=NEEDS, whole=True)
def b1_segments(run: Run) -> Measured:
    """The largest excess of a segment's ECE over that of a perfectly calibrated score: jobs, age bands, channels.

    The bar is what all contacts together are allowed: no segment of a thousand may be worse served than that.
    """
    found = _excess()
    worst = max(found, key=found.__getitem__)
    each = ", ".join(f"{name} {value:.3f}" for name, value in sorted(found.items(), key=lambda one: -one[1]))
    return Measured(value=found[worst], reference=f"of {len(found)} segments: {each}", detail=found)


@figure("B1.segments.median", bar=0.015, better="lower", unit=" ECE", needs=NEEDS, whole=True)
def b1_segments_median(run: Run) -> Measured:
    """The median of the same: half of what the worst is allowed."""
    found = _excess()
    return Measured(value=float(np.median(list(found.values()))), reference=f"{len(found)} segments", detail=found)
