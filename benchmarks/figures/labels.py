"""Labels of outcomes: the same whatever order they arrive in."""

from __future__ import annotations

import time
from datetime import timedelta

from benchmarks.arrivals import NOW, world
from benchmarks.figure import Measured, Run, figure
from crm_assist.labels import Label, labels, standing


@figure("labels.order", bar=0, unit="")
def labels_order(run: Run) -> Measured:
    """Labels that differ between outcomes in order, and the same late, doubled, corrected and cancelled."""
    made = world(run.size(full=100_000, quick=100_000))
    asked = {"now": NOW, "complete_until": NOW - timedelta(days=20)}
    in_order = labels(made.questions, standing(made.in_order), kind="ordered", **asked)
    began = time.perf_counter()
    arrived = labels(made.questions, standing(made.arrived), kind="ordered", **asked)
    seconds = time.perf_counter() - began
    found = {kind: sum(known.label is kind for known in arrived.values()) for kind in Label}
    told = ", ".join(f"{count:,} {kind}" for kind, count in found.items())
    return Measured(
        value=sum(in_order[one] != arrived[one] for one in in_order),
        reference=f"{len(made.arrived):,} arrivals, {told}; {seconds:.1f} s",
        detail={"seconds": seconds, **{kind.value: float(count) for kind, count in found.items()}},
    )
