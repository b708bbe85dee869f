"""A plain column stays a plain column; durations become days, numbers of a category texts."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from django.db.models.expressions import Col

from crm_assist import features as f
from tests.hosts.desk.models import Client

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
