"""Is what a card says true of groups of customers? Pure: answers and outcomes go in, chance is drawn from `draw`.

No rate of a group is exact, so each is held against what chance alone would make of a card that is right.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from benchmarks.free_models import Columns, Floats
from crm_assist.learning.evaluation import ece
from crm_assist.scorecards import Scorecard
from crm_assist.scorecards.parts import LEVEL, QUANTILE

DRAWS = 1_000


@dataclass(frozen=True, kw_only=True, slots=True)
class Said:
    """What was said of rows before their outcome was known: the probability and its 90 % interval, shape (n,)."""

    probability: Floats
    low: Floats
    high: Floats

    def rows(self, which: npt.NDArray[Any]) -> Said:
        """The same of some of the rows, by a mask or by their places."""
        return Said(probability=self.probability[which], low=self.low[which], high=self.high[which])


@dataclass(frozen=True, kw_only=True, slots=True)
class Cell:
    """Rows of one group: the rate of their outcomes, and the range in which it was to be expected."""

    name: str
    rows: int
    rate: float
    low: float
    high: float

    @property
    def holds(self) -> bool:
        """Whether the rate is in the range."""
        return self.low <= self.rate <= self.high

    @property
    def miss(self) -> float:
        """How far the rate is outside; 0 inside."""
        return max(self.low - self.rate, self.rate - self.high, 0.0)


def said_of(card: Scorecard, columns: Columns) -> Said:
    """What a card says of the rows of `columns`, one by one as it does while an agent waits."""
    names = list(columns)
    rows = zip(*(np.asarray(values).tolist() for values in columns.values()), strict=True)
    scores = [card.score(dict(zip(names, row, strict=True))) for row in rows]
    low, high = np.array([score.interval for score in scores]).T
    return Said(probability=np.array([score.probability for score in scores]), low=low, high=high)


def expected_range(said: Said, *, draw: np.random.Generator, draws: int = DRAWS) -> tuple[float, float]:
    """Between which rates the outcomes of these rows lie nine times in ten, if the card knows how sure it is.

    Each draw moves all log-odds by one and the same part of their own doubt, because the customers of a group share
    the points that may be wrong, and then draws an outcome for each row: binomial noise.
    """
    logit, doubt = _log_odds(said.probability), (_log_odds(said.high) - _log_odds(said.low)) / (2.0 * QUANTILE)
    moved = (1.0 / (1.0 + np.exp(-(logit + draw.normal() * doubt))) for _ in range(draws))
    rates = [float((draw.random(len(logit)) < probability).mean()) for probability in moved]
    aside = (1.0 - LEVEL) / 2.0
    low, high = np.quantile(rates, [aside, 1.0 - aside], method="inverted_cdf")
    return float(low), float(high)


def cells(
    said: Said, y: Any, groups: Mapping[str, npt.NDArray[np.bool_]], *, least: int, draw: np.random.Generator
) -> list[Cell]:
    """Each group of at least so many rows, given as masks, its rate against the range to be expected."""
    outcomes, found = np.asarray(y), []
    for name, mask in groups.items():
        rows = int(mask.sum())
        if rows >= least:
            low, high = expected_range(said.rows(mask), draw=draw)
            found.append(Cell(name=name, rows=rows, rate=float(outcomes[mask].mean()), low=low, high=high))
    return found


def excess_ece(y: Any, probability: Floats, *, draw: np.random.Generator, draws: int = DRAWS) -> float:
    """By how much the calibration error, in ten equal bins, exceeds the mean of a perfectly calibrated score's.

    The latter is what outcomes drawn from the probabilities themselves give: few rows make an error of any score.
    """
    perfect = [ece(draw.random(len(probability)) < probability, probability) for _ in range(draws)]
    return ece(y, probability) - float(np.mean(perfect))


def _log_odds(probability: Floats) -> Floats:
    held = np.clip(probability, 1e-12, 1.0 - 1e-12)
    result: Floats = np.log(held / (1.0 - held))
    return result
