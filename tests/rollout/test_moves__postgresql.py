"""Two administrators at the same moment: both moves are logged, one after the other."""

from __future__ import annotations

from datetime import UTC, datetime
from functools import partial

import pytest

from crm_assist.rollout.models import Control, PhaseChange, TeamPhase
from crm_assist.rollout.moves import bump_revision, change_phase, throw_switch
from tests.together import together

pytestmark = pytest.mark.django_db(transaction=True)
NOW = datetime(2026, 3, 2, 8, 0, tzinfo=UTC)
ROUNDS = range(10)


@pytest.mark.parametrize("team", [f"team-{number}" for number in ROUNDS])
def test_change_phase__first_moves_of_a_team_at_once__are_both_logged(team: str) -> None:
    move = partial(change_phase, tenant="", team=team, percent=100, by="boss", reason="pilot", now=NOW)
    answers = together(partial(move, phase="score"), partial(move, phase="shadow"))
    assert all(isinstance(answer, PhaseChange) for answer in answers), answers
    first, second = sorted(answers, key=lambda change: change.before != "")
    assert (first.before, second.before) == ("", first.after)
    assert TeamPhase.objects.get(team=team).phase == second.after


@pytest.mark.parametrize("tenant", [f"tenant-{number}" for number in ROUNDS])
def test_throw_switch__two_hands_at_once__are_both_logged(tenant: str) -> None:
    throw = partial(throw_switch, tenant=tenant, killed=True, by="boss", reason="complaints", now=NOW)
    answers = together(throw, throw)
    assert sorted(answer.before for answer in answers) == ["killed", "running"]
    assert Control.objects.get(tenant=tenant).killed


@pytest.mark.parametrize("round_", ROUNDS)
def test_bump_revision__beside_the_first_kill__is_not_lost(round_: int) -> None:
    throw = partial(throw_switch, tenant="", killed=True, by="boss", reason="complaints", now=NOW)
    together(throw, partial(bump_revision, now=NOW))
    row = Control.objects.get()
    assert row.killed
    assert row.revision != 0
