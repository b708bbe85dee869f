"""A million customers scored by a query on PostgreSQL: a page by live score, and cards with pairs against none."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import combinations, islice
from typing import Any

from benchmarks.figure import Measured, Run, figure
from benchmarks.timing import duration, interleave, times
from crm_assist.scorecards import Feature, Pair, Scorecard

COLUMNS = tuple(f"x{i}" for i in range(10))
EDGES = tuple(float(i) for i in range(1, 16))
PAIRED = 6
MOST_PAIRS = 15
PAGE = 100
TABLE = "benchmark_customers"


def _card(*, pairs: int = 0) -> Scorecard:
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
    for part in _card().parts:
        steps = " ".join(f"WHEN {part.name} < {e} THEN {p}" for e, p in zip(EDGES, part.points, strict=False))
        terms.append(f"CASE WHEN {part.name} IS NULL THEN {part.points[-1]} {steps} ELSE {part.points[-2]} END")
    return "(" + " + ".join(terms) + ")"


def _customers(rows: int) -> Any:
    from django.db import connection, models  # Django is set up only when the figure runs

    fields: dict[str, Any] = {name: models.FloatField(null=True) for name in COLUMNS}
    meta = type("Meta", (), {"app_label": "benchmarks", "db_table": TABLE, "managed": False})
    model = type("Customer", (models.Model,), {**fields, "Meta": meta, "__module__": __name__})
    with connection.cursor() as cursor:
        cursor.execute(f"DROP TABLE IF EXISTS {TABLE}")
        cursor.execute(f"CREATE TABLE {TABLE} (id bigint, {', '.join(f'{n} float8' for n in COLUMNS)})")
        values = ", ".join("random() * 17" for _name in COLUMNS)
        cursor.execute(f"INSERT INTO {TABLE} SELECT i, {values} FROM generate_series(1, %s) i", [rows])
        cursor.execute(f"VACUUM ANALYZE {TABLE}")
    return model


def _fetch(sql: str, params: Sequence[Any] | None = None) -> Any:
    from django.db import connection  # as above

    with connection.cursor() as cursor:
        cursor.execute(sql, params)
        return cursor.fetchall()


@figure("sql", bar=1.3, better="lower", needs=("postgresql",))
def sql(run: Run) -> Measured:
    """The first page by live score, plain columns: the card's expression against the bare points by hand."""
    rows = run.size(full=1_000_000, quick=50_000)
    customers = _customers(rows)
    scored = customers.objects.annotate(p=_card().expression(_columns())).order_by("-p")
    repeats = run.size(full=11, quick=5)
    ours, bare = interleave(
        lambda: list(scored.values_list("pk", "p")[:PAGE]),
        lambda: _fetch(f"SELECT id, {_bare_points()} AS p FROM {TABLE} ORDER BY p DESC LIMIT {PAGE}"),
        repeats=repeats,
    )
    plain, _bare = interleave(
        lambda: _fetch(f"SELECT id, x0 FROM {TABLE} ORDER BY x0 DESC LIMIT {PAGE}"), lambda: None, repeats=repeats
    )
    return Measured(
        value=times(ours, bare),
        reference=f"{rows:,} rows: {duration(ours.median)}; by one column {duration(plain.median)}",
        detail={"ours_s": ours.median, "bare_s": bare.median, "plain_s": plain.median},
    )


def _binned_anew(card: Scorecard) -> tuple[str, list[Any]]:
    """The mean of a card's probability as it would be written pair by pair: every mention of a feature bins it anew."""
    from crm_assist.scorecards import sql_postgresql as form
    from crm_assist.scorecards.sql_text import Fragment, Reading, balanced_sum

    code = {part.name: form.code(part, Fragment(part.name), Reading.CHEAP) for part in card.parts}
    terms = [Fragment(f"({card.intercept!r})")]
    terms += [form.points(part, 1.0, Fragment(part.name), Reading.CHEAP) for part in card.parts]
    terms += [form.points_of_pair(pair, 1.0, code[pair.first], code[pair.second]) for pair in card.pairs]
    whole = Fragment("SELECT avg(1.0 / (1.0 + exp(-") + balanced_sum(terms) + Fragment(f"))) FROM {TABLE}")
    return whole.sql, list(whole.params)


@figure("sql.pairs", bar=2.5, better="lower", needs=("postgresql",))
def sql_pairs(run: Run) -> Measured:
    """The mean score of all customers with fifteen pairs of six features, against the same card without pairs.

    Where features are binned once, a pair is one look into a table and may cost what a feature costs: fifteen pairs
    beside ten features then take 25 / 10 of the time.
    """
    from django.db.models import Avg  # as above

    rows = run.size(full=1_000_000, quick=50_000)
    customers, repeats = _customers(rows), run.size(full=7, quick=5)

    def mean(pairs: int) -> Callable[[], float]:
        scored = customers.objects.annotate(p=_card(pairs=pairs).expression(_columns()))
        return lambda: float(scored.aggregate(mean=Avg("p"))["mean"])

    most, naive = mean(MOST_PAIRS), _binned_anew(_card(pairs=MOST_PAIRS))
    if abs(most() - _fetch(*naive)[0][0]) > 1e-9:
        raise RuntimeError("the two ways to write the card do not agree: neither is a reference")
    fifteen, none = interleave(most, mean(0), repeats=repeats)
    five, other = interleave(mean(5), mean(0), repeats=repeats)
    anew, again = interleave(lambda: _fetch(*naive), most, repeats=repeats)
    return Measured(
        value=times(fifteen, none),
        reference=(
            f"{rows:,} rows: 0 pairs {duration(none.median)}, 5 {duration(five.median)} ({times(five, other):.2f}x), "
            f"15 {duration(fifteen.median)}; binned anew for each pair {times(anew, again):.2f}x of ours"
        ),
        detail={
            "none_s": none.median,
            "five_s": five.median,
            "fifteen_s": fifteen.median,
            "anew_s": anew.median,
            "five": times(five, other),
            "anew": times(anew, again),
        },
    )


def _columns() -> dict[str, Any]:
    from django.db.models import F  # as above

    return {name: F(name) for name in COLUMNS}
