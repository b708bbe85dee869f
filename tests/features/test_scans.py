"""The database computes each feature once: every table of an aggregate is looked at once per feature."""

from __future__ import annotations

import json
import re
from datetime import UTC, datetime
from typing import Any

import pytest
from django.db import connection

from crm_assist import customers
from crm_assist import features as f
from crm_assist.learning import fit_scorecard
from tests.hosts.desk.models import Client

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
LOOKS = {"desk_contact": 3, "desk_order": 1}
"""Of the eleven features, three sum up contacts and one orders."""


def scans(queryset: Any) -> dict[str, int]:
    """How often the plan looks at each of the two tables."""
    sql, params = queryset.query.sql_with_params()
    explain = "EXPLAIN (FORMAT JSON) " if connection.vendor == "postgresql" else "EXPLAIN QUERY PLAN "
    with connection.cursor() as cursor:
        cursor.execute(explain + sql, params)
        rows = cursor.fetchall()
    if connection.vendor == "postgresql":
        plan = rows[0][0] if isinstance(rows[0][0], str) else json.dumps(rows[0][0])
        found = re.findall(r'"Relation Name": "(\w+)"', plan)
    else:
        # An inner table of a plan may go by its alias: U0 for each sub-select.
        text = " ".join(str(row[3]) for row in rows)
        return {"desk_contact": len(re.findall(r"(?:SCAN|SEARCH) U0 USING [^)]*desk_contact", text)),
                "desk_order": len(re.findall(r"(?:SCAN|SEARCH) U0 USING [^)]*desk_order", text))}  # fmt: skip
    return {table: found.count(table) for table in LOOKS}


def test_annotate__all_features__look_at_each_table_once_per_feature() -> None:
    assert scans(f.annotate(Client.objects.all(), customers.adapter_for(Client), NOW)) == LOOKS


def test_expression_of_a_card__with_every_feature__looks_no_oftener() -> None:
    adapter = customers.adapter_for(Client)
    columns = {
        name: ["a", "b"] * 100 if feature.kind == "category" else [float(n % 17) for n in range(200)]
        for name, feature in f.declared(adapter).items()
    }
    card = fit_scorecard(columns, [n % 3 == 0 for n in range(200)])
    expressions = f.expressions(adapter, NOW, card.features)
    rows = Client.objects.annotate(live=card.expression(expressions)).order_by("-live")
    looked = scans(rows)
    assert looked == {table: LOOKS[table] for table in looked}
    assert list(rows.filter(live__gte=0.5)) == []
