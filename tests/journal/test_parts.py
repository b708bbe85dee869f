"""Months and the ids of their rows: every moment has one month, and every id of it lies within the bounds."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from crm_assist.journal.ids import behind_month, lowest_of_month, uuid7
from crm_assist.journal.parts import Month, parts_of

MOMENTS = st.datetimes(min_value=datetime(1971, 1, 1), max_value=datetime(2999, 1, 1), timezones=st.just(UTC))
NOISE = st.binary(min_size=10, max_size=10)


@given(MOMENTS, NOISE)
def test_month__any_moment__its_ids_lie_in_it_and_in_no_other(moment: datetime, noise: bytes) -> None:
    month, row_id = Month.of(moment), uuid7(moment, noise)
    assert month.lowest <= row_id < month.later().lowest
    assert Month.of(row_id) == month
    assert month.start <= moment < month.later().start
    assert month.later().later(-1) == month
    assert Month.read(str(month)) == month


@given(
    MOMENTS, st.timedeltas(min_value=timedelta(0), max_value=timedelta(days=90)), st.binary(min_size=10, max_size=10)
)
def test_lowest_of_month__row_within_two_moments__is_within_the_ids(
    since: datetime, later: timedelta, noise: bytes
) -> None:
    until = since + later + timedelta(microseconds=1)
    for at in (since, since + later):
        assert lowest_of_month(since) <= uuid7(at, noise) < behind_month(until)


@given(st.datetimes(timezones=st.just(UTC)), st.datetimes(min_value=datetime(1971, 1, 1), timezones=st.just(UTC)))
def test_lowest_of_month__any_moment_that_can_be_asked_for__takes_no_row_away(asked: datetime, at: datetime) -> None:
    row_id = uuid7(at, bytes(10))
    if at >= asked and at.year < 9000:
        assert lowest_of_month(asked) <= row_id
    if at < asked:
        assert row_id < behind_month(asked)


def test_behind_month__first_moment_of_a_month__leaves_that_month_out() -> None:
    march = Month(year=2026, month=3)
    assert behind_month(march.start) == march.lowest
    assert behind_month(march.start + timedelta(microseconds=1)) == march.later().lowest


def test_upto__over_a_year__has_every_month_once() -> None:
    months = list(Month(year=2025, month=11).upto(Month(year=2026, month=2)))
    assert [str(month) for month in months] == ["2025-11", "2025-12", "2026-01", "2026-02"]
    assert [month.named("t") for month in months][1] == "t_y2025m12"


def test_parts_of__no_tables__asks_nothing() -> None:
    assert parts_of("default", []) == []
