"""Dates and sexes of the Czech bank as its file writes them."""

from __future__ import annotations

from datetime import date

from benchmarks.berka import day, grouped, is_woman


def test_day__birth_number_of_a_woman__has_fifty_months_less() -> None:
    assert (day("706213"), is_woman("706213")) == (date(1970, 12, 13), True)
    assert (day("190922"), is_woman("190922")) == (date(1919, 9, 22), False)


def test_grouped__nothing_hangs_on_it__is_an_empty_list() -> None:
    found = grouped([{"id": "1", "on": "a"}, {"id": "2", "on": "a"}], by="on")
    assert ([row["id"] for row in found["a"]], found["b"]) == (["1", "2"], [])
