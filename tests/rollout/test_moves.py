"""Moves along the ladder: each logged with who and why, a wrong one refused with nothing written."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.db import transaction

from crm_assist.journal.writer import payload_of
from crm_assist.rollout.models import Control, PhaseChange, TeamPhase
from crm_assist.rollout.moves import REASON_LENGTH, BadMove, bump_revision, change_phase, throw_switch
from crm_assist.types import Phase

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 3, 2, 8, 0, tzinfo=UTC)
MOVE: dict[str, Any] = {
    "tenant": "",
    "team": "north",
    "phase": "score",
    "percent": 25,
    "by": "boss",
    "reason": "pilot",
    "now": NOW,
}


def test_change_phase__first_move__is_in_force_and_in_the_log() -> None:
    change = change_phase(**MOVE)
    row = TeamPhase.objects.get()
    assert (row.team, row.phase, row.percent, row.outside) == ("north", "score", 25, "shadow")
    assert (row.changed_at, row.changed_by) == (NOW, "boss")
    assert PhaseChange.objects.get() == change
    assert (change.before, change.after, change.percent, change.by) == ("", "score", 25, "boss")
    assert (change.reason, change.at) == ("pilot", NOW)
    assert payload_of(change.pk) == {"outside": "shadow"}


def test_change_phase__second_move__names_the_phase_before() -> None:
    change_phase(**MOVE)
    change = change_phase(**{**MOVE, "phase": "off", "now": NOW + timedelta(hours=1)})
    assert (change.before, change.after) == ("score", "off")
    assert TeamPhase.objects.get().phase == "off"
    assert PhaseChange.objects.count() == 2


@pytest.mark.parametrize("phase", list(Phase))
def test_change_phase__any_phase__leaves_the_others_one_rung_down(phase: Phase) -> None:
    change_phase(**{**MOVE, "phase": phase.value})
    outside = Phase(TeamPhase.objects.get().outside)
    assert outside.level == max(phase.level - 1, 0)


def test_change_phase__same_team_of_two_tenants__are_two_rows() -> None:
    change_phase(**MOVE)
    change_phase(**{**MOVE, "tenant": "acme", "phase": "off"})
    assert TeamPhase.objects.get(tenant="").phase == "score"
    assert TeamPhase.objects.get(tenant="acme").phase == "off"


@pytest.mark.parametrize(
    ("wrong", "field", "said"),
    [
        ({"phase": "autopilot"}, "phase", "“autopilot” is not a phase; choose one of off, shadow"),
        ({"phase": ""}, "phase", "is not a phase"),
        ({"percent": 101}, "percent", "101 is not a percentage; use 0 to 100"),
        ({"percent": -1}, "percent", "-1 is not a percentage"),
        ({"reason": "  \n"}, "reason", "Say why"),
        ({"reason": "x" * (REASON_LENGTH + 1)}, "reason", "at most 500 characters"),
        ({"outside": "score"}, "outside", "must be on a lower phase"),
        ({"outside": "recommend"}, "outside", "must be on a lower phase"),
        ({"phase": "off", "outside": "recommend"}, "outside", "must be on a lower phase"),
        ({"outside": "elsewhere"}, "outside", "is not a phase"),
        ({"team": "x" * 101}, "team", "at most 100 characters"),
    ],
)
def test_change_phase__wrong_value__is_refused_and_nothing_written(
    wrong: dict[str, Any], field: str, said: str
) -> None:
    with pytest.raises(BadMove) as refusal:
        change_phase(**{**MOVE, **wrong})
    assert refusal.value.field == field
    assert said in refusal.value.message
    assert not TeamPhase.objects.exists()
    assert not PhaseChange.objects.exists()


def test_throw_switch__kill_and_restore__are_both_logged() -> None:
    throw_switch(tenant="", killed=True, by="boss", reason="complaints", now=NOW)
    assert Control.objects.get().killed
    throw_switch(tenant="", killed=False, by="boss", reason="solved", now=NOW + timedelta(hours=1))
    assert not Control.objects.get().killed
    moves = PhaseChange.objects.order_by("at").values_list("before", "after", "reason")
    assert list(moves) == [("running", "killed", "complaints"), ("killed", "running", "solved")]


def test_throw_switch__without_a_reason__is_refused() -> None:
    with pytest.raises(BadMove, match="Say why"):
        throw_switch(tenant="", killed=True, by="boss", reason=" ", now=NOW)
    assert not Control.objects.exists()


def test_throw_switch__revision__is_kept() -> None:
    bump_revision(now=NOW)
    before = Control.objects.get().revision
    throw_switch(tenant="", killed=True, by="boss", reason="complaints", now=NOW)
    assert Control.objects.get().revision == before


def test_bump_revision__each_time__is_another_mark() -> None:
    marks = set()
    for _ in range(20):
        bump_revision(now=NOW)
        marks.add(Control.objects.get().revision)
    assert len(marks) == 20


def test_bump_revision__rolled_back__its_mark_never_comes_back() -> None:
    bump_revision(now=NOW)
    kept = Control.objects.get().revision
    with transaction.atomic():
        bump_revision(now=NOW)
        lost = Control.objects.get().revision
        transaction.set_rollback(True)
    assert Control.objects.get().revision == kept
    bump_revision(now=NOW)
    assert Control.objects.get().revision not in (kept, lost)
