"""The real Bank Marketing file: every row read, its months deduced as its publisher dates them."""

from __future__ import annotations

from io import StringIO
from pathlib import Path

import pytest
from django.core.management import call_command

from project.campaigns.dating import CallDates
from project.campaigns.models import Call, Prospect
from project.campaigns.reading import read_records
from tests.conditions import shared_data

FILE = shared_data(Path(__file__).resolve().parents[2]) / "bank_marketing" / "bank_additional_dev.csv.gz"


def test_dates__months_deduced_from_the_order__are_the_published_periods() -> None:
    dates = CallDates()
    for record in read_records(FILE):
        values = record.values
        at = dates.next(month=str(values["month"]), weekday=str(values["day_of_week"]), period=None)
        assert f"{at:%Y-%m}" == record.period, record.line


@pytest.mark.django_db
def test_load__whole_file__all_rows_in_time_order() -> None:
    out = StringIO()
    call_command("load_bank_marketing", str(FILE), no_card=True, stdout=out)
    assert "37,172 rows, 3,644 subscribed (9.8%)" in out.getvalue()
    rows = list(Call.objects.order_by("at").values_list("prospect__row", flat=True))
    assert rows == sorted(rows)
    assert len(rows) == Prospect.objects.count() == 37_172
