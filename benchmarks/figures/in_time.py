"""Bank Marketing in time order: what a bank that refits on a schedule would have shown, and what refitting is worth."""

from __future__ import annotations

from functools import cache
from typing import Any

import numpy as np

from benchmarks import free_models
from benchmarks.bank_marketing import load
from benchmarks.beside import Beside
from benchmarks.figure import Measured, Run, figure
from benchmarks.free_models import Fit, Floats
from benchmarks.honesty import Said, said_of
from benchmarks.needs import absent
from crm_assist.learning import evaluation, fit_scorecard

NEEDS = ("shared_data", "learn")
WINDOW = 20_000
FIRST_SCORED = 27_690
"""The first row of 2009, where the world has changed."""
STEP = 250
"""The world changes fast in these data: rarer refits answer another question."""
FROZEN = 0.570
"""The AUC of a LightGBM that was fitted before `FIRST_SCORED` and never again."""


def _ours(seen: Any, told: Any) -> Any:
    return fit_scorecard(seen, told, time=range(len(told))).probability


def _ours_in_full(seen: Any, told: Any) -> Any:
    """What the card says of a row: probability, both ends of the interval, and its usual rate, shape (n, 4)."""
    card = fit_scorecard(seen, told, time=range(len(told)))
    base = card.trained.positives / card.trained.rows

    def score(columns: Any) -> Floats:
        answers = said_of(card, columns)
        return np.stack([answers.probability, answers.low, answers.high, np.full(len(answers.low), base)], axis=1)

    return score


@cache
def _rolling(fit: Fit) -> Floats:
    columns, outcomes, _place = load()
    return evaluation.rolling_scores(columns, outcomes, start=start(), window=WINDOW, step=STEP, fit=fit)


@cache
def start() -> int:
    """The place of the first row that is scored, among the rows that are at hand."""
    _columns, _outcomes, place = load()
    return int(np.searchsorted(place, FIRST_SCORED))


def truth() -> Any:
    """The outcomes of the scored rows, shape (n,)."""
    _columns, outcomes, _place = load()
    return outcomes[start() :]


def said() -> tuple[Said, Floats]:
    """What the card of each block said of its rows, and the usual rate of that card: fitted once in a run."""
    probability, low, high, base = _rolling(_ours_in_full).T
    return Said(probability=probability, low=low, high=high), base


def _frozen(fit: Fit) -> Floats:
    """The scores by one model of all rows before."""
    columns, outcomes, _place = load()
    first = start()
    arrays = {name: np.asarray(values) for name, values in columns.items()}
    score = fit({name: values[:first] for name, values in arrays.items()}, outcomes[:first])
    return score({name: values[first:] for name, values in arrays.items()})


@figure("B1", bar=0.750, better="higher", unit=" AUC", needs=NEEDS, whole=True)
def b1(run: Run) -> Measured:
    """Bank Marketing in time order: refit on the 20,000 rows before each block of 250, pool the scores."""
    y, scores = truth(), said()[0].probability
    told = f"ECE {evaluation.ece(y, scores):.3f} every {STEP} rows; goal 0.765"
    alone = Beside(y=y, ours=scores, free={})
    if absent(("lightgbm",)):
        reference = f"LightGBM 0.762 as published, SE {alone.error:.3f}; {told}"
        return Measured(value=alone.auc, reference=reference, detail=alone.detail())
    free = {"LightGBM": _rolling(free_models.lightgbm), "HistGB": _rolling(free_models.histogram_boosting)}
    found = Beside(y=y, ours=scores, free=free)
    return Measured(value=found.auc, reference=f"{found.words()}; {told}", detail=found.detail())


@figure("B2", bar=0.18, better="higher", unit=" AUC", needs=(*NEEDS, "lightgbm"), whole=True)
def b2(run: Run) -> Measured:
    """Learning pays: the AUC of B1 over that of the LightGBM fitted once; beside it the same two, frozen here."""
    y, scores = truth(), said()[0].probability
    ours, free = (evaluation.auc(y, _frozen(fit)) for fit in (_ours, free_models.lightgbm))
    found = Beside(y=y, ours=scores, free={})
    reference = f"SE {found.error:.3f}; frozen: ours {ours:.3f}, LightGBM {free:.3f} here ({FROZEN} noted); goal 0.20"
    return Measured(value=found.auc - FROZEN, reference=reference, detail={"frozen": ours, "frozen LightGBM": free})
