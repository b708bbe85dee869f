"""Cells as values: types column by column, and every bad cell by line and column."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

import pytest

from crm_assist.learning import FitError
from crm_assist.learning.cells import read_records
from crm_assist.learning.delimited import Delimited


def records(columns: dict[str, list[str]], *, delimiter: str = ",", **options: Any) -> Any:
    rows = len(next(iter(columns.values())))
    file = Delimited(columns={"y": ["0"] * rows, **columns}, lines=range(2, rows + 2), delimiter=delimiter)
    return read_records(file, **{"target": "y", **options})


def fault(columns: dict[str, list[str]], **options: Any) -> str:
    with pytest.raises(FitError) as caught:
        records(columns, **options)
    return str(caught.value)


def test_columns__numbers_and_categories__are_told_apart_and_gaps_are_none() -> None:
    found = records({"n": ["1", "", "2.5e3", "NA", "inf"], "c": ["x", "", " y", "null", "7"], "e": [""] * 5})
    assert {
        "n": [1.0, None, 2500.0, None, float("inf")],
        "c": ["x", None, "y", None, "7"],
        "e": [None] * 5,
    } == found.X
    assert found.time is None


def test_columns__decimal_comma__is_read_where_commas_divide_nothing() -> None:
    assert records({"n": ["1,5", "-2"]}, delimiter=";").X == {"n": [1.5, -2.0]}
    assert records({"n": ["1,5", "x"]}, delimiter=",").X == {"n": ["1,5", "x"]}


def test_columns__a_slip_among_numbers__is_named_by_line_and_column() -> None:
    said = fault({"n": [*map(str, range(30)), "1o"]})
    assert said.startswith("line 32, column 'n': '1o' is no number, as in 1 of 31 rows; ")
    assert "texts" in said


@pytest.mark.parametrize(
    ("delimiter", "cells"),
    [
        (";", ["1 203,45", "950", "12 000,00"]),
        (";", ["1\u202f203,45", "950,10", "12\u202f000"]),
        (",", ["1,203.45", "950", "12,000.00"]),
        (";", ["1.203,45", "950", "12.000,00"]),
        (",", ["203,45", "950", "12,5"]),
    ],
)
def test_columns__numbers_with_their_thousands_set_apart__are_refused_with_the_remedy(
    delimiter: str, cells: list[str]
) -> None:
    file = Delimited(columns={"amount": cells, "y": ["0", "1", "0"]}, lines=[2, 3, 4], delimiter=delimiter)
    with pytest.raises(FitError, match=r"line 2, column 'amount'.*in groups; write it as 1203.45, or name .*--texts"):
        read_records(file, target="y")
    assert {"amount": cells} == read_records(file, target="y", texts=["amount"]).X


def test_columns__codes_said_to_be_texts__stay_as_written() -> None:
    found = records({"code": ["01", "1_0", "x"], "other": ["1", "2", "3"]}, texts=["code"], leave_out=["other"])
    assert found.X == {"code": ["01", "1_0", "x"]}


def test_columns__dates__are_refused_with_the_remedy() -> None:
    assert "line 2, column 'd': '2026-05-30' is a date; give the days" in fault({"d": ["2026-05-30", "2026-05-31"]})


@pytest.mark.parametrize(
    ("cells", "expected"),
    [(["0", "1", "1.0"], [0, 1, 1]), (["No", "YES", "yes "], [0, 1, 1]), (["false", "True", "non"], [0, 1, 0])],
)
def test_outcomes__usual_ways_to_write_them__are_read(cells: list[str], expected: list[int]) -> None:
    assert records({"y": cells}).y == expected


def test_outcomes__a_value_named__counts_and_all_else_does_not() -> None:
    assert records({"y": ["won", "lost", "open"]}, positive="won").y == [1, 0, 0]
    assert "no cell of column 'y' is 'gained'" in fault({"y": ["won"]}, positive="gained")


@pytest.mark.parametrize("cell", ["maybe", "2", "", "NaN"])
def test_outcomes__neither__are_named_by_line_and_column(cell: str) -> None:
    assert fault({"y": ["0", "1", cell]}).startswith(f"line 4, column 'y': {cell!r} is no outcome; ")


@pytest.mark.parametrize(
    ("cells", "expected"),
    [
        (["2026-05-30", "2026-05-31"], [date(2026, 5, 30), date(2026, 5, 31)]),
        (["2026-05", "2026-06"], [date(2026, 5, 1), date(2026, 6, 1)]),
        (["2026-05-30T16:00", "2026-05-30 17:00"], [datetime(2026, 5, 30, 16), datetime(2026, 5, 30, 17)]),
        (["3", "4"], [3.0, 4.0]),
    ],
)
def test_moments__days_months_times_and_numbers__are_read(cells: list[str], expected: list[Any]) -> None:
    found = records({"t": cells}, time="t")
    assert (found.time, found.X) == (expected, {})


@pytest.mark.parametrize(
    ("cells", "said"),
    [
        (["2026-05-30", "last week"], "line 3, column 't': 'last week' is no moment"),
        (["2026-05-30", ""], "line 3, column 't': '' is no moment"),
        (["2026-05-30", "2026-05-31", "7"], "line 4, column 't': '7' is another kind of moment than most"),
        (["2026-05-30", "2026-05-31", "2026-06-01T10:00"], "line 4, column 't': '2026-06-01T10:00' is another kind"),
    ],
)
def test_moments__odd_cells__are_named_by_line_and_column(cells: list[str], said: str) -> None:
    assert said in fault({"t": cells}, time="t")


def test_names__that_the_file_has_not__are_told_with_those_it_has() -> None:
    for option in ({"target": "z"}, {"time": "z"}, {"leave_out": ["z"]}, {"texts": ["z"]}):
        assert "no column 'z'; the file has y, a" in fault({"a": ["1"]}, **option)
