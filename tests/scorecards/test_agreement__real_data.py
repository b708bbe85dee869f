"""Row, batch, SQL and oracle on 10,000 real calls."""

from __future__ import annotations

import csv
import gzip
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from django.db import connection
from django.db.models import FloatField, TextField
from django.db.models.expressions import RawSQL

from crm_assist.learning import fit_with_oracle
from crm_assist.learning.oracle import largest_difference
from tests.scorecards.tables import Host, create_tables

FILE = Path(__file__).resolve().parents[3] / "shared/data/bank_marketing/bank_additional_dev.csv.gz"
LEFT_OUT = ("row", "period", "duration", "y")
NUMBERS = (
    "age", "campaign", "pdays", "previous", "emp.var.rate", "cons.price.idx", "cons.conf.idx", "euribor3m",
    "nr.employed",
)  # fmt: skip
ROWS = 10_000


def real_columns() -> tuple[dict[str, list[Any]], list[int]]:
    with gzip.open(FILE, "rt", encoding="utf-8", newline="") as lines:
        rows = list(csv.DictReader(lines))[-ROWS:]
    columns: dict[str, list[Any]] = {
        name: [float(row[name]) if name in NUMBERS else row[name] for row in rows]
        for name in rows[0]
        if name not in LEFT_OUT
    }
    return columns, [int(row["y"] == "yes") for row in rows]


@pytest.mark.django_db
def test_four_ways__10_000_real_rows__agree_to_1e9() -> None:
    X, y = real_columns()
    card, oracle = fit_with_oracle(X, y, time=range(ROWS))
    assert largest_difference(card, oracle, X) <= 1e-9
    create_tables()
    quote = connection.ops.quote_name
    kinds = {n: FloatField() if n in NUMBERS else TextField() for n in X}
    with connection.cursor() as cursor:
        columns = ", ".join(f"{quote(n)} {kinds[n].db_type(connection)}" for n in X)
        cursor.execute(f"CREATE TABLE real_rows (id integer, {columns})")
        places = ", ".join(["%s"] * (len(X) + 1))
        cursor.executemany(
            f"INSERT INTO real_rows VALUES ({places})",
            [(i, *values) for i, values in enumerate(zip(*X.values(), strict=True))],
        )
        cursor.execute(f"INSERT INTO {Host._meta.db_table} (id) SELECT id FROM real_rows")
    sources = {
        name: RawSQL(
            f"(SELECT r.{quote(name)} FROM real_rows r WHERE r.id = {Host._meta.db_table}.id)",
            (),
            output_field=kinds[name],
        )
        for name in card.features
    }
    with connection.cursor() as cursor:
        cursor.execute("CREATE INDEX real_rows_id ON real_rows (id)")
    scored = Host.objects.annotate(p=card.expression(sources)).order_by("pk").values_list("p", flat=True)
    assert np.abs(np.array(list(scored)) - oracle.probability(X)).max() <= 1e-9
