"""The log: its size, and how fast it is sealed and verified."""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable
from datetime import UTC, datetime

from benchmarks.bank import LABEL, bank, open_records
from benchmarks.figure import Measured, Run, figure

NEEDS = ("postgresql", "learn")
BATCHES = 5


def _size(table: str) -> int:
    from django.db import connection  # Django is set up only when the figure runs

    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_total_relation_size(%s)", [table])
        return int(cursor.fetchone()[0])


@figure("log.bytes", unit=" B", needs=NEEDS)
def log_bytes(run: Run) -> Measured:
    """Bytes of one decision with its payload, indexes included; beside it the payload's text as schema 1 wrote it."""
    from crm_assist.decisions.models import Decision  # as above
    from crm_assist.journal.models import Payload
    from crm_assist.journal.sizes import payload_size

    opened = bank(customers=3_000, phase="recommend")
    open_records(opened, opened.keys[: run.size(full=2_000, quick=500)])
    rows, beside = Decision.objects.count(), Payload.objects.count()
    row, payload = _size(Decision._meta.db_table) / rows, _size(Payload._meta.db_table) / beside
    text = payload_size(Decision)
    now, whole = text.text / text.count, text.whole / text.count
    return Measured(
        value=row + payload,
        reference=f"row {row:,.0f} B, payload {payload:,.0f} B; text {now:,.0f} of {whole:,.0f}; {rows:,} decisions",
        detail={"row_bytes": row, "payload_bytes": payload, "text": now, "text_whole": whole},
    )


def _write_outcomes(rows: int) -> float:
    """Write so many outcomes as the host tells them; rows a second."""
    from crm_assist import flow  # as above

    now = datetime.now(UTC)
    opened = bank(customers=3_000, phase="recommend")
    told = [
        flow.ToldOutcome(key=opened.keys[place % 3_000], product="deposit", kind="ordered", occurred_at=now)
        for place in range(rows)
    ]
    return rows / _seconds(lambda: flow.record_outcomes(LABEL, told, source="benchmark", now=now))


def _seconds(act: Callable[[], object]) -> float:
    began = time.perf_counter()
    act()
    return time.perf_counter() - began


@figure("seal", unit=" rows/s", needs=NEEDS)
def seal(run: Run) -> Measured:
    """Rows sealed in a second, written just before."""
    from crm_assist.journal.sealing import seal_all  # as above

    rows, speeds, inserts = run.size(full=5_000, quick=2_000), [], []
    list(seal_all(tenant="", now=datetime.now(UTC)))
    for _batch in range(BATCHES):
        inserts.append(_write_outcomes(rows))
        speeds.append(rows / _seconds(lambda: list(seal_all(tenant="", now=datetime.now(UTC)))))
    insert = statistics.median(inserts)
    return Measured(
        value=statistics.median(speeds),
        reference=f"{BATCHES} x {rows:,} rows; written at {insert:,.0f} rows/s",
        detail={"insert_rows_s": insert},
    )


@figure("verify", unit=" rows/s", needs=NEEDS)
def verify(run: Run) -> Measured:
    """Rows of the log verified in a second: every row, payload and link."""
    from crm_assist.journal.faults import Tally  # as above
    from crm_assist.journal.sealing import seal_all
    from crm_assist.journal.verify import verify as faults_of

    insert = _write_outcomes(run.size(full=5_000, quick=2_000))
    list(seal_all(tenant="", now=datetime.now(UTC)))
    tally, speeds = Tally(), []
    for _repeat in range(run.size(full=1, quick=2)):  # a million rows need no repeat
        tally = Tally()
        seconds = _seconds(lambda counted=tally: list(faults_of(tenant="", tally=counted)))  # type: ignore[misc]
        speeds.append(tally.rows / seconds)
    return Measured(
        value=statistics.median(speeds),
        reference=f"{tally.rows:,} rows; written at {insert:,.0f} rows/s",
        detail={"insert_rows_s": insert},
    )
