"""The phase in force, read from the database in one statement."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest
from django.test import override_settings
from pytest_django import DjangoAssertNumQueries

from crm_assist.rollout.admission import admission, in_force
from crm_assist.rollout.models import Control, TeamPhase
from crm_assist.rollout.moves import bump_revision, change_phase, throw_switch
from crm_assist.rollout.phases import bucket
from crm_assist.types import Phase, Principal

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 3, 2, 8, 0, tzinfo=UTC)
ANN = Principal(key="ann", teams=("north",))


def move(team: str = "north", phase: str = "recommend", percent: int = 100, **values: Any) -> None:
    given = {"tenant": "", "by": "boss", "reason": "pilot", "now": NOW}
    change_phase(team=team, phase=phase, percent=percent, **(given | values))


def switch(killed: bool, tenant: str = "") -> None:
    throw_switch(tenant=tenant, killed=killed, by="boss", reason="complaints", now=NOW)


def phase_of(principal: Principal) -> Phase:
    return admission(principal)[0].phase


def test_admission__nothing_configured__is_off() -> None:
    answer, revision = admission(ANN)
    assert (answer.phase, answer.code, revision) == (Phase.OFF, "no_phase", 0)


def test_admission__nobody__is_off_without_asking(django_assert_num_queries: DjangoAssertNumQueries) -> None:
    move(team="")
    with django_assert_num_queries(0):
        answer, revision = admission(Principal(key=""))
    assert (answer.phase, answer.code, revision) == (Phase.OFF, "nobody", 0)


def test_admission__somebody__takes_one_statement(django_assert_num_queries: DjangoAssertNumQueries) -> None:
    move()
    move(team="")
    bump_revision(now=NOW)
    with django_assert_num_queries(1):
        answer, revision = admission(ANN)
    assert (answer.phase, answer.code, answer.team) == (Phase.RECOMMEND, "team", "north")
    assert revision == Control.objects.get(tenant="").revision != 0


def test_admission__kill_switch__wins_from_the_next_request_until_restored() -> None:
    move()
    switch(True)
    assert admission(ANN)[0].killed
    switch(False)
    assert phase_of(ANN) is Phase.RECOMMEND


def test_admission__kill_of_all__holds_for_every_tenant_and_kill_of_one_for_that_one() -> None:
    for tenant in ("acme", "zeta"):
        move(tenant=tenant)
    people = [Principal(key="ann", teams=("north",), tenant=tenant) for tenant in ("acme", "zeta")]
    switch(True, tenant="acme")
    assert [phase_of(person) for person in people] == [Phase.OFF, Phase.RECOMMEND]
    switch(True)
    assert [phase_of(person) for person in people] == [Phase.OFF, Phase.OFF]
    switch(False, tenant="acme")
    assert [phase_of(person) for person in people] == [Phase.OFF, Phase.OFF]


def test_admission__step_down__holds_from_the_next_request() -> None:
    move()
    assert phase_of(ANN) is Phase.RECOMMEND
    move(phase="shadow")
    assert phase_of(ANN) is Phase.SHADOW


def test_admission__other_tenants_team_of_the_same_name__does_not_count() -> None:
    move(tenant="acme")
    assert phase_of(ANN) is Phase.OFF


def test_admission__agent_in_two_teams__has_the_lower_phase() -> None:
    move(phase="recommend")
    move(team="south", phase="score")
    assert phase_of(Principal(key="ann", teams=("north", "south"))) is Phase.SCORE


def test_admission__percent__follows_the_bucket_of_the_salt_in_force() -> None:
    move(percent=40)
    people = [Principal(key=str(number), teams=("north",)) for number in range(40)]
    for salt in ("crm_assist", "spring"):
        with override_settings(CRM_ASSIST={"BUCKET_SALT": salt}):
            inside = {person.key for person in people if phase_of(person) is Phase.RECOMMEND}
            assert inside == {person.key for person in people if bucket(salt, person.key) < 40_000}
            assert {phase_of(person) for person in people if person.key not in inside} == {Phase.SCORE}


def test_in_force__rows__are_those_of_the_teams_and_the_default() -> None:
    for team in ("", "north", "south"):
        move(team=team)
    assert sorted(in_force("", ("north",)).values_list("team", flat=True)) == ["", "north"]
    assert TeamPhase.objects.count() == 3
