"""One fit of 1,000,000 rows and 20 columns: seconds and peak memory, beside scikit-learn's own boosting."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from functools import cache

from benchmarks.figure import Measured, Run, figure
from benchmarks.needs import ROOT

NEEDS = ("learn",)
ROWS = 1_000_000


@cache
def _run(learner: str, rows: int) -> dict[str, float]:
    """Seconds and MiB of one fit in a process of its own."""
    command = [sys.executable, "-m", "benchmarks.million", learner, str(rows)]
    env = os.environ | {"PYTHONPATH": str(ROOT)}
    done = subprocess.run(command, cwd=ROOT, env=env, capture_output=True, text=True, check=True)
    found: dict[str, float] = json.loads(done.stdout.splitlines()[-1])
    return found


def _both() -> tuple[dict[str, float], dict[str, float], str]:
    return _run("card", ROWS), _run("histogram", ROWS), f"{ROWS:,} rows x 20 columns"


@figure("million", better="lower", unit=" s", needs=NEEDS, whole=True)
def million(run: Run) -> Measured:
    """Seconds of `fit_scorecard` with default settings, choosing and checking included, and of one plain boosting."""
    ours, free, told = _both()
    return Measured(
        value=ours["seconds"],
        reference=f"HistGradientBoostingClassifier {free['seconds']:.3g} s; {told}",
        detail={"ours_s": ours["seconds"], "free_s": free["seconds"]},
    )


@figure("million.memory", better="lower", unit=" MiB", needs=NEEDS, whole=True)
def million_memory(run: Run) -> Measured:
    """Peak memory of the process, the columns included, of the same two fits."""
    ours, free, told = _both()
    return Measured(
        value=ours["peak_mib"],
        reference=f"HistGradientBoostingClassifier {free['peak_mib']:,.0f} MiB; {told} {ours['columns_mib']:,.0f} MiB",
        detail={"ours_mib": ours["peak_mib"], "free_mib": free["peak_mib"], "columns_mib": ours["columns_mib"]},
    )
