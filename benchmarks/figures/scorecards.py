"""The card against the scikit-learn pipeline it replaces, on real calls."""

from __future__ import annotations

import time
from collections.abc import Callable
from functools import cache
from typing import Any

import numpy as np

from benchmarks.bank_marketing import NUMBERS, load
from benchmarks.figure import Measured, Run, figure
from benchmarks.timing import duration, interleave, times
from crm_assist.learning import fit_scorecard, fit_with_oracle
from crm_assist.scorecards import Scorecard

NEEDS = ("shared_data", "learn")
ROWS = 20_000


@cache
def _latest() -> tuple[dict[str, list[Any]], Any]:
    columns, outcomes, _place = load()
    return {name: values[-ROWS:] for name, values in columns.items()}, outcomes[-ROWS:]


@cache
def _card() -> Scorecard:
    return fit_scorecard(*_latest())


def _pipeline() -> Callable[[dict[str, Any]], float]:
    """The usual way: one-hot and scaling in a scikit-learn pipeline, fed a one-row frame."""
    import pandas as pd  # [bench] and [learn] only, as the three below
    from sklearn.compose import ColumnTransformer
    from sklearn.linear_model import LogisticRegression
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import OneHotEncoder, StandardScaler

    columns, outcomes = _latest()
    frame = pd.DataFrame(columns)
    texts = [name for name in columns if name not in NUMBERS]
    prepare = ColumnTransformer(
        [("text", OneHotEncoder(handle_unknown="ignore"), texts), ("number", StandardScaler(), list(NUMBERS))]
    )
    pipeline = make_pipeline(prepare, LogisticRegression(max_iter=1000)).fit(frame, outcomes)
    return lambda row: float(pipeline.predict_proba(pd.DataFrame([row]))[0, 1])


def _ratio(run: Run, score: Callable[[dict[str, Any]], object]) -> Measured:
    columns, _outcomes = _latest()
    row = {name: values[-1] for name, values in columns.items()}
    usual = _pipeline()
    naive, ours = interleave(lambda: usual(row), lambda: score(row), repeats=run.size(full=41, quick=21))
    return Measured(
        value=times(naive, ours),
        reference=f"{duration(ours.median)}; pipeline on a one-row frame {duration(naive.median)}",
        detail={"ours_s": ours.median, "pipeline_s": naive.median, "spread": ours.spread},
    )


@figure("row", bar=1000, better="higher", needs=NEEDS)
def row(run: Run) -> Measured:
    """The bare probability of one record against the pipeline."""
    return _ratio(run, _card().one)


@figure("row.score", bar=400, better="higher", needs=NEEDS)
def row_score(run: Run) -> Measured:
    """Probability, interval and six reasons of one record against the pipeline's bare probability."""
    card = _card()
    return _ratio(run, lambda record: card.score(record).reasons)


@figure("agree", bar=1e-9, better="lower", unit="", needs=NEEDS)
def agree(run: Run) -> Measured:
    """The largest difference between the oracle and the card, by row and by batch, on real rows."""
    from crm_assist.learning.oracle import largest_difference  # [learn]

    columns, outcomes = _latest()
    card, oracle = fit_with_oracle(columns, outcomes)
    rows = run.size(full=10_000, quick=2_000)
    difference = largest_difference(card, oracle, {n: v[:rows] for n, v in columns.items()})
    return Measured(value=difference, reference=f"oracle on {rows:,} real rows")


@figure("fit", bar=8, better="lower", unit=" s", needs=("learn",))
def fit(run: Run) -> Measured:
    """Seconds of one fit with default settings on 20,000 rows and 20 columns, choosing and checking included."""
    draw = np.random.default_rng(7)
    columns: dict[str, Any] = {f"number{i}": draw.normal(size=ROWS) for i in range(10)}
    columns |= {f"text{i}": draw.choice([f"level {k}" for k in range(5 + i)], ROWS).tolist() for i in range(10)}
    logit = columns["number0"] + 0.5 * columns["number1"] - 2.0
    outcomes = (draw.random(ROWS) < 1 / (1 + np.exp(-logit))).astype(int)
    seconds = []
    for _repeat in range(run.size(full=5, quick=1)):
        began = time.perf_counter()
        fit_scorecard(columns, outcomes)
        seconds.append(time.perf_counter() - began)
    return Measured(value=float(np.median(seconds)), reference="20,000 rows x 20 columns, one thread")
