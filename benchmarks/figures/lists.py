"""The first page of a long list by stored score, against the same page by primary key."""

from __future__ import annotations

from collections import deque

from benchmarks.bank import LABEL, bank, clients
from benchmarks.figure import Measured, Run, figure
from benchmarks.timing import duration, interleave, times

PAGE = 100


def _store_scores() -> None:
    """A stored score for every customer, as a batch leaves them."""
    from django.db import connection  # Django is set up only when the figure runs

    from crm_assist import customers, flow
    from tests.story import NOW

    adapter = customers.adapter_for(LABEL)
    deque(flow.rescore(adapter, now=NOW, way="swap"), maxlen=0)
    with connection.cursor() as cursor:
        # The bank's one feature gives few different scores; a list is harder where all differ.
        cursor.execute("UPDATE crm_assist_latestscore SET probability = random()")
        cursor.execute("VACUUM ANALYZE crm_assist_latestscore")


@figure("list.stored", bar=3, better="lower", needs=("postgresql", "learn"))
def list_stored(run: Run) -> Measured:
    """The first page of a list of customers by stored score."""
    from crm_assist import flow  # as above
    from tests.story import NOW

    rows = run.size(full=1_000_000, quick=50_000)
    opened = bank(customers=rows, phase="recommend")
    _store_scores()
    by_score = flow.order_by_score(opened.agent, clients().all(), now=NOW)
    assert by_score is not None, "the agent may see no score"
    ours, plain = interleave(
        lambda: list(by_score.all()[:PAGE]),
        lambda: list(clients().order_by("pk")[:PAGE]),
        repeats=run.size(full=41, quick=15),
    )
    return Measured(
        value=times(ours, plain),
        reference=f"{rows:,} rows: {duration(ours.median)}; by primary key {duration(plain.median)}",
        detail={"ours_s": ours.median, "plain_s": plain.median, "spread": ours.spread},
    )
