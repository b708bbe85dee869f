"""Rows by one prepared statement."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal

import pytest

from project.crm.models import Branch, Customer, Statement
from project.inserting import insert_all

pytestmark = pytest.mark.django_db


def test_insert_all__values_of_every_kind__come_back_as_they_were(filled: object) -> None:
    customer, at = Customer.objects.order_by("pk")[0], datetime(2020, 2, 29, 23, 59, tzinfo=UTC)
    insert_all(Statement, [Statement(customer=customer, at=at, balance=Decimal("-12.34"))])
    assert Statement.objects.get(at=at).balance == Decimal("-12.34")


def test_insert_all__several_rows__each_have_a_key(filled: object) -> None:
    insert_all(Branch, [Branch(code="A-A", name="One"), Branch(code="B-B", name="Two")])
    assert dict(Branch.objects.filter(code__in=["A-A", "B-B"]).values_list("code", "name")) == {
        "A-A": "One",
        "B-B": "Two",
    }


def test_insert_all__nothing__does_nothing() -> None:
    insert_all(Branch, [])
    assert not Branch.objects.exists()
