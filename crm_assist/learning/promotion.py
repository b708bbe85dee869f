"""Whether a challenger may take the champion's place: only when it was better in time by more than chance. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from math import isfinite, log, log1p, sqrt
from statistics import fmean, stdev
from typing import Literal

LEAST_BLOCKS = 5
NEAREST = 1e-15
"""How near to 0 and 1 a probability is taken at its word: none costs an infinite loss."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Promotion:
    """The verdict on a challenger, with what it rests on.

    `gain` is how much lower its mean loss was than the champion's, `error` the standard error of that mean between
    blocks. `pass` promotes; `hold` (not clearly better, or too few blocks) and `fail` (clearly worse) do not.
    """

    verdict: Literal["pass", "hold", "fail"]
    gain: float
    error: float
    blocks: int

    @property
    def promoted(self) -> bool:
        """Whether the challenger takes the champion's place."""
        return self.verdict == "pass"


def judge_challenger(champion: Sequence[float], challenger: Sequence[float]) -> Promotion:
    """Return whether the challenger may be promoted, given both cards' held-out losses per block of time, in order.

    The rule of one standard error (Breiman and others 1984), turned against the newcomer: the mean of the paired
    differences must exceed its standard error between blocks, since contacts of one block share its fate. With fewer
    than 5 blocks the verdict is `hold`. ValueError for unequal lengths or a loss that is no finite number.
    """
    if len(champion) != len(challenger):
        raise ValueError(
            f"the champion has {len(champion)} losses, the challenger {len(challenger)}; give both for the same blocks"
        )
    for name, losses in (("champion", champion), ("challenger", challenger)):
        for place, loss in enumerate(losses):
            if not isfinite(loss):
                raise ValueError(f"{name}[{place}] is {loss!r}; every loss must be a finite number")
    gains = [old - new for old, new in zip(champion, challenger, strict=True)]
    if len(gains) < LEAST_BLOCKS:
        return Promotion(verdict="hold", gain=fmean(gains) if gains else 0.0, error=0.0, blocks=len(gains))
    gain, error = fmean(gains), stdev(gains) / sqrt(len(gains))
    verdict: Literal["pass", "hold", "fail"] = "pass" if gain > error else "fail" if gain < -error else "hold"
    return Promotion(verdict=verdict, gain=gain, error=error, blocks=len(gains))


def mean_loss(outcomes: Iterable[int], probabilities: Iterable[float]) -> float:
    """Return the mean negative log-likelihood of outcomes (0 or 1) in nats: the loss of one block of time.

    ValueError where there is no row, or not a probability for each.
    """
    held = [
        (outcome, min(max(probability, NEAREST), 1.0 - NEAREST))
        for outcome, probability in zip(outcomes, probabilities, strict=True)
    ]
    if not held:
        raise ValueError("there is no outcome; give at least one row")
    return -fmean(log(probability) if outcome else log1p(-probability) for outcome, probability in held)
