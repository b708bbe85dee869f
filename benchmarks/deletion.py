"""The deletion test of reasons: taking the top reasons away must move a score more than taking away any features."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from crm_assist.scorecards import Score, Scorecard

Floats = npt.NDArray[np.float64]
Row = Mapping[str, Any]


@dataclass(frozen=True, kw_only=True, slots=True)
class Moves:
    """How far the log-odds of each customer move, shape (n,), by deleting the top reasons and by features at random."""

    top: Floats
    random: Floats

    @property
    def ratio(self) -> float:
        """How many times as far the top reasons move a score, in the mean over customers."""
        return float(self.top.mean() / self.random.mean())

    @property
    def share(self) -> float:
        """The share of customers whose score the top reasons move further; an equal move counts half."""
        return float(((self.top > self.random) + 0.5 * (self.top == self.random)).mean())


def deletions(
    card: Scorecard, rows: Sequence[Row], others: Sequence[Row], *, reasons: int, seed: int
) -> tuple[Moves, Moves]:
    """Return the moves by taking the mean customer's points, and those by taking another customer's values.

    The features of the `reasons` strongest go (both of a pair), and as many features of the card drawn at random, the
    top ones among them. The other customer is the same for both, drawn from `others`: those that the card learned
    from, against whom its reasons are measured. Among customers of one day all share the day's interest rate.
    """
    draw = np.random.default_rng(seed)
    by_mean: tuple[list[float], list[float]] = ([], [])
    by_other: tuple[list[float], list[float]] = ([], [])
    for row in rows:
        score = card.score(row)
        top = named(score, reasons)
        chosen = [card.features[place] for place in draw.choice(len(card.features), len(top), replace=False)]
        other = others[int(draw.integers(len(others)))]
        for place, names in enumerate((top, chosen)):
            by_mean[place].append(abs(resting_on(score, names)))
            changed = {**row, **{name: other[name] for name in names}}
            by_other[place].append(abs(card.score(changed).logit - score.logit))
    return _moves(*by_mean), _moves(*by_other)


def named(score: Score, reasons: int) -> list[str]:
    """The features that the strongest reasons rest on, each once."""
    told = score.reasons[:reasons]
    return list(dict.fromkeys(name for reason in told for name in (reason.feature, reason.beside) if name))


def resting_on(score: Score, names: Collection[str]) -> float:
    """The points that go when these features are those of the mean customer: their own and those of their pairs."""
    gone = set(names)
    return sum(one.points for one in score.contributions if one.feature in gone or one.beside in gone)


def _moves(top: list[float], random: list[float]) -> Moves:
    return Moves(top=np.array(top), random=np.array(random))
