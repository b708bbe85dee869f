"""Narrow decisions taken out of the log into a file: by COPY beside the ORM's iterator, and the memory it takes."""

from __future__ import annotations

import csv
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

from benchmarks import decided
from benchmarks.figure import Measured, Run, figure
from benchmarks.needs import ROOT

BEGAN = datetime(2026, 5, 28, 20, 26, 40, tzinfo=UTC)
"""The moment before the first decision; each is a millisecond after the one before."""

CHILD = """
import resource, sys
from datetime import datetime
from pathlib import Path
import django
django.setup()
from crm_assist.journal.export_file import Question, write_file
question = Question(view="narrow", tenant=sys.argv[3], until=datetime.fromisoformat(sys.argv[1]))
for _ in write_file(question, Path(sys.argv[2])):
    pass
print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss)
"""


@contextmanager
def _folder() -> Iterator[Path]:
    with tempfile.TemporaryDirectory() as name:
        yield Path(name)


def _seconds(act: Callable[[], object]) -> float:
    began = time.perf_counter()
    act()
    return time.perf_counter() - began


def _ours(path: Path, form: str = "csv") -> None:
    from crm_assist.journal.export_file import Question, write_file  # Django is set up only when a figure runs

    path.unlink(missing_ok=True)
    for _ in write_file(Question(view="narrow", form=form, tenant=decided.TENANT), path):
        pass


def _by_iterator(path: Path, rows: int) -> None:
    """The same columns by the ORM's iterator: a name is computed once for each person, no text is checked."""
    from crm_assist.decisions.models import Decision  # as above
    from crm_assist.flow.export_narrow import NARROW, PLAIN
    from crm_assist.flow.export_people import RELATED
    from crm_assist.journal.pseudonyms import Names

    names, known = Names(), dict[object, str]()
    found = Decision.objects.filter(tenant=decided.TENANT).order_by("tx", "id").select_related(*RELATED)[:rows]
    with path.open("w", newline="") as file:
        writer = csv.DictWriter(file, NARROW.names)
        writer.writeheader()
        for row in found.iterator(2_000):
            customer, agent = (row.subject.model_label, row.subject.key), row.agent_key
            if customer not in known:
                known[customer] = names.customer(model_label=customer[0], tenant=decided.TENANT, key=customer[1])
            if agent not in known:
                known[agent] = names.agent(tenant=decided.TENANT, key=agent)
            record = {name: getattr(row, name) for name in PLAIN}
            record |= {"model": customer[0], "customer": known[customer], "agent": known[agent]}
            writer.writerow(record)


def _bare(path: Path, rows: int) -> None:
    """What the ORM costs at least: tuples of the row's own columns and raw keys, nothing computed."""
    from crm_assist.decisions.models import Decision  # as above
    from crm_assist.flow.export_narrow import PLAIN

    wanted = (*PLAIN, "subject__model_label", "subject__key", "agent_key")
    found = Decision.objects.filter(tenant=decided.TENANT).order_by("tx", "id").values_list(*wanted)[:rows]
    with path.open("w", newline="") as file:
        csv.writer(file).writerows(found.iterator(2_000))


@figure("export.narrow", bar=12, better="higher", needs=("postgresql",))
def export_narrow(run: Run) -> Measured:
    """Rows a second of `crm_assist_export --view narrow`, over those of the same columns by the ORM's iterator."""
    rows = run.size(full=10_000_000, quick=200_000)
    decided.fill(rows)
    sample = run.size(full=200_000, quick=20_000)
    speeds: dict[str, list[float]] = {"ours": [], "iterator": [], "bare": []}
    with _folder() as folder:
        path = folder / "narrow.csv"
        _by_iterator(path, sample // 10)
        for _repeat in range(run.size(full=1, quick=5)):  # ten million rows need no repeat
            speeds["ours"].append(rows / _seconds(lambda: _ours(path)))
            size = path.stat().st_size
            speeds["iterator"].append(sample / _seconds(lambda: _by_iterator(path, sample)))
            speeds["bare"].append(sample / _seconds(lambda: _bare(path, sample)))
    pairs = zip(speeds["ours"], speeds["iterator"], strict=True)
    ours, iterator, bare = (statistics.median(speeds[name]) for name in speeds)
    return Measured(
        value=statistics.median(one / other for one, other in pairs),
        reference=f"iterator {iterator:,.0f} rows/s, bare {bare:,.0f}; {rows:,} rows at {ours:,.0f} rows/s",
        detail={"rows_s": ours, "iterator_rows_s": iterator, "bare_rows_s": bare, "bytes_per_row": size / rows},
    )


@figure("export.parquet", unit=" rows/s", needs=("postgresql", "parquet"))
def export_parquet(run: Run) -> Measured:
    """The same as Parquet."""
    rows = run.size(full=10_000_000, quick=200_000)
    decided.fill(rows)
    with _folder() as folder:
        speed = rows / _seconds(lambda: _ours(folder / "ours.parquet", "parquet"))
        size = (folder / "ours.parquet").stat().st_size
    return Measured(
        value=speed,
        reference=f"{rows:,} rows, {size / rows:,.0f} B each",
        detail={"bytes_per_row": size / rows},
    )


def _peak_kib(folder: Path, rows: int) -> int:
    """KiB that a process holds at most while it exports the first rows."""
    until = BEGAN + timedelta(milliseconds=rows + 0.5)
    env = os.environ | {"PYTHONPATH": str(ROOT)}
    command = [sys.executable, "-c", CHILD, until.isoformat(), str(folder / f"{rows}.csv"), decided.TENANT]
    done = subprocess.run(command, cwd=ROOT, env=env, capture_output=True, text=True, check=True)
    return int(done.stdout.split()[-1])


@figure("export.memory", bar=1.1, better="lower", needs=("postgresql",), whole=True)
def export_memory(run: Run) -> Measured:
    """Peak memory of an export of all rows over that of a tenth of them."""
    rows = run.size(full=3_000_000, quick=1_000_000)
    decided.fill(rows)
    with _folder() as folder:
        few, all_of_them = _peak_kib(folder, rows // 10), _peak_kib(folder, rows)
    return Measured(
        value=all_of_them / few,
        reference=f"{rows // 10:,} rows {few / 1024:,.0f} MiB; {rows:,} rows {all_of_them / 1024:,.0f} MiB",
        detail={"few_kib": float(few), "all_kib": float(all_of_them)},
    )
