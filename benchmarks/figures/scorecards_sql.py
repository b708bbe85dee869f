"""A list of a million customers by live score on PostgreSQL, against the bare sum of points and the plain list."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from itertools import combinations, islice
from typing import Any

from benchmarks.figure import Measured, Run, figure
from benchmarks.timing import duration, interleave, times
from crm_assist.scorecards import Feature, Pair, Scorecard

COLUMNS = tuple(f"x{i}" for i in range(10))
EDGES = tuple(float(i) for i in range(1, 16))
PAIRED = 6
PAGE = 100
TABLE = "benchmark_customers"


def card(*, pairs: int = 0) -> Scorecard:
    """A card on all columns, with so many pairs of the first six of them."""
    points = tuple(0.05 * i - 0.4 for i in range(len(EDGES) + 2))
    parts = tuple(Feature(name=n, kind="number", edges=EDGES, points=points) for n in COLUMNS)
    width = parts[0].size
    cells = tuple(0.01 * ((7 * cell) % 19 - 9) for cell in range(width * width))
    met = islice(combinations(COLUMNS[:PAIRED], 2), pairs)
    return Scorecard(
        parts=parts,
        pairs=tuple(Pair(first=a, second=b, width=width, points=cells) for a, b in met),
        intercept=-1.0,
    )


def _bare_points() -> str:
    """The sum of points as a data engineer would write it by hand: a CASE per column, nothing else."""
    terms = []
    for part in card().parts:
        steps = " ".join(f"WHEN {part.name} < {e} THEN {p}" for e, p in zip(EDGES, part.points, strict=False))
        terms.append(f"CASE WHEN {part.name} IS NULL THEN {part.points[-1]} {steps} ELSE {part.points[-2]} END")
    return "(" + " + ".join(terms) + ")"


@cache
def _model() -> Any:
    from django.db import models  # Django is set up only when the figure runs

    fields: dict[str, Any] = {name: models.FloatField(null=True) for name in COLUMNS}
    meta = type("Meta", (), {"app_label": "benchmarks", "db_table": TABLE, "managed": False})
    return type("Customer", (models.Model,), {**fields, "Meta": meta, "__module__": __name__})


def customers(rows: int) -> Any:
    """So many customers in a table of their own, as a model."""
    from django.db import connection  # as above

    with connection.cursor() as cursor:
        cursor.execute(f"DROP TABLE IF EXISTS {TABLE}")
        cursor.execute(f"CREATE TABLE {TABLE} (id bigint, {', '.join(f'{n} float8' for n in COLUMNS)})")
        values = ", ".join("random() * 17" for _name in COLUMNS)
        cursor.execute(f"INSERT INTO {TABLE} SELECT i, {values} FROM generate_series(1, %s) i", [rows])
        cursor.execute(f"VACUUM ANALYZE {TABLE}")
    return _model()


def fetch(sql: str, params: Sequence[Any] | None = None) -> Any:
    """The rows of a statement, if it gives any."""
    from django.db import connection  # as above

    with connection.cursor() as cursor:
        cursor.execute(sql, params)
        return cursor.fetchall() if cursor.description else None


@figure("sql", bar=1.3, better="lower", needs=("postgresql",))
def sql(run: Run) -> Measured:
    """The first page by live score, plain columns: the card's expression against the bare points by hand."""
    rows = run.size(full=1_000_000, quick=50_000)
    scored = customers(rows).objects.annotate(p=card().expression(columns())).order_by("-p")
    repeats = run.size(full=11, quick=5)
    ours, bare = interleave(
        lambda: list(scored.values_list("pk", "p")[:PAGE]),
        lambda: fetch(f"SELECT id, {_bare_points()} AS p FROM {TABLE} ORDER BY p DESC LIMIT {PAGE}"),
        repeats=repeats,
    )
    plain, _bare = interleave(
        lambda: fetch(f"SELECT id, x0 FROM {TABLE} ORDER BY x0 DESC LIMIT {PAGE}"), lambda: None, repeats=repeats
    )
    return Measured(
        value=times(ours, bare),
        reference=f"{rows:,} rows: {duration(ours.median)}; by one column {duration(plain.median)}",
        detail={"ours_s": ours.median, "bare_s": bare.median, "plain_s": plain.median},
    )


def columns() -> dict[str, Any]:
    """Each feature of the card as its column."""
    from django.db.models import F  # as above

    return {name: F(name) for name in COLUMNS}
