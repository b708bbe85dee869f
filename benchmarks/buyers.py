"""A base of customers for batches: rows made by the database, two cards to change between, and raw COPY beside it.

The reference of a batch is what moving the same rows out and back would cost: COPY of key and features out to the
client, COPY of the score rows back in, and their primary key.
"""

from __future__ import annotations

import statistics
import time
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime
from typing import Any

from benchmarks.timing import Timing
from crm_assist.scorecards import Feature, Scorecard

LABEL = "host.Customer"
LEVELS = {
    "job": "admin blue technician services management retired entrepreneur self housemaid unemployed student unknown",
    "marital": "married single divorced",
    "education": "basic4 basic6 basic9 high professional university illiterate unknown",
    "in_default": "no yes unknown",
    "housing": "no yes unknown",
    "loan": "no yes unknown",
    "contact": "cellular telephone",
    "month": "jan feb mar apr may jun jul aug sep oct",
    "day": "mon tue wed thu fri",
    "poutcome": "failure nonexistent success",
}
NUMBERS = ("age", "campaign", "pdays", "previous", "rate", "prices", "confidence", "euribor", "employed", "balance")
EDGES = tuple(float(edge) for edge in range(1, 16))
GROUPED = ("calls_90d", "minutes_365d")


def card(*, shift: float = 0.0, grouped: bool = False) -> Scorecard:
    """A card on all twenty columns, or on those of ten numbers and two sums of related rows."""
    points = tuple(0.05 * place - 0.4 + 1e-9 * place + shift for place in range(len(EDGES) + 2))
    numbers = NUMBERS + (GROUPED if grouped else ())
    parts = [Feature(name=name, kind="number", edges=EDGES, points=points) for name in numbers]
    for name, levels in LEVELS.items():
        known = tuple(levels.split())
        parts.append(Feature(name=name, kind="category", levels=known, points=points[: len(known) + 2]))
    return Scorecard(parts=tuple(parts), intercept=-1.0)


def execute(sql: str) -> Any:
    """The rows of one statement, if it gives any."""
    from django.db import connection  # Django is set up only when a figure runs

    with connection.cursor() as cursor:
        cursor.execute(sql)
        return cursor.fetchall() if cursor.description else None


def fill(customers: int, *, contacts: int = 0) -> None:
    """At least so many customers, and contacts in the order of time, not of customers."""
    table, beside = "host_customer", "host_contact"
    (have,) = execute(f"SELECT count(*) FROM {table}")[0]
    texts = ", ".join(
        f"(ARRAY[{', '.join(repr(level) for level in words.split())}])[1 + floor(random() * {len(words.split())})::int]"
        for words in LEVELS.values()
    )
    numbers = ", ".join("random() * 17" for _ in NUMBERS)
    if have < customers:
        names = ", ".join([*LEVELS, *NUMBERS])
        execute(
            f"INSERT INTO {table} ({names}) SELECT {texts}, {numbers} FROM generate_series({have + 1}, {customers})"
        )
        execute(f"VACUUM ANALYZE {table}")
    (have,) = execute(f"SELECT count(*) FROM {beside}")[0]
    if have < contacts:
        execute(
            f"INSERT INTO {beside} (customer_id, at, channel, minutes) SELECT 1 + floor(random() * {customers})::int, "
            f"timestamptz '2025-01-01' + g * 500.0 / {contacts} * interval '1 day', "
            "(ARRAY['phone', 'mail', 'visit'])[1 + floor(random() * 3)::int], random() * 30 "
            f"FROM generate_series({have + 1}, {contacts}) g"
        )
        execute(f"VACUUM ANALYZE {beside}")


