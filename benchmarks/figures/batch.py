"""A million scores at once: by a new table, in place, with grouped features, against raw COPY and against the ORM."""

from __future__ import annotations

import itertools
import statistics
import time
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from typing import Any

from benchmarks import buyers as base
from benchmarks.figure import Measured, Run, figure
from benchmarks.timing import Timing, duration, times

NEEDS = ("postgresql",)
NOW = datetime(2026, 5, 1, tzinfo=UTC)
PLAIN = (*base.LEVELS, *base.NUMBERS)


def _prepared(run: Run, *, contacts: int = 0) -> int:
    rows = run.size(full=1_000_000, quick=100_000)
    base.fill(rows, contacts=contacts * rows)
    return rows


def _against_copy(
    run: Run, rescore: Callable[[], object], *, before: Callable[[], object] | None = None
) -> tuple[Timing, Timing, base.Raw]:
    raw = base.Raw(columns=PLAIN)
    raw.run()
    ours, copied = base.in_turn(rescore, raw.run, repeats=run.size(full=5, quick=3), between=before)
    return ours, copied, raw


def _measured(rows: int, ours: Timing, copied: Timing, raw: base.Raw) -> Measured:
    out, into, key = raw.parts()
    told = f"out {duration(out)}, in {duration(into)}, key {duration(key)}"
    return Measured(
        value=times(copied, ours),
        reference=f"{rows:,} rows: {duration(ours.median)}; COPY {duration(copied.median)} ({told})",
        detail={"ours_s": ours.median, "copy_s": copied.median, "spread": ours.spread, "copy_spread": copied.spread},
    )


@figure("batch.swap", bar=0.9, better="higher", needs=NEEDS)
def batch_swap(run: Run) -> Measured:
    """A whole base with twenty plain features into a new table, indexes and exchange included."""
    rows = _prepared(run)
    with base.registered() as adapter:
        base.publish(base.card(), now=NOW)
        base.rescore(adapter, way="swap", now=NOW)
        found = _against_copy(run, lambda: base.rescore(adapter, way="swap", now=NOW))
    return _measured(rows, *found)


@figure("batch.in_place", bar=0.35, better="higher", needs=NEEDS)
def batch_in_place(run: Run) -> Measured:
    """The same written over the stored scores, every one of which changes: another card each time."""
    rows = _prepared(run)
    turn = itertools.count(1)

    def before() -> None:
        base.publish(base.card(shift=next(turn) * 1e-3), now=NOW)
        base.execute("VACUUM crm_assist_latestscore")

    with base.registered() as adapter:
        base.publish(base.card(), now=NOW)
        base.rescore(adapter, way="swap", now=NOW)
        found = _against_copy(run, lambda: base.rescore(adapter, way="in_place", now=NOW), before=before)
    return _measured(rows, *found)


@figure("batch.unchanged", bar=None, better="higher", needs=NEEDS)
def batch_unchanged(run: Run) -> Measured:
    """The same in place where no score changes: nothing is written."""
    rows = _prepared(run)
    with base.registered() as adapter:
        base.publish(base.card(), now=NOW)
        base.rescore(adapter, way="swap", now=NOW)
        found = _against_copy(run, lambda: base.rescore(adapter, way="in_place", now=NOW))
    return _measured(rows, *found)


@figure("batch.grouped", bar=0.3, better="higher", needs=NEEDS)
def batch_grouped(run: Run) -> Measured:
    """Twenty plain features and two summed up from ten times as many related rows, into a new table."""
    rows = _prepared(run, contacts=10)
    with base.registered() as adapter:
        base.publish(base.card(grouped=True), now=NOW)
        base.rescore(adapter, way="swap", now=NOW)
        found = _against_copy(run, lambda: base.rescore(adapter, way="swap", now=NOW))
    return _measured(rows, *found)


@figure("batch.numpy", bar=None, better="higher", needs=(*NEEDS, "learn"))
def batch_numpy(run: Run) -> Measured:
    """The way for features that the database cannot serve: read, scored in NumPy, written over; on fewer rows."""
    rows = _prepared(run)
    with base.registered() as adapter:
        base.publish(base.card(), now=NOW)
        base.rescore(adapter, way="swap", now=NOW)
        raw = base.Raw(columns=PLAIN)
        copied = Timing(seconds=tuple(raw.run()["all_s"] for _ in range(5)))
        began = time.perf_counter()
        base.rescore(adapter, way="numpy", now=NOW)
        ours = time.perf_counter() - began
    return Measured(
        value=copied.median / ours,
        reference=f"{rows:,} rows once: {duration(ours)}; COPY {duration(copied.median)}",
        detail={"ours_s": ours, "copy_s": copied.median},
    )


@figure("batch.orm", bar=100, better="higher", needs=(*NEEDS, "learn"))
def batch_orm(run: Run) -> Measured:
    """Against the way of a first attempt: model instances, a scikit-learn pipeline, `bulk_update`, on a sample."""
    rows = _prepared(run)
    with base.registered() as adapter:
        base.publish(base.card(), now=NOW)
        base.rescore(adapter, way="swap", now=NOW)
        seconds = []
        for _ in range(5):
            began = time.perf_counter()
            base.rescore(adapter, way="swap", now=NOW)
            seconds.append(time.perf_counter() - began)
    ours = statistics.median(seconds) / rows
    sample = run.size(full=5_000, quick=2_000)
    by_orm = _by_orm(sample) / sample
    return Measured(
        value=by_orm / ours,
        reference=f"{ours * 1e6:.3g} us a row; ORM on {sample:,} rows {by_orm * 1e6:.3g} us, scaled",
        detail={"ours_us": ours * 1e6, "orm_us": by_orm * 1e6},
    )


def _by_orm(sample: int) -> float:
    """Seconds for reading, predicting and updating so many customers, 1,000 at a time."""
    from crm_assist.scoring.models import LatestScore  # Django is set up only when a figure runs

    predict = _pipeline()
    scope = LatestScore.objects.values_list("scope_id", flat=True)[0]
    began = time.perf_counter()
    for some in _thousands(sample):
        rows = list(LatestScore.objects.filter(scope_id=scope, key__in=[customer.pk for customer in some]))
        found = dict(zip((customer.pk for customer in some), predict(some), strict=True))
        for row in rows:
            row.probability, row.scored_at = found[row.key], NOW
        LatestScore.objects.bulk_update(rows, ["probability", "scored_at"], batch_size=1_000)
    return time.perf_counter() - began


def _thousands(sample: int) -> Any:
    from django.apps import apps  # as above

    rows = apps.get_model(base.LABEL)._default_manager.order_by("pk")[:sample].iterator(1_000)
    while some := list(itertools.islice(rows, 1_000)):
        yield some


def _pipeline() -> Callable[[Sequence[Any]], Sequence[float]]:
    """A fitted one-hot logistic regression that takes a frame of customers."""
    import pandas  # for figures alone
    from sklearn.compose import ColumnTransformer
    from sklearn.linear_model import LogisticRegression
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import OneHotEncoder

    first = next(_thousands(1_000))
    encode = ColumnTransformer(
        [("c", OneHotEncoder(handle_unknown="ignore"), list(base.LEVELS))], remainder="passthrough"
    )
    fitted = make_pipeline(encode, LogisticRegression(max_iter=2_000))

    def frame(some: Sequence[Any]) -> Any:
        return pandas.DataFrame([{name: getattr(customer, name) for name in PLAIN} for customer in some])

    fitted.fit(frame(first), [place % 2 for place in range(len(first))])
    return lambda some: [float(p) for p in fitted.predict_proba(frame(some))[:, 1]]
