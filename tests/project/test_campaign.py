"""The Bank Marketing file: read line by line, dated believably, loaded whole or not at all."""

from __future__ import annotations

import gzip
from collections.abc import Callable
from io import StringIO
from itertools import pairwise
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command
from django.test import Client
from hypothesis import given
from hypothesis import strategies as st

from project.campaigns.dating import CallDates
from project.campaigns.layout import MONTHS, WEEKDAYS
from project.campaigns.models import Call, CampaignFile, Prospect
from project.campaigns.reading import CampaignFileError, read_records
from tests.project.conftest import HEADER, campaign_line

Write = Callable[..., Path]


def load(path: Path, **options: object) -> str:
    out = StringIO()
    call_command("load_bank_marketing", str(path), no_card=True, stdout=out, **options)
    return out.getvalue()


def test_read__original_file__gives_checked_values(campaign_file: Write) -> None:
    first = next(iter(read_records(campaign_file(3))))
    assert (first.line, first.row, first.period) == (2, 0, None)
    assert first.values["age"] == 20
    assert first.values["euribor3m"] == 4.857
    assert first.values["y"] == "yes"


def test_read__with_row_and_period__and_gzip(tmp_path: Path) -> None:
    lines = [f"{7 * index};2008-05;{campaign_line(index)}".replace(";", ",") for index in range(4)]
    path = tmp_path / "dev.csv.gz"
    path.write_bytes(gzip.compress("\n".join([f"row;period;{HEADER}".replace(";", ","), *lines]).encode()))
    assert [(record.row, record.period) for record in read_records(path)] == [
        (0, "2008-05"),
        (7, "2008-05"),
        (14, "2008-05"),
        (21, "2008-05"),
    ]


BAD_VALUES = [
    ({"age": "old"}, "column age: the value 'old'"),
    ({"age": "12.5"}, "column age"),
    ({"age": "-3"}, "from 16 to 120"),
    ({"job": "pilot"}, "column job: the value 'pilot'"),
    ({"euribor3m": "nan"}, "column euribor3m"),
    ({"euribor3m": "inf"}, "column euribor3m"),
    ({"pdays": "1000"}, "column pdays"),
    ({"y": ""}, "column y"),
    ({"month": "MAY"}, "column month"),
]


@pytest.mark.parametrize(("changes", "message"), BAD_VALUES)
def test_read__bad_value__names_line_column_value_and_remedy(
    campaign_file: Write, changes: dict[str, str], message: str
) -> None:
    path = campaign_file(lines=[campaign_line(0), campaign_line(1, **changes)])
    with pytest.raises(CampaignFileError, match=rf"\.csv: Line 3, .*{message}"):
        list(read_records(path))


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", "Line 1: this is not the header"),
        (b"a;b;c\n1;2;3\n", "unknown: a, b, c"),
        (HEADER.encode() + b"\n", "no data line"),
        (HEADER.encode() + b"\n1;2\n", "Line 2: 2 values where 21 are expected"),
        (b"\xff\xfe\x00\x01", "not UTF-8"),
        (gzip.compress(HEADER.encode() + b"\n" + b"x" * 5000)[:60], "damaged or truncated"),
    ],
    ids=["empty", "other header", "no rows", "cut line", "bytes", "cut gzip"],
)
def test_read__file_that_is_not_one__is_refused(tmp_path: Path, content: bytes, message: str) -> None:
    path = tmp_path / "broken.csv"
    path.write_bytes(content)
    with pytest.raises(CampaignFileError, match=message):
        list(read_records(path))


def test_read__rows_or_months_going_back__are_refused(tmp_path: Path) -> None:
    def dated(row: int, period: str) -> str:
        return f"{row};{period};{campaign_line(0)}"

    path = tmp_path / "dated.csv"
    path.write_text("\n".join([f"row;period;{HEADER}", dated(5, "2008-05"), dated(5, "2008-05")]))
    with pytest.raises(CampaignFileError, match="column row"):
        list(read_records(path))
    path.write_text("\n".join([f"row;period;{HEADER}", dated(5, "2009-05"), dated(6, "2008-05")]))
    with pytest.raises(CampaignFileError, match="lies before 2009-05"):
        list(read_records(path))