@contextmanager
def registered() -> Iterator[Any]:
    """The adapter of these customers, with its twenty plain features and two grouped ones."""
    from django.apps import apps  # as above
    from django.db.models import Q

    from crm_assist import customers
    from crm_assist import features as f

    class Base(customers.CustomerAdapter):
        features = [
            *(f.Category(name, name, label=name, history=False) for name in LEVELS),
            *(f.Number(name, name, label=name, history=False) for name in NUMBERS),
            f.Number(
                "calls_90d",
                lambda at: f.count("contacts", Q(channel="phone"), f.between("at", at - f.days(90), at)),
                label="calls",
            ),
            f.Number(
                "minutes_365d",
                lambda at: f.total("contacts", "minutes", f.between("at", at - f.days(365), at)),
                label="minutes",
            ),
        ]

    with customers.registered(apps.get_model(LABEL), Base) as adapter:
        yield adapter


def publish(made: Scorecard, *, now: datetime) -> None:
    """Put a card in force for the buyers' one target."""
    from tests.hosts.opening import put_in_force  # Django is set up only when a figure runs

    put_in_force(made, adapter=LABEL, target="batch", now=now)


def rescore(adapter: Any, *, way: str, now: datetime) -> None:
    """The whole base, as the nightly command does it."""
    from crm_assist import flow  # as above

    deque(flow.rescore(adapter, now=now, way=way), maxlen=0)


class Raw:
    """The same rows by COPY: out with the features, in as scores, then the primary key."""

    def __init__(self, *, columns: tuple[str, ...]) -> None:
        self.columns = ", ".join(("id", *columns))
        self.rows = self._scores()
        self.taken: list[dict[str, float]] = []

    def _scores(self) -> list[bytes]:
        copied = self._copy(
            "COPY (SELECT scope_id, card, probability, scored_at, key FROM crm_assist_latestscore) "
            "TO STDOUT (FORMAT binary)"
        )
        return [b"".join(copied[place : place + 20_000]) for place in range(0, len(copied), 20_000)]

    def _copy(self, sql: str) -> list[bytes]:
        from django.db import connection  # as above

        with connection.cursor() as cursor, cursor.copy(sql) as copy:
            return [bytes(some) for some in copy]

    def run(self) -> dict[str, float]:
        """Seconds of each part."""
        from django.db import connection  # as above

        execute("DROP TABLE IF EXISTS raw_scores")
        execute(
            "CREATE TABLE raw_scores (scope_id int NOT NULL, card int NOT NULL, probability float8 NOT NULL, "
            "scored_at timestamptz NOT NULL, key bigint NOT NULL)"
        )
        began = time.perf_counter()
        with connection.cursor() as cursor:
            with cursor.copy(f"COPY (SELECT {self.columns} FROM host_customer) TO STDOUT (FORMAT binary)") as copy:
                for _ in copy:
                    pass
            out = time.perf_counter()
            with cursor.copy("COPY raw_scores FROM STDIN (FORMAT binary)") as copy:
                for some in self.rows:
                    copy.write(some)
        into = time.perf_counter()
        execute("ALTER TABLE raw_scores ADD PRIMARY KEY (scope_id, key)")
        end = time.perf_counter()
        self.taken.append({"out_s": out - began, "in_s": into - out, "key_s": end - into, "all_s": end - began})
        return self.taken[-1]

    def parts(self) -> tuple[float, float, float]:
        """Median seconds out, in and for the key."""
        out, into, key = (statistics.median(one[name] for one in self.taken) for name in ("out_s", "in_s", "key_s"))
        return out, into, key


def in_turn(
    ours: Callable[[], object],
    raw: Callable[[], object],
    *,
    repeats: int,
    between: Callable[[], object] | None = None,
) -> tuple[Timing, Timing]:
    """Both in turn, the order changing; `between` runs before each, untimed."""
    taken: tuple[list[float], list[float]] = ([], [])
    for repeat in range(repeats):
        for place in (0, 1) if repeat % 2 == 0 else (1, 0):
            if between:
                between()
            began = time.perf_counter()
            (ours, raw)[place]()
            taken[place].append(time.perf_counter() - began)
    return Timing(seconds=tuple(taken[0])), Timing(seconds=tuple(taken[1]))
