"""A rule over a whole base against the same rule over each row, on the database that the run uses."""

from __future__ import annotations

from typing import Any

import pytest
from django.db import NotSupportedError, connection
from django.db.models import Count, F, Q
from django.db.models.functions import Coalesce
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from crm_assist.eligibility.rules.query import rule_expression
from crm_assist.eligibility.rules.tree import Compare, Comparison, Every, Missing, Not, OneOf, Rule, holds
from tests.eligibility.rules import made
from tests.scorecards.tables import Event, Host, create_tables

pytestmark = pytest.mark.django_db
COLUMNS = {name: F(name) for name in made.KINDS}


@pytest.fixture(autouse=True)
def _tables(db: None) -> None:
    create_tables()


def answers(rule: Rule, rows: list[dict[str, Any]]) -> tuple[list[bool | None], list[bool | None]]:
    """What Python says of the rows as the database has them, and what the database says."""
    Host.objects.all().delete()
    Host.objects.bulk_create([Host(**row) for row in rows])
    asked = Host.objects.annotate(answer=rule_expression(rule, COLUMNS)).order_by("pk")
    read = list(asked.values(*made.KINDS, "answer"))
    in_sql = [None if row["answer"] is None else bool(row["answer"]) for row in read]
    return [holds(rule, {name: row[name] for name in made.KINDS}) for row in read], in_sql


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(made.rules, st.lists(made.rows, min_size=1, max_size=12))
@example(Not(part=OneOf(feature="few", names=("a",))), [dict.fromkeys(made.KINDS)])
@example(Missing(feature="few"), [dict.fromkeys(made.KINDS) | {"few": "NaN"}])
def test_rule_expression__any_rule_and_rows__answers_as_python_does(rule: Rule, rows: list[dict[str, Any]]) -> None:
    in_python, in_sql = answers(rule, rows)
    assert in_sql == in_python


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None, max_examples=30)
@given(made.rules, st.lists(made.rows, min_size=1, max_size=12))
def test_rule_expression__as_a_filter__keeps_those_for_whom_it_holds(rule: Rule, rows: list[dict[str, Any]]) -> None:
    in_python, _ = answers(rule, rows)
    kept = Host.objects.filter(rule_expression(rule, COLUMNS)).count()
    dropped = Host.objects.filter(rule_expression(Not(part=rule), COLUMNS)).count()
    assert (kept, dropped) == (in_python.count(True), in_python.count(False))


def test_rule_expression__a_feature_used_three_times__is_evaluated_once() -> None:
    rule = Every(
        parts=tuple(Compare(feature="real", how=Comparison.ABOVE, value=float(n)) for n in range(3)),
    )
    Host.objects.bulk_create([Host(real=value) for value in (1.0, 5.0)])
    costly = {"real": Coalesce(F("real"), 0.0)}
    asked = Host.objects.filter(rule_expression(rule, costly))
    assert str(asked.query).upper().count("COALESCE") == 1
    assert [host.real for host in asked] == [5.0]


def test_rule_expression__an_aggregate__stands_in_the_having_clause() -> None:
    few, many = (Host.objects.create(flat=1.0) for _ in range(2))
    Event.objects.bulk_create([Event(host=host, amount=1.0) for host in (few, many, many)])
    rule = Compare(feature="real", how=Comparison.ABOVE, value=1.0)
    grouped = Event.objects.values("host").annotate(held=rule_expression(rule, {"real": Count("pk")}))
    assert {row["host"]: bool(row["held"]) for row in grouped} == {few.pk: False, many.pk: True}


def test_rule_expression__joined_with_the_hosts_own_conditions__is_one_of_them() -> None:
    Host.objects.bulk_create([Host(real=real, whole=whole) for real in (1.0, 2.0) for whole in (1, 2)])
    rule = Compare(feature="real", how=Comparison.AT_LEAST, value=2.0)
    either = Host.objects.filter(Q(rule_expression(rule, COLUMNS)) | Q(whole=1))
    assert either.count() == 3


def test_rule_expression__a_feature_that_is_not_given__raises() -> None:
    with pytest.raises(KeyError, match="real"):
        rule_expression(Compare(feature="real", how=Comparison.ABOVE, value=1.0), {})


def test_rule_expression__another_database__is_refused() -> None:
    expression = rule_expression(Missing(feature="real"), COLUMNS)
    with pytest.raises(NotSupportedError, match="PostgreSQL and SQLite"):
        expression.as_sql(Host.objects.all().query.get_compiler("default"), connection)
