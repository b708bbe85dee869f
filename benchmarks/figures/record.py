"""What the record view costs: statements, and time against reading the customer's row."""

from __future__ import annotations

import re
from collections.abc import Sequence

from benchmarks.bank import bank, clients, newcomers, open_records
from benchmarks.figure import Measured, Run, figure
from benchmarks.timing import duration, interleave, times

NEEDS = ("postgresql", "learn")
VIEWS = 6


def _statements(phase: str, *, views: Sequence[int]) -> Measured:
    """The most statements that any of the views took: customers met before and never, what is shared being known."""
    from django.db import connection  # Django is set up only when the figure runs
    from django.test.utils import CaptureQueriesContext

    opened = bank(customers=3_000, phase=phase)
    first, *keys = newcomers(opened, VIEWS + 1)
    open_records(opened, [first])
    counted = []
    for key in keys:
        for view in range(max(views) + 1):
            with CaptureQueriesContext(connection) as captured:
                open_records(opened, [key])
            if view in views:
                counted.append(sum(_is_ours(entry["sql"]) for entry in captured.captured_queries))
    return Measured(value=max(counted), reference=f"most of {len(counted)} views, without the host's own")


def _is_ours(sql: str) -> bool:
    """Whether a statement is neither the end of a transaction nor the host's own answer, such as what is held."""
    sql = sql.lstrip("( ")
    host = re.match(r'SELECT "desk_order"', sql)
    return host is None and sql.startswith(("SELECT", "INSERT", "UPDATE", "DELETE", "WITH"))


@figure("statements.score", bar=3, better="lower", unit="", needs=NEEDS)
def statements_score(run: Run) -> Measured:
    """Statements of one record view that shows a score and logs it."""
    return _statements("score", views=[0])


@figure("statements.suggest", bar=6, better="lower", unit="", needs=NEEDS)
def statements_suggest(run: Run) -> Measured:
    """Statements of one record view that shows a score and a suggestion and logs them."""
    return _statements("recommend", views=[0])


@figure("statements.reload", bar=3, better="lower", unit="", needs=NEEDS)
def statements_reload(run: Run) -> Measured:
    """Statements of the same view a moment later, which shows the same decision again."""
    return _statements("recommend", views=[1])


@figure("record", needs=NEEDS)
def record(run: Run) -> Measured:
    """Time of one record view with score, suggestion and durable log row, against reading the customer's row."""

    opened = bank(customers=3_000, phase="recommend")
    fresh, key = iter(opened.keys[:2_000]), opened.keys[0]
    ours, bare = interleave(
        lambda: open_records(opened, [next(fresh)]),
        lambda: clients().get(pk=key),
        repeats=run.size(full=41, quick=15),
    )
    return Measured(
        value=times(ours, bare),
        reference=f"{duration(ours.median)}; SELECT of the row by the ORM {duration(bare.median)}",
        detail={"ours_s": ours.median, "bare_s": bare.median, "spread": ours.spread},
    )
