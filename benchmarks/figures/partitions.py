"""The log parted by month against the same log plain: writing, reading one month, and what retention takes."""

from __future__ import annotations

import statistics
import time
from datetime import UTC, datetime, timedelta
from typing import Any

from benchmarks.bank import LABEL, bank
from benchmarks.figure import Measured, Run, figure
from benchmarks.figures.log_load import _slice
from benchmarks.timing import duration, interleave, times

NEEDS = ("postgresql", "learn")
MONTHS = 12
FILL = """
WITH made AS (
    SELECT m AS at, (lpad(to_hex(floor(extract(epoch FROM m) * 1000)::bigint), 12, '0') || '7'
        || substr(md5(random()::text), 1, 3) || 'a' || substr(md5(random()::text), 1, 15))::uuid AS id
    FROM (SELECT date_trunc('milliseconds', %s::timestamptz + n * %s::interval) AS m FROM generate_series(0, %s) n) x
), beside AS (
    INSERT INTO crm_assist_payload (row_id, tenant, subject_id, body)
    SELECT id, '', %s, '{"salt":"' || repeat(md5(random()::text), 32) || '"}' FROM made
)
INSERT INTO crm_assist_decision (id, tenant, at, schema, digest, subject_id, agent_key, team, phase, admission, target,
    probability, card, revision, code_version, offered, slate, silence, fallback, latency_ms)
SELECT id, '', at, 1, repeat('0', 64), %s, 'a' || (random() * 500)::int, 't' || (random() * 40)::int, 'recommend',
    'team', 'deposit', random(), '', 1, 'bench', 1, 'deposit', '', 'live', 4.0 FROM made
"""


def _execute(sql: str, *values: Any) -> Any:
    from django.db import connection  # Django is set up only when the figure runs

    with connection.cursor() as cursor:
        cursor.execute(sql, values or None)
        return cursor.fetchone() if cursor.description else None


def _subject() -> int:
    from crm_assist.customers.models import Subject  # as above

    bank(customers=3_000, phase="recommend")
    given = {"created_at": datetime.now(UTC)}
    return int(Subject.objects.get_or_create(model_label=LABEL, key="parts", defaults=given)[0].pk)


def _empty_and_plain() -> None:
    from django.core.management import call_command  # as above

    from crm_assist.journal import guards

    call_command("crm_assist_log", "unpartition", verbosity=0)
    for guard in guards.expected("default"):
        _execute(f'ALTER TABLE "{guard.table}" DISABLE TRIGGER {guard.name}')
    _execute("TRUNCATE crm_assist_payload, crm_assist_decision")
    for guard in guards.expected("default"):
        _execute(f'ALTER TABLE "{guard.table}" ENABLE TRIGGER {guard.name}')


def _year(rows: int) -> datetime:
    """A year of decisions with payloads of a kilobyte, evenly spread, up to now; when it begins."""
    _empty_and_plain()
    begin = datetime.now(UTC) - timedelta(days=360)
    _execute(FILL, begin, timedelta(days=360) / rows, rows - 1, *[_subject()] * 2)
    _execute("ANALYZE crm_assist_payload")
    _execute("ANALYZE crm_assist_decision")
    return begin


def _partition() -> float:
    from django.core.management import call_command  # as above

    began = time.perf_counter()
    call_command("crm_assist_log", "partition", verbosity=0)
    return time.perf_counter() - began


@figure("partitions.read", bar=1.5, better="lower", needs=NEEDS, whole=True)
def read(run: Run) -> Measured:
    """One month read from a year of decisions, by time alone: a parted log against a plain one with a BRIN on time."""
    from crm_assist.decisions.models import Decision  # as above
    from crm_assist.journal.parts import Month

    rows = run.size(full=1_000_000, quick=100_000)
    _year(rows)
    _execute("CREATE TABLE flat (LIKE crm_assist_decision INCLUDING ALL)")
    _execute("INSERT INTO flat SELECT * FROM crm_assist_decision ORDER BY id")
    _execute("CREATE INDEX ON flat USING brin (at)")
    _execute("ANALYZE flat")
    seconds = _partition()
    month = Month.of(datetime.now(UTC)).later(-5)
    sums = "count(*) AS n, sum(probability) AS p"

    def parted() -> Any:
        from django.db.models import Count, Sum  # as above

        found = Decision.objects.dated(month.start, month.later().start)
        return found.order_by().aggregate(n=Count("*"), p=Sum("probability"))["n"]

    def flat() -> Any:
        return _execute(f"SELECT {sums} FROM flat WHERE at >= %s AND at < %s", month.start, month.later().start)[0]

    if parted() != flat():
        raise RuntimeError(f"the two logs differ: {parted()} and {flat()} rows of {month}")
    taken, other = interleave(parted, flat)
    _execute("DROP TABLE flat")
    return Measured(
        value=times(taken, other),
        reference=f"{duration(taken.median)} of {duration(other.median)}; {rows:,} rows, parted in {seconds:,.0f} s",
        detail={"parted_s": taken.median, "flat_brin_s": other.median, "partition_s": seconds},
    )


@figure("partitions.drop", bar=10.0, better="higher", needs=NEEDS, whole=True)
def drop_or_empty(run: Run) -> Measured:
    """How many times faster retention drops a month of payloads than it empties one as large, row by row."""
    from django.db import transaction  # as above

    from crm_assist.journal.drops import drop, droppable
    from crm_assist.journal.expiry import empty_expired

    rows = run.size(full=1_000_000, quick=100_000)
    _year(rows)
    _partition()
    now, taken, emptied = datetime.now(UTC), list[float](), list[float]()
    for number, part in enumerate(droppable(before=now - timedelta(days=40))):
        assert part.month is not None
        began, last = time.perf_counter(), None
        if number % 2:
            with transaction.atomic():
                drop(part, kept=None, retention_days=40, now=now)
            taken.append(time.perf_counter() - began)
            continue
        while chunk := empty_expired(before=part.month.later().start, after=last, now=now):
            last = chunk.last
        emptied.append(time.perf_counter() - began)
    one, other = statistics.median(taken), statistics.median(emptied)
    return Measured(
        value=other / one,
        reference=f"{duration(one)} against {duration(other)} for some {rows // MONTHS:,} payloads",
        detail={"drop_s": one, "empty_s": other},
    )


@figure("partitions.insert", bar=0.85, better="higher", needs=NEEDS, whole=True)
def insert(run: Run) -> Measured:
    """Rows written in a second to a parted log, as a share of a plain one's: by one writer, and by eight."""
    from django.core.management import call_command  # as above

    _year(run.size(full=100_000, quick=20_000))
    subject, seconds = _subject(), float(run.size(full=8, quick=3))
    speeds: dict[tuple[bool, int], list[float]] = {}
    for turn in range(run.size(full=6, quick=2)):
        is_parted = bool(turn % 2)
        call_command("crm_assist_log", "partition" if is_parted else "unpartition", verbosity=0)
        for writers in (1, 8):
            speed = _slice(writers, seconds, subject, sealed=False)
            speeds.setdefault((is_parted, writers), []).append(speed)
    middle = {key: statistics.median(found) for key, found in speeds.items()}
    one, eight = (middle[True, writers] / middle[False, writers] for writers in (1, 8))
    told = ", ".join(
        f"c{writers} {middle[True, writers]:,.0f} of {middle[False, writers]:,.0f} rows/s" for writers in (1, 8)
    )
    return Measured(value=one, reference=f"{told}; c8 {eight:.2f}x", detail={"c1": one, "c8": eight})
