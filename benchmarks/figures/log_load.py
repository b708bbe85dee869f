"""The log under load: what sealing costs those who write, how long a dossier takes, and an erasure of many."""

from __future__ import annotations

import multiprocessing
import statistics
import time
import tracemalloc
from datetime import UTC, datetime
from typing import Any

from benchmarks.bank import LABEL, bank, open_records
from benchmarks.figure import Measured, Run, figure

NEEDS = ("postgresql", "learn")
FORKED = multiprocessing.get_context("fork")


def _writer(gate: Any, seconds: float, subject: int, counts: Any) -> None:
    """Write decisions with a payload of usual size, each in a transaction of its own, and say how many."""
    from crm_assist.decisions.models import Decision  # Django is set up only when the figure runs
    from crm_assist.journal.writer import record

    payload = {"features": {f"feature_{number}": number * 1.5 for number in range(40)}}
    given = {"agent_key": "7", "phase": "recommend", "admission": "team", "code_version": "bench"}
    gate.wait()
    end, written = time.monotonic() + seconds, 0
    while time.monotonic() < end:
        record(Decision(at=datetime.now(UTC), subject_id=subject, **given), payload)
        written += 1
    counts.put(written)


def _sealer(gate: Any, seconds: float) -> None:
    """Seal whatever is settled, once a second."""
    from crm_assist.journal.sealing import seal_all  # as above

    gate.wait()
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        list(seal_all(tenant="", now=datetime.now(UTC)))
        time.sleep(1.0)


def _slice(writers: int, seconds: float, subject: int, *, sealed: bool) -> float:
    """Rows a second that so many processes write together, with or without a sealer beside them."""
    from django.db import connections  # as above

    connections.close_all()  # no process may use the connection of another
    gate, counts = FORKED.Barrier(writers + sealed), FORKED.Queue()
    crowd = [FORKED.Process(target=_writer, args=(gate, seconds, subject, counts)) for _ in range(writers)]
    crowd += [FORKED.Process(target=_sealer, args=(gate, seconds))] if sealed else []
    for one in crowd:
        one.start()
    rows: int = sum(counts.get(timeout=seconds + 120) for _ in range(writers))
    for one in crowd:
        one.join()
    return rows / seconds


@figure("seal.writers", unit=" %", needs=NEEDS, whole=True)
def seal_writers(run: Run) -> Measured:
    """Share of the throughput of many writers that a sealer beside them costs; they keep one chain without a fault."""
    from crm_assist.customers.models import Subject  # as above
    from crm_assist.journal.faults import Tally
    from crm_assist.journal.sealing import seal_all, unsealed
    from crm_assist.journal.verify import verify

    bank(customers=3_000, phase="recommend")
    writers, slices = run.size(full=32, quick=8), run.size(full=12, quick=4)
    seconds = run.size(full=60, quick=10) / slices
    now = datetime.now(UTC)
    subject = Subject.objects.get_or_create(model_label=LABEL, key="writers", defaults={"created_at": now})[0].pk
    speeds: dict[bool, list[float]] = {False: [], True: []}
    for number in range(slices):
        sealed = bool(number % 2)
        speeds[sealed].append(_slice(writers, seconds, subject, sealed=sealed))
        list(seal_all(tenant="", now=datetime.now(UTC)))  # so that no slice seals what another wrote
    tally = Tally()
    faults = list(verify(tenant="", tally=tally))
    if faults or unsealed("").count:
        raise RuntimeError(f"{len(faults)} faults, {unsealed('').count} rows not sealed: {faults[:3]}")
    alone, beside = statistics.median(speeds[False]), statistics.median(speeds[True])
    return Measured(
        value=100 * (1 - beside / alone),
        reference=f"{writers} writers, {alone:,.0f} rows/s alone, {beside:,.0f} sealed; {tally.rows:,} rows, one chain",
        detail={"alone_rows_s": alone, "sealed_rows_s": beside, "rows": tally.rows, "seals": tally.seals},
    )


