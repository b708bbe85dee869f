"""The SQL execution against the row and the batch, on the database that the run uses."""

from __future__ import annotations

import math
import re
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from itertools import combinations
from typing import Any

import numpy as np
import pytest
from django.db import NotSupportedError, connection, transaction
from django.db.models import (
    Avg,
    Count,
    F,
    Window,
)
from django.db.models.functions import Coalesce, RowNumber
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from crm_assist.scorecards import CardError, Scorecard
from tests.scorecards.examples import LEVELS, number, pair, paired_card, wide_card
from tests.scorecards.made import made_card
from tests.scorecards.tables import Event, Host, create_tables

pytestmark = pytest.mark.django_db
CARD = wide_card()
PAIRED = paired_card()
COLUMNS = {name: F(name) for name in CARD.features}
# One feature that is no plain column puts the fence around all of them.
FENCED = {**COLUMNS, "real": Coalesce(F("real"), F("real"))}


@pytest.fixture(autouse=True)
def _tables(db: None) -> None:
    create_tables()


ROWS: list[dict[str, Any]] = [
    dict.fromkeys(CARD.features),
    {
        "real": math.inf,
        "whole": 2**63 - 1,
        "money": Decimal("99.99"),
        "flag": True,
        "since": timedelta(hours=12),
    },
    {
        "real": -math.inf,
        "whole": -(2**63),
        "money": Decimal("0.1"),
        "flag": False,
        "since": timedelta(days=-3),
    },
    {"real": math.nan, "whole": 2**53 + 1, "money": Decimal("100"), "since": timedelta(days=365, hours=6)},
    {
        "real": 5e-324,
        "whole": 2**53 - 1,
        "money": Decimal("-99999999.9999"),
        "since": timedelta(microseconds=1),
    },
    {"real": -0.0, "whole": 0, "money": Decimal("1000000000.0001"), "digit": 7, "yes": True},
    {"real": 1.7e308, "whole": -5, "digit": -1, "yes": False, "flat": 3.5},
    *({"few": level, "many": level} for level in (*LEVELS, "never seen", "level 7", "level 39", "CLERK", "  ")),
]


def rows_of(partial: list[dict[str, Any]]) -> list[dict[str, Any]]:
    return [{**dict.fromkeys(CARD.features), **row} for row in partial]


def largest_difference(card: Scorecard, rows: list[dict[str, Any]], expressions: dict[str, Any]) -> float:
    Host.objects.all().delete()
    Host.objects.bulk_create([Host(**row) for row in rows])
    scored = Host.objects.annotate(p=card.expression(expressions)).order_by("pk").values_list("p", flat=True)
    with transaction.atomic():  # an example that fails leaves the next one its database
        by_sql = np.array(list(scored))
    by_row = np.array([card.one(row) for row in rows])
    by_batch = card.probability({name: [row[name] for row in rows] for name in card.features})
    in_full = np.array([card.score(row).probability for row in rows])
    return float(max(np.abs(other - by_row).max() for other in (by_sql, by_batch, in_full)))


@pytest.mark.parametrize("expressions", [COLUMNS, FENCED], ids=["plain", "fenced"])
@pytest.mark.parametrize("card", [CARD, PAIRED], ids=["single", "paired"])
def test_expression__awkward_values__equal_the_row_and_the_batch(card: Scorecard, expressions: dict[str, Any]) -> None:
    assert largest_difference(card, rows_of(ROWS), expressions) <= 1e-9


text = st.text(st.characters(exclude_characters="\0", exclude_categories=["Cs"]), max_size=12)
made_row = st.fixed_dictionaries(
    {
        "real": st.none() | st.floats(),
        "whole": st.none() | st.integers(-(2**63), 2**63 - 1),
        "money": st.none() | st.decimals(min_value=-(10**10), max_value=10**10, places=4),
        "flag": st.none() | st.booleans(),
        "since": st.none() | st.timedeltas(timedelta(days=-9000), timedelta(days=9000)),
        "flat": st.none() | st.floats(),
        "few": st.none() | st.sampled_from(LEVELS) | text,
        "many": st.none() | st.sampled_from(CARD.part("many").levels) | text,
        "digit": st.none() | st.sampled_from([-1, 0, 7]) | st.integers(-(2**31), 2**31 - 1),
        "yes": st.none() | st.booleans(),
    }
)


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(rows=st.lists(made_row, min_size=1, max_size=12), fenced=st.booleans(), card=st.sampled_from([CARD, PAIRED]))
def test_expression__any_rows__equal_the_row_and_the_batch(
    rows: list[dict[str, Any]], fenced: bool, card: Scorecard
) -> None:
    assert largest_difference(card, rows, FENCED if fenced else COLUMNS) <= 1e-9


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(rows=st.lists(made_row, min_size=1, max_size=8), fenced=st.booleans(), card=made_card())
def test_expression__any_card__equals_the_row_and_the_batch(
    rows: list[dict[str, Any]], fenced: bool, card: Scorecard
) -> None:
    assert largest_difference(card, rows, FENCED if fenced else COLUMNS) <= 1e-9


def test_expression__logit_beyond_exp__is_clamped_alike() -> None:
    card = Scorecard(parts=(number("real", (0.0,), (-1e6, 1e6, 0.0)),), intercept=0.0)
    Host.objects.bulk_create([Host(real=-1.0), Host(real=1.0), Host()])
    found = Host.objects.order_by("pk").annotate(p=card.expression({"real": F("real")}))
    assert list(found.values_list("p", flat=True)) == [card.one({"real": v}) for v in (-1.0, 1.0, None)]


