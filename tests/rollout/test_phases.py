"""Who is admitted: laws that hold for every set of rungs, and places that never move."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crm_assist.rollout.phases import BUCKETS, Rung, admit, below, bucket
from crm_assist.types import Phase

TEAMS = ("", "north", "south", "west")
PHASES = st.sampled_from(list(Phase))
PLACES = st.integers(0, BUCKETS - 1)
MEMBERSHIPS = st.lists(st.sampled_from(TEAMS[1:]), unique=True).map(tuple)


@st.composite
def rungs(draw: st.DrawFn) -> list[Rung]:
    """At most one rung a team, the phase outside never above that inside."""
    found = []
    for team in draw(st.lists(st.sampled_from(TEAMS), unique=True)):
        phase = draw(PHASES)
        outside = list(Phase)[draw(st.integers(0, phase.level))]
        found.append(Rung(team=team, phase=phase, percent=draw(st.integers(0, 100)), outside=outside))
    return found


@pytest.mark.parametrize(
    ("salt", "key", "place"),
    [("crm_assist", "1", 33051), ("crm_assist", "42", 80886), ("", "anna", 90097), ("autumn", "7", 56113)],
)
def test_bucket__formula__is_frozen(salt: str, key: str, place: int) -> None:
    assert bucket(salt, key) == place


@given(st.text(), st.text())
def test_bucket__any_agent__has_a_place_in_range(salt: str, key: str) -> None:
    assert 0 <= bucket(salt, key) < BUCKETS


def test_bucket__many_agents__spread_evenly() -> None:
    tenths = Counter(bucket("crm_assist", str(key)) * 10 // BUCKETS for key in range(20_000))
    chi_squared = sum((tenths[tenth] - 2000) ** 2 / 2000 for tenth in range(10))
    assert chi_squared < 27.9  # 9 degrees of freedom, one in a thousand


def test_bucket__another_salt__draws_anew() -> None:
    both = sum(bucket("a", str(key)) < 50_000 and bucket("b", str(key)) < 50_000 for key in range(4000))
    assert 900 < both < 1100


def test_below__each_phase__is_one_rung_down() -> None:
    assert [below(phase) for phase in Phase] == [Phase.OFF, Phase.OFF, Phase.SHADOW, Phase.SCORE]


@given(rungs(), MEMBERSHIPS, PLACES)
def test_admit__killed__is_off_whatever_else_holds(found: list[Rung], teams: tuple[str, ...], place: int) -> None:
    answer = admit(found, teams=teams, place=place, killed=True)
    assert (answer.phase, answer.code, answer.killed) == (Phase.OFF, "killed", True)


@given(rungs(), MEMBERSHIPS, PLACES)
def test_admit__several_teams__the_lowest_phase_wins(found: list[Rung], teams: tuple[str, ...], place: int) -> None:
    answer = admit(found, teams=teams, place=place, killed=False)
    alone = [admit(found, teams=(team,), place=place, killed=False) for team in teams or ("",)]
    assert answer.phase.level == min(one.phase.level for one in alone)
    assert answer in alone


@given(rungs(), MEMBERSHIPS, PLACES, st.randoms(use_true_random=False))
def test_admit__order_of_rungs_and_teams__changes_no_phase(
    found: list[Rung], teams: tuple[str, ...], place: int, random: Random
) -> None:
    shuffled, members = list(found), list(teams)
    random.shuffle(shuffled)
    random.shuffle(members)
    here = admit(found, teams=teams, place=place, killed=False)
    there = admit(shuffled, teams=members, place=place, killed=False)
    assert here.phase is there.phase


@given(rungs(), MEMBERSHIPS, PLACES, st.integers(0, 100))
def test_admit__percent_raised__throws_nobody_out(
    found: list[Rung], teams: tuple[str, ...], place: int, raise_to: int
) -> None:
    raised = [replace(rung, percent=max(rung.percent, raise_to)) for rung in found]
    before = admit(found, teams=teams, place=place, killed=False)
    after = admit(raised, teams=teams, place=place, killed=False)
    assert after.phase.opens(before.phase)


@pytest.mark.parametrize(
    ("percent", "place", "code"),
    [
        (0, 0, "team_outside_percent"),
        (1, 999, "team"),
        (1, 1000, "team_outside_percent"),
        (100, BUCKETS - 1, "team"),
    ],
)
def test_admit__edges_of_a_percentage__are_exact(percent: int, place: int, code: str) -> None:
    rung = Rung(team="north", phase=Phase.RECOMMEND, percent=percent, outside=Phase.SCORE)
    answer = admit([rung], teams=("north",), place=place, killed=False)
    assert answer.code == code
    assert answer.phase is (Phase.RECOMMEND if code == "team" else Phase.SCORE)
    assert (answer.percent, answer.bucket, answer.team) == (percent, place, "north")


def test_admit__team_without_a_rung__stands_on_the_default() -> None:
    found = [Rung(team="", phase=Phase.SCORE), Rung(team="north", phase=Phase.RECOMMEND)]
    answer = admit(found, teams=("south",), place=5, killed=False)
    assert (answer.phase, answer.code, answer.team) == (Phase.SCORE, "default", "south")


def test_admit__neither_rung_nor_default__is_off() -> None:
    answer = admit([Rung(team="north", phase=Phase.RECOMMEND)], teams=("south",), place=5, killed=False)
    assert (answer.phase, answer.code) == (Phase.OFF, "no_phase")


def test_admit__agent_without_a_team__stands_on_the_default() -> None:
    found = [Rung(team="", phase=Phase.SCORE), Rung(team="north", phase=Phase.RECOMMEND)]
    assert admit(found, teams=(), place=5, killed=False).phase is Phase.SCORE
