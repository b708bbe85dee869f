from __future__ import annotations

import csv
import io
import json
import math
from collections.abc import Callable
from datetime import UTC, datetime, timedelta, timezone
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crm_assist.journal.export import (
    CHUNK,
    TooManyRows,
    bounded,
    csv_lines,
    joined_records,
    json_lines,
    moment_text,
    number_text,
)
from crm_assist.journal.pseudonyms import Names
from crm_assist.rollout.models import PhaseChange

Log = Callable[..., list[PhaseChange]]
STARTS = set("=+-@\t\r")
TEXTS = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\x00"))


def read(lines: Any) -> list[list[str]]:
    return list(csv.reader(io.StringIO("".join(lines), newline="")))


@given(st.lists(TEXTS))
def test_csv_lines__any_text__comes_back_and_no_cell_is_a_formula(texts: list[str]) -> None:
    header, *cells = read(csv_lines(["a", "b"], ({"a": text, "b": 1} for text in texts)))
    assert header == ["a", "b"]
    assert [cell.removeprefix("'") if cell.lstrip("'")[:1] in STARTS else cell for cell, _ in cells] == texts
    assert not any(cell.startswith(("=", "+", "-", "@", "\t", "\r")) for row in cells for cell in row)


@pytest.mark.parametrize("text", ["=1+1", "'@", "+1", "-1", "@SUM(A1)", "\tx", "\rx", "=cmd|' /C calc'!A0"])
def test_csv_lines__text_that_a_spreadsheet_would_run__gets_a_quote_in_front(text: str) -> None:
    assert read(csv_lines(["a"], [{"a": text}]))[1] == [f"'{text}"]


def test_csv_lines__numbers_and_moments__stay_what_they_are() -> None:
    record = {
        "n": -1.5,
        "at": datetime(2026, 3, 1, tzinfo=UTC),
        "list": [{"kind": "accepted"}],
        "yes": True,
        "none": None,
    }
    assert read(csv_lines([*record, "absent"], [record]))[1] == [
        "-1.5",
        "2026-03-01 00:00:00+00",
        '[{"kind":"accepted"}]',
        "True",
        "",
        "",
    ]


def test_csv_lines__no_records__is_a_header() -> None:
    assert list(csv_lines(["a", "b"], [])) == ["a,b\r\n"]


@given(st.dictionaries(st.sampled_from("abc"), st.none() | st.booleans() | st.integers() | TEXTS))
def test_json_lines__any_record__comes_back(record: dict[str, Any]) -> None:
    [line] = json_lines(["a", "b", "c"], [record])
    assert json.loads(line) == {"a": None, "b": None, "c": None} | record
    assert line.endswith("}\n")
    assert line.count("\n") == 1


def test_json_lines__values_beyond_json__are_written_as_in_payloads() -> None:
    [line] = json_lines(["a", "b"], [{"a": math.nan, "b": Decimal("1.50")}])
    assert line == '{"a":{"$float":"nan"},"b":{"$decimal":"1.50"}}\n'


def test_lines__endless_records__are_streamed() -> None:
    def endless() -> Any:
        while True:
            yield {"a": 1}

    assert [line for line, _ in zip(csv_lines(["a"], endless()), range(3), strict=False)] == ["a\r\n", "1\r\n", "1\r\n"]
    assert next(json_lines(["a"], endless())) == '{"a":1}\n'


def test_joined_records__more_rows_than_a_chunk__asks_once_for_each_chunk(log: Log) -> None:
    rows = log(CHUNK + 1)
    asked: list[int] = []

    def teams(chunk: list[PhaseChange], names: Names) -> list[dict[str, Any]]:
        asked.append(len(chunk))
        return [{"team": row.team} for row in chunk]

    found = list(joined_records(PhaseChange.objects.order_by("at", "id"), teams, Names()))
    assert asked == [CHUNK, 1]
    assert [record["team"] for record in found] == [row.team for row in rows]


@pytest.mark.parametrize(
    ("micros", "text"),
    [(0, "2026-03-01 09:30:00+00"), (500_000, "2026-03-01 09:30:00.5+00"), (10, "2026-03-01 09:30:00.00001+00")],
)
def test_moment_text__is_utc_without_needless_digits(micros: int, text: str) -> None:
    at = datetime(2026, 3, 1, 10, 30, 0, micros, tzinfo=timezone(timedelta(hours=1)))
    assert moment_text(at) == text
    assert datetime.fromisoformat(text) == at


@pytest.mark.parametrize(
    ("number", "text"),
    [
        (3.0, "3"),
        (-0.0, "-0"),
        (0.1, "0.1"),
        (1e-05, "1e-05"),
        (1e15, "1e+15"),
        (-1.25e15, "-1.25e+15"),
        (1234567890123456.0, "1.234567890123456e+15"),
        (1e16, "1e+16"),
        (999999999999999.9, "999999999999999.9"),
        (math.inf, "Infinity"),
        (-math.inf, "-Infinity"),
        (math.nan, "NaN"),
    ],
)
def test_number_text__is_the_shortest_in_the_databases_form(number: float, text: str) -> None:
    assert number_text(number) == text


@given(st.floats(allow_nan=False))
def test_number_text__any_number__is_that_number_again(number: float) -> None:
    assert float(number_text(number)) == number


def test_bounded__as_many_rows_as_allowed__passes_and_one_more_is_refused(log: Log) -> None:
    log(3)
    rows = PhaseChange.objects.order_by("-at")
    assert bounded(rows, 3) is rows
    with pytest.raises(TooManyRows, match="More than 2 rows"):
        bounded(rows, 2)
