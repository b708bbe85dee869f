"""A moment that stands for any: what is done to it is noted, and looking at it is refused."""

from __future__ import annotations

import copy
import pickle
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crm_assist.moments import Looked, any_moment

REAL = datetime(2026, 3, 1, 12, 30, tzinfo=UTC)
PARIS = ZoneInfo("Europe/Paris")
moments = st.datetimes(min_value=datetime(1980, 1, 1), max_value=datetime(2080, 1, 1), timezones=st.just(UTC))
STEPS: tuple[Callable[[Any], Any], ...] = (
    lambda at: at,
    lambda at: at - timedelta(days=90),
    lambda at: timedelta(hours=3) + at,
    lambda at: at.date(),
    lambda at: at.date() - timedelta(days=1),
    lambda at: at.astimezone(PARIS).date(),
    lambda at: at.astimezone(PARIS).replace(hour=0, minute=0, second=0, microsecond=0),
    lambda at: (at - timedelta(days=365)).date().replace(day=1),
)


@pytest.mark.parametrize("step", STEPS)
@given(real=moments, other=moments)
def test_fill__any_other_moment__is_what_the_steps_make_of_it(
    step: Callable[[Any], Any], real: datetime, other: datetime
) -> None:
    made = step(any_moment(real, "at"))
    assert made.fill({"at": other}) == step(other)
    assert made.fill({"at": real}) == step(real)
    assert isinstance(made, date)


LOOKS: tuple[Callable[[Any], Any], ...] = (
    lambda at: at.year,
    lambda at: at.month,
    lambda at: at.hour,
    lambda at: at.tzinfo,
    lambda at: at.weekday(),
    lambda at: at.time(),
    lambda at: at.timestamp(),
    lambda at: at.isoformat(),
    lambda at: str(at),
    lambda at: f"{at:%Y}",
    lambda at: at < REAL,
    lambda at: at >= REAL,
    lambda at: at == REAL,
    lambda at: at != at - timedelta(days=1),
    lambda at: at - REAL,
    lambda at: REAL - at,
    lambda at: at - (at - timedelta(days=1)),
    lambda at: at.date().day,
    lambda at: at.date() > date(2026, 1, 1),
    lambda at: date(2026, 1, 1) - at.date(),
    lambda at: at.date().isocalendar(),
    lambda at: at.astimezone(PARIS).utcoffset(),
    lambda at: pickle.dumps(at),
)


@pytest.mark.parametrize("look", LOOKS)
def test_look__at_any_part__is_refused(look: Callable[[Any], Any]) -> None:
    with pytest.raises(Looked):
        look(any_moment(REAL, "at"))


def test_equal__same_steps__are_the_same_in_a_set_and_when_copied() -> None:
    at = any_moment(REAL, "at")
    assert len({at - timedelta(days=1), at - timedelta(days=1)}) == 1
    assert copy.deepcopy(at) is at
    assert at.utcoffset() == timedelta(0)