@given(st.lists(st.tuples(st.sampled_from(MONTHS), st.sampled_from(WEEKDAYS[:5])), min_size=1, max_size=60))
def test_dates__any_sequence__move_forward_within_their_month(calls: list[tuple[str, str]]) -> None:
    dates = CallDates()
    moments = [dates.next(month=month, weekday=weekday, period=None) for month, weekday in calls]
    assert all(later > earlier for earlier, later in pairwise(moments))
    assert [moment.month for moment in moments] == [MONTHS.index(month) + 1 for month, _weekday in calls]


@pytest.mark.django_db
def test_load__each_row__is_one_prospect_and_one_call_in_order(campaign_file: Write) -> None:
    said = load(campaign_file(300))
    assert "300 rows, 43 subscribed (14.3%)" in said
    assert Prospect.objects.count() == Call.objects.count() == 300
    assert list(Call.objects.order_by("at").values_list("prospect__row", flat=True)) == list(range(300))
    assert Prospect.objects.filter(pdays=None).count() == 240
    assert not {"duration", "y", "subscribed"} & {field.name for field in Prospect._meta.get_fields()}


@pytest.mark.django_db
def test_load__again__adds_nothing_and_another_file_needs_replace(campaign_file: Write) -> None:
    load(campaign_file(30))
    assert "loaded already" in load(campaign_file(30))
    with pytest.raises(CommandError, match="--replace"):
        load(campaign_file(40))
    assert Prospect.objects.count() == 30
    load(campaign_file(40), replace=True)
    assert Prospect.objects.count() == 40
    assert CampaignFile.objects.count() == 1


@pytest.mark.django_db
def test_load__limit__takes_the_first_rows(campaign_file: Write) -> None:
    load(campaign_file(30), limit=10)
    assert list(Prospect.objects.values_list("row", flat=True)) == list(range(10))


@pytest.mark.django_db
def test_load__fault_in_the_last_line__leaves_nothing(campaign_file: Write) -> None:
    lines = [campaign_line(index) for index in range(1500)]
    with pytest.raises(CommandError, match=r"\.csv: Line 1502.*Nothing was loaded"):
        load(campaign_file(lines=[*lines, campaign_line(1500, age="x")]))
    assert not Prospect.objects.exists()
    assert not CampaignFile.objects.exists()


@pytest.mark.django_db
def test_load__missing_file_or_odd_options__are_clear(campaign_file: Write, tmp_path: Path) -> None:
    with pytest.raises(CommandError, match="cannot be read"):
        load(tmp_path / "nowhere.csv")
    with pytest.raises(CommandError, match="--limit 0"):
        load(campaign_file(3), limit=0)


@pytest.mark.parametrize("language", ["en", "fr"])
def test_pages__loaded_campaign__are_shown(
    campaign_file: Write, client_of: Callable[..., Client], language: str
) -> None:
    load(campaign_file(30))
    client = client_of(None, "campaigns.view_campaign")
    client.cookies["django_language"] = language
    assert client.get("/prospects/", {"job": "retired", "sort": "-age"}).status_code == 200
    page = client.get(Prospect.objects.all()[0].get_absolute_url()).content.decode()
    assert ("L’appel" if language == "fr" else "The call") in page


@pytest.mark.django_db
def test_card__too_few_rows__says_how_many_are_needed(campaign_file: Write) -> None:
    out = StringIO()
    call_command("load_bank_marketing", str(campaign_file(50)), stdout=out)
    assert "No card: 50 calls with 8 subscriptions are too few" in out.getvalue()
