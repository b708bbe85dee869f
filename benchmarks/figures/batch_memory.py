"""The memory of a batch does not grow with the base: peak resident size in a process of its own, two sizes."""

from __future__ import annotations

import os
import subprocess
import sys

from benchmarks import buyers as base
from benchmarks.figure import Measured, Run, figure
from benchmarks.needs import ROOT

CHILD = """
import resource
from datetime import UTC, datetime
import django
django.setup()
from benchmarks import buyers as base
with base.registered() as adapter:
    base.rescore(adapter, way="{way}", now=datetime(2026, 5, 1, tzinfo=UTC))
print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss)
"""


def _peak_kib(way: str) -> int:
    """KiB that a process holds at most while it scores the whole base."""
    env = os.environ | {"PYTHONPATH": str(ROOT)}
    done = subprocess.run(
        [sys.executable, "-c", CHILD.format(way=way)], cwd=ROOT, env=env, capture_output=True, text=True, check=True
    )
    return int(done.stdout.split()[-1])


def _growth(run: Run, way: str) -> Measured:
    from benchmarks.figures.batch import NOW  # Django is set up only when a figure runs
    from crm_assist.scoring.models import LatestScore

    small = run.size(full=1_000_000, quick=50_000)
    (have,) = base.execute("SELECT count(*) FROM host_customer")[0]
    if have > small:
        base.execute("TRUNCATE host_contact, host_customer RESTART IDENTITY")
    LatestScore.objects.all().delete()
    with base.registered():
        base.publish(base.card(), now=NOW)
    peaks = []
    for rows in (small, 3 * small):
        base.fill(rows)
        peaks.append(_peak_kib(way))
    one, three = peaks
    return Measured(
        value=three / one,
        reference=f"{small:,} rows {one / 1024:,.0f} MiB; {3 * small:,} rows {three / 1024:,.0f} MiB",
        detail={"small_kib": float(one), "large_kib": float(three)},
    )


@figure("batch.memory", bar=1.1, better="lower", needs=("postgresql",))
def batch_memory(run: Run) -> Measured:
    """Peak memory with three times the rows, scores by the database."""
    return _growth(run, "swap")


@figure("batch.memory_numpy", bar=1.1, better="lower", needs=("postgresql", "learn"))
def batch_memory_numpy(run: Run) -> Measured:
    """The same where rows are read and scored in NumPy; at a tenth of the size."""
    return _growth(Run(quick=True), "numpy")