@figure("dossier", unit=" s", bar=60.0, needs=NEEDS)
def dossier(run: Run) -> Measured:
    """Seconds for the dossier of one customer with thousands of decisions, as a page; and its peak of memory."""
    from crm_assist import flow  # as above
    from crm_assist.types import Principal
    from crm_assist.web import dossier_files

    opened = bank(customers=3_000, phase="recommend")
    count = run.size(full=5_000, quick=500)
    key = opened.keys[0]
    _many_decisions(opened.agent, key, count)
    who = Principal(key="dpo", permissions=frozenset({"view_dossier"}))
    seconds, size = [], 0
    for _repeat in range(3):
        began = time.perf_counter()
        found = flow.dossier(who, LABEL, key, now=datetime.now(UTC))
        size = sum(len(piece) for piece in dossier_files.as_html(found, dossier_files.alone))
        seconds.append(time.perf_counter() - began)
    tracemalloc.start()
    found = flow.dossier(who, LABEL, key, now=datetime.now(UTC))
    for _piece in dossier_files.as_html(found, dossier_files.alone):
        pass
    peak = tracemalloc.get_traced_memory()[1] / 2**20
    tracemalloc.stop()
    return Measured(
        value=statistics.median(seconds),
        reference=f"{found.decisions:,} decisions, {size / 2**20:,.1f} MiB; peak {peak:,.0f} MiB of memory",
        detail={"decisions": found.decisions, "peak_mib": peak},
    )


def _many_decisions(agent: Any, key: str, count: int) -> None:
    """The customer's first decision, logged again and again as if on other days."""
    from datetime import timedelta  # as above

    from crm_assist import flow
    from crm_assist.decisions.models import Decision
    from crm_assist.journal.writer import payload_of, record_many

    now = datetime.now(UTC)
    view = flow.record(agent, LABEL, key, now=now)
    assert view.decision_id is not None
    row = Decision.objects.get(pk=view.decision_id)
    payload = payload_of(row.pk)
    columns = [field.attname for field in Decision._meta.concrete_fields if field.attname not in ("id", "at", "tx")]
    values = {name: getattr(row, name) for name in columns}
    missing = count - Decision.objects.filter(subject_id=row.subject_id).count()
    record_many(
        (Decision(at=now - timedelta(minutes=number), **values), payload) for number in range(1, max(missing, 0) + 1)
    )


@figure("erase", unit=" customers/s", needs=NEEDS, whole=True)
def erase(run: Run) -> Measured:
    """Customers forgotten in a second, one call each; afterwards no payload about them is left and the chain holds."""
    from crm_assist import flow  # as above
    from crm_assist.customers.models import Subject
    from crm_assist.journal.models import Payload
    from crm_assist.journal.sealing import seal_all
    from crm_assist.journal.verify import verify

    count = run.size(full=10_000, quick=500)
    opened = bank(customers=count + 3_000, phase="recommend")
    keys = opened.keys[-count:]
    open_records(opened, keys)
    list(seal_all(tenant="", now=datetime.now(UTC)))
    subjects = list(Subject.objects.filter(model_label=LABEL, key__in=keys).values_list("pk", flat=True))
    began = time.perf_counter()
    for key in keys:
        flow.customer_erased(LABEL, key=key)
    seconds = time.perf_counter() - began
    left = Subject.objects.filter(model_label=LABEL, key__in=keys).count()
    left += Payload.objects.filter(subject_id__in=subjects).exclude(body=None).count()
    faults = list(verify(tenant=""))
    if left or faults:
        raise RuntimeError(f"{left} rows left of the forgotten, {len(faults)} faults: {faults[:3]}")
    return Measured(
        value=count / seconds,
        reference=f"{count:,} customers in {seconds:,.0f} s; nothing left of them, chain verified",
        detail={"seconds": seconds},
    )
