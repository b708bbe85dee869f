"""Who may take a run: every case, and the laws that hold for all."""

from __future__ import annotations

from datetime import timedelta

from hypothesis import given
from hypothesis import strategies as st

from crm_assist.runs.rules import STUCK, may_take, standing
from tests.story import NOW

AGES = st.none() | st.integers(min_value=0, max_value=1000)
STATES = st.sampled_from(["running", "done", "failed"])


def code(state: str = "running", age: int | None = None, idle: int = 0, stale: int = 90) -> str:
    beat_at = None if age is None else NOW - timedelta(seconds=age)
    return may_take(state=state, beat_at=beat_at, idle=idle, now=NOW, stale_seconds=stale).code


def test_may_take__each_case__has_its_code() -> None:
    assert code() == "waiting"
    assert code(age=91) == "stale"
    assert code(age=90) == "busy"
    assert code(state="done") == code(state="failed", age=500) == "over"
    assert code(idle=STUCK) == code(idle=STUCK, age=500) == "stuck"


def test_may_take__stuck_but_alive__is_busy() -> None:
    assert code(idle=STUCK, age=1) == "busy"


@given(STATES, AGES, st.integers(min_value=0, max_value=9), st.integers(min_value=2, max_value=500))
def test_may_take__any__is_open_exactly_for_what_waits_or_is_stale(
    state: str, age: int | None, idle: int, stale: int
) -> None:
    beat_at = None if age is None else NOW - timedelta(seconds=age)
    verdict = may_take(state=state, beat_at=beat_at, idle=idle, now=NOW, stale_seconds=stale)
    assert verdict.open is (verdict.code in ("waiting", "stale"))
    assert verdict.open or verdict.message
    shown = standing(state=state, beat_at=beat_at, now=NOW, stale_seconds=stale)
    assert (shown == "running") is (verdict.code == "busy")
    assert shown == state or (state, shown) == ("running", "waiting")