def test_expression__filter_order_count_and_average__work_on_the_score() -> None:
    rows = rows_of(ROWS)
    Host.objects.bulk_create([Host(**row) for row in rows])
    scored = Host.objects.annotate(p=CARD.expression(FENCED))
    expected = sorted((CARD.one(row) for row in rows), reverse=True)
    middle = (expected[3] + expected[4]) / 2
    assert scored.filter(p__gte=middle).count() == sum(p >= middle for p in expected)
    assert list(scored.order_by("-p").values_list("p", flat=True)[:5]) == pytest.approx(expected[:5], abs=1e-9)
    assert scored.aggregate(mean=Avg("p"))["mean"] == pytest.approx(np.mean(expected), abs=1e-9)
    grouped = scored.values("flag").annotate(n=Count("pk"), mean=Avg("p")).order_by("flag")
    assert sum(group["n"] for group in grouped) == len(rows)


def test_expression__insert_from_select__stores_the_scores() -> None:
    rows = rows_of(ROWS)
    Host.objects.bulk_create([Host(**row) for row in rows])
    query = Host.objects.annotate(p=CARD.expression(FENCED)).values_list("pk", "p").query
    sql, params = query.sql_with_params()
    with connection.cursor() as cursor:
        cursor.execute(f"INSERT INTO {Event._meta.db_table} (host_id, amount) {sql}", params)
    stored = list(Event.objects.order_by("host_id").values_list("amount", flat=True))
    assert stored == pytest.approx([CARD.one(row) for row in rows], abs=1e-9)


def test_expression__plain_columns__need_no_inner_select() -> None:
    sql, _params = Host.objects.annotate(p=CARD.expression(COLUMNS)).values("p").query.sql_with_params()
    assert sql.count("SELECT") == 1


def test_expression__fifteen_pairs__bin_each_feature_once() -> None:
    names = ("real", "whole", "money", "since", "few", "digit")
    met = list(combinations(names, 2))
    card = replace(CARD, pairs=tuple(pair(CARD, *two) for two in met))
    assert len(met) == 15
    sql, _params = Host.objects.annotate(p=card.expression(COLUMNS)).values("p").query.sql_with_params()
    for turn in range(len(names)):
        assert len(re.findall(rf" AS k{turn}\b", sql)) == 1
    Host.objects.bulk_create([Host(**row) for row in rows_of(ROWS)])
    found = list(Host.objects.annotate(p=card.expression(COLUMNS)).order_by("pk").values_list("p", flat=True))
    assert found == pytest.approx([card.one(row) for row in rows_of(ROWS)], abs=1e-9)
    if connection.vendor == "postgresql":
        plan = Host.objects.annotate(p=card.expression(COLUMNS)).order_by("-p").explain(verbose=True)
        # Four numbers in pairs, each binned once for all of them, and a boolean that is in none.
        assert plan.count("width_bucket(") == 5, plan
    else:
        plan = Host.objects.annotate(p=card.expression(COLUMNS)).order_by("-p").explain()
        assert len(re.findall(r"CO-ROUTINE k|MATERIALIZE k", plan)) == 1, plan


def test_expression__window__is_written_inline_and_right() -> None:
    Host.objects.bulk_create([Host(), Host(), Host()])
    card = Scorecard(parts=(number("place", (1.5, 2.5), (-1.0, 0.0, 1.0, 0.5)),), intercept=0.0)
    place = Window(RowNumber(), order_by=F("pk").asc())
    found = Host.objects.annotate(p=card.expression({"place": place})).order_by("pk").values_list("p", flat=True)
    assert list(found) == pytest.approx([card.one({"place": i}) for i in (1, 2, 3)], abs=1e-9)


def test_expression__500_features__stay_within_the_depth_of_the_database() -> None:
    parts = tuple(number(f"x{i}", (0.0, 1.0), (-0.01, 0.0, 0.01, 0.0)) for i in range(500))
    card = Scorecard(parts=parts, intercept=0.0)
    Host.objects.create(real=0.5)
    found = Host.objects.annotate(p=card.expression({f"x{i}": F("real") for i in range(500)})).get()
    assert found.p == pytest.approx(card.one({f"x{i}": 0.5 for i in range(500)}), abs=1e-9)


def test_expression__feature_not_given__is_named() -> None:
    with pytest.raises(CardError, match="features not given: whole"):
        CARD.expression({name: F(name) for name in CARD.features if name != "whole"})


def test_expression__bare_text__is_refused() -> None:
    with pytest.raises(CardError, match="'real' is not an expression; give F"):
        CARD.expression({**COLUMNS, "real": "real"})  # type: ignore[dict-item]


def test_expression__text_column_for_a_number__is_refused_when_the_query_is_built() -> None:
    with pytest.raises(CardError, match="'real' is a number but its expression gives a TextField"):
        Host.objects.annotate(p=CARD.expression({**COLUMNS, "real": F("few")}))


def test_expression__other_database__says_what_to_do_instead() -> None:
    expression = CARD.expression(COLUMNS)
    with pytest.raises(NotSupportedError, match=r"score in batches with card\.probability"):
        expression.as_sql(None, connection)  # type: ignore[arg-type]
