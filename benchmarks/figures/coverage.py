"""Does the card's 90 % interval hold the truth? On a simulated bank, where the truth is known."""

from __future__ import annotations

from functools import cache

import numpy as np
import numpy.typing as npt

from benchmarks.figure import Measured, Run, figure
from benchmarks.honesty import said_of
from benchmarks.simulated_bank import simulated
from crm_assist.learning import fit_scorecard
from crm_assist.scorecards.parts import LEVEL

ROWS = 20_000
BANKS = 5
DECILES = 10


@cache
def _covered() -> npt.NDArray[np.float64]:
    """The share of fresh customers whose true probability is in the interval, shape (banks, deciles of the score)."""
    return np.array([_by_decile(bank) for bank in range(BANKS)])


def _by_decile(bank: int) -> list[float]:
    past, fresh = simulated(ROWS, seed=2 * bank), simulated(ROWS, seed=2 * bank + 1)
    card = fit_scorecard(past.columns, past.outcome)
    said = said_of(card, fresh.columns)
    inside = (said.low <= fresh.probability) & (fresh.probability <= said.high)
    order = np.argsort(said.probability, kind="stable")
    return [float(inside[part].mean()) for part in np.array_split(order, DECILES)]


def _measured() -> tuple[npt.NDArray[np.float64], str]:
    found = _covered()
    return found, f"simulated, {BANKS} x {ROWS:,} fresh customers, bar 0.87 to 0.93"


@figure("coverage", bar=0.03, better="lower", unit=" off", needs=("learn",), whole=True)
def coverage(run: Run) -> Measured:
    """How far the share of true probabilities in the interval is from 0.90, over all customers."""
    found, told = _measured()
    every = float(found.mean())
    error = float(found.mean(axis=1).std(ddof=1) / np.sqrt(BANKS))
    reference = f"{every:.3f} covered (SE {error:.3f}); {told}"
    return Measured(value=abs(every - LEVEL), reference=reference, detail={"covered": every})


@figure("coverage.decile", bar=0.03, better="lower", unit=" off", needs=("learn",), whole=True)
def coverage_decile(run: Run) -> Measured:
    """The same in the decile of the score that is furthest off."""
    found, told = _measured()
    deciles = found.mean(axis=0)
    worst = int(np.abs(deciles - LEVEL).argmax())
    return Measured(
        value=float(abs(deciles[worst] - LEVEL)),
        reference=f"{deciles[worst]:.3f} in decile {worst + 1}, of {deciles.min():.3f} to {deciles.max():.3f}; {told}",
        detail={f"decile_{place}": float(share) for place, share in enumerate(deciles, start=1)},
    )
