"""A caravan policy, and the next product, for the customers of a real insurer (CoIL 2000)."""

from __future__ import annotations

from functools import cache
from typing import Any

import numpy as np

from benchmarks import coil, free_models
from benchmarks.beside import Beside
from benchmarks.crossing import crossed, fold_of
from benchmarks.figure import Measured, Run, figure
from crm_assist.learning import evaluation, fit_scorecard

NEEDS = ("shared_data", "learn", "lightgbm")
SMALL: dict[str, Any] = {"learning_rate": 0.05}
"""With 348 positives free models are at their best with small steps and trees of four leaves."""
CHOSEN, CUSTOMERS, HOLDERS = 800, 4000, 238
"""The contest: so many customers are chosen out of so many, of whom so many hold the policy."""


@cache
def _scored() -> Beside:
    columns, y = coil.train()
    part = fold_of(y)
    fits: dict[str, free_models.Fit] = {
        "LightGBM": lambda seen, told: free_models.lightgbm(seen, told, num_leaves=4, **SMALL),
        "HistGB": lambda seen, told: free_models.histogram_boosting(seen, told, max_leaf_nodes=4, **SMALL),
    }
    return Beside(
        y=y,
        ours=crossed(columns, y, part, lambda seen, told: fit_scorecard(seen, told).probability),
        free={name: crossed(columns, y, part, fit) for name, fit in fits.items()},
    )


@figure("C1", bar=0.765, better="higher", unit=" AUC", needs=NEEDS, whole=True)
def c1(run: Run) -> Measured:
    """AUC for a caravan policy, cross-validated in ten folds and pooled."""
    found = _scored()
    hits = {name: _hits(found.y, scores) for name, scores in {"ours": found.ours, **found.free}.items()}
    told = ", ".join(f"{name} {count:.0f}" for name, count in hits.items())
    return Measured(
        value=found.auc,
        reference=f"{found.words()}; goal 0.774; hits as of {CHOSEN}: {told}",
        detail=found.detail() | {f"hits {name}": count for name, count in hits.items()},
    )


@figure("C2", bar=0.010, better="lower", unit=" ECE", needs=NEEDS, whole=True)
def c2(run: Run) -> Measured:
    """Calibration of the same probabilities."""
    found = _scored()
    each = ", ".join(
        f"{name} {evaluation.ece(found.y, scores):.4f} / {evaluation.brier(found.y, scores):.4f}"
        for name, scores in found.free.items()
    )
    brier = evaluation.brier(found.y, found.ours)
    return Measured(
        value=evaluation.ece(found.y, found.ours),
        reference=f"Brier {brier:.4f}; {each}; goal 0.005",
        detail={"brier": brier},
    )


def _hits(y: Any, scores: Any) -> float:
    """Holders among the best fifth, as they would be among the contest's customers."""
    best = np.argsort(-scores, kind="stable")[: round(len(y) * CHOSEN / CUSTOMERS)]
    return float(y[best].sum() / y.sum() * HOLDERS)
