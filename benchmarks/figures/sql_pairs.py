"""A million customers scored by a query on PostgreSQL with no, five and fifteen pairs of the same features."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from benchmarks.figure import Measured, Run, figure
from benchmarks.figures.scorecards_sql import TABLE, card, columns, customers, fetch
from benchmarks.timing import duration, interleave, times
from crm_assist.scorecards import Scorecard

MOST = 15

Mean = Callable[[], float]


def _mean(model: Any, pairs: int) -> Mean:
    """What gives the mean score of all customers by the card's own expression."""
    from django.db.models import Avg  # Django is set up only when a figure runs

    scored = model.objects.annotate(p=card(pairs=pairs).expression(columns()))
    return lambda: float(scored.aggregate(mean=Avg("p"))["mean"])


def _binned_anew(given: Scorecard) -> Mean:
    """The same as it would be written pair by pair, without a fence: every mention of a feature bins it anew."""
    from crm_assist.scorecards import sql_postgresql as form  # as above
    from crm_assist.scorecards.sql_text import Fragment, Reading, balanced_sum

    code = {part.name: form.code(part, Fragment(part.name), Reading.CHEAP) for part in given.parts}
    terms = [Fragment(f"({given.intercept!r})")]
    terms += [form.points(part, 1.0, Fragment(part.name), Reading.CHEAP) for part in given.parts]
    terms += [form.points_of_pair(pair, 1.0, code[pair.first], code[pair.second]) for pair in given.pairs]
    whole = Fragment("SELECT avg(1.0 / (1.0 + exp(-") + balanced_sum(terms) + Fragment(f"))) FROM {TABLE}")
    return lambda: float(fetch(whole.sql, whole.params)[0][0])


@contextmanager
def _one_process() -> Iterator[None]:
    """A query is run by one process alone, so that its time is its work."""
    fetch("SET max_parallel_workers_per_gather = 0")
    try:
        yield
    finally:
        fetch("RESET max_parallel_workers_per_gather")


def _measured(run: Run) -> Measured:
    rows, repeats = run.size(full=1_000_000, quick=50_000), run.size(full=7, quick=5)
    model = customers(rows)
    most, bare, naive = _mean(model, MOST), _mean(model, 0), _binned_anew(card(pairs=MOST))
    if abs(most() - naive()) > 1e-9:
        raise RuntimeError("the two ways to write the card do not agree, so neither is a reference")
    fifteen, none = interleave(most, bare, repeats=repeats)
    five, other = interleave(_mean(model, 5), bare, repeats=repeats)
    anew, again = interleave(naive, most, repeats=repeats)
    return Measured(
        value=times(fifteen, none),
        reference=(
            f"{rows:,} rows: 0 pairs {duration(none.median)}, 5 {duration(five.median)} ({times(five, other):.2f}x), "
            f"15 {duration(fifteen.median)}; binned anew for each pair {times(anew, again):.2f}x of ours"
        ),
        detail={
            "none_s": none.median,
            "five": times(five, other),
            "fifteen_s": fifteen.median,
            "anew": times(anew, again),
        },
    )


@figure("sql.pairs", bar=2.5, better="lower", needs=("postgresql",))
def sql_pairs(run: Run) -> Measured:
    """The work of scoring with fifteen pairs of six features, against the same card without pairs, in one process.

    Where features are binned once, a pair is one look into a table and may cost what a feature costs: fifteen pairs
    beside ten features then take 25 / 10 of the time.
    """
    with _one_process():
        return _measured(run)


@figure("sql.pairs.workers", better="lower", needs=("postgresql",))
def sql_pairs_workers(run: Run) -> Measured:
    """The same with the workers that PostgreSQL may take: it gives none to a query with a correlated sub-select.

    The fence that bins once is such a sub-select; plain columns without pairs need none.
    """
    return _measured(run)
