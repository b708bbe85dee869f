"""A plain column stays a plain column; durations become days, numbers of a category texts."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from django.db import connection
from django.db.models import DecimalField, ExpressionWrapper, F
from django.db.models.expressions import Col
from django.db.models.functions import Cast

from crm_assist import features as f
from crm_assist.customers.registration import registered
from crm_assist.flow.payload import plain
from tests.hosts.desk.assist import DeskClient
from tests.hosts.desk.models import Client
from tests.story import fitted

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 3, 1, tzinfo=UTC)


def resolved(feature: f.Feature) -> object:
    return Client.objects.annotate(x=feature.expression(Client, NOW)).query.annotations["x"]


def test_expression__of_a_plain_column__is_that_column_alone() -> None:
    for feature in (f.Number("x", "balance", label=""), f.Category("x", "segment", label="")):
        assert isinstance(resolved(feature), Col)


def test_duration__positive_negative_and_missing__is_days() -> None:
    for number, value in enumerate([timedelta(days=1, hours=6), timedelta(days=-2), None]):
        Client.objects.create(pk=number + 1, name=str(number), notice=value)
    expression = f.Number("x", "notice", label="").expression(Client, NOW)
    days = Client.objects.annotate(x=expression).order_by("pk").values_list("x", flat=True)
    assert list(days) == [1.25, -2.0, None]


def test_category__of_a_whole_number__is_its_text_everywhere() -> None:
    Client.objects.create(pk=7, name="a")
    expression = f.Category("x", "pk", label="").expression(Client, NOW)
    assert Client.objects.annotate(x=expression).get().x == "7"
    assert Client.objects.annotate(x=expression).filter(x="7").count() == 1
    assert list(Client.objects.annotate(x=expression).values_list("x").order_by("x")) == [("7",)]


@pytest.mark.parametrize(("digits", "places"), [(307, 0), (400, 100), (12, 2)])
def test_number__of_a_decimal_that_a_float_holds_in_any_case__is_that_column_alone(digits: int, places: int) -> None:
    field = DecimalField(max_digits=digits, decimal_places=places)
    plain = ExpressionWrapper(F("balance"), output_field=field)
    assert isinstance(resolved(f.Number("x", plain, label="")), ExpressionWrapper)


WIDE = Cast("name", DecimalField(max_digits=1000, decimal_places=500))
"""A decimal column wider than any float; the names of the clients are its numbers."""

ODD = {"1e400": None, "-1e400": None, "1e-400": 0.0, "0": 0.0, "8000": 8000.0, "-1e300": -1e300, "NaN": None}


class WideDesk(DeskClient):
    """A client's name is a number without bounds."""

    features = [f.Number("balance", WIDE, label="Wide", history=False)]


def test_number__that_no_float_holds__is_missing_in_all_three_executions() -> None:
    names = [name for name in ODD if name != "NaN" or connection.vendor == "postgresql"]
    clients = {name: Client.objects.create(name=name) for name in names}
    card = fitted()
    with registered(Client, WideDesk) as adapter:
        values = {
            name: {key: plain(value) for key, value in f.snapshot(adapter, client, NOW).snapshot.values.items()}
            for name, client in clients.items()
        }
        expression = card.expression(f.expressions(adapter, NOW, card.features))
        in_sql = dict(Client.objects.annotate(p=expression).values_list("name", "p"))
    assert {name: found["balance"] for name, found in values.items()} == {name: ODD[name] for name in names}
    singles = {name: card.one(found) for name, found in values.items()}
    at_once = card.probability({"balance": [values[name]["balance"] for name in names]})
    assert in_sql == pytest.approx(singles, abs=1e-9)
    assert dict(zip(names, at_once, strict=True)) == pytest.approx(singles, abs=1e-9)
    assert singles["1e400"] == card.one({"balance": None})
