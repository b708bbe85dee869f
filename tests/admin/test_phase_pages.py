"""Phases and products in the admin: found, paged, moved, who is in and why."""

from __future__ import annotations

import re
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.test import Client as Browser
from django.utils import timezone

from crm_assist import customers
from crm_assist.customers import registration
from crm_assist.rollout.models import PhaseChange, TeamPhase
from crm_assist.types import Principal
from tests.admin.conftest import HERE, asked, staff
from tests.desk_bank import Bank, signed_in
from tests.hosts.desk.assist import DeskClient
from tests.hosts.desk.models import Client
from tests.story import open_phase, stock


def test_phases__500_teams__are_found_and_paged_in_the_same_statements(governor: Browser) -> None:
    now = timezone.now()
    TeamPhase.objects.create(team="alone", phase="score", changed_at=now, changed_by="1")
    few = asked(governor, "teamphase/")[1]
    TeamPhase.objects.bulk_create(
        [TeamPhase(team=f"team {place:03}", phase="score", changed_at=now, changed_by="1") for place in range(500)]
    )
    text, many = asked(governor, "teamphase/")
    assert many == few
    assert text.count("/teamphase/team/?team=team+") == 48
    assert len(text) < 60_000
    assert "Score (501)" in text
    found = asked(governor, "teamphase/", q="TEAM 49")[0]
    assert re.findall(r"team \d\d\d", found)[:1] == ["team 490"]
    assert found.count("/teamphase/team/?team=team+49") == 10
    assert "team 050" in asked(governor, "teamphase/", start="50")[0]
    assert "No team matches." in asked(governor, "teamphase/", q="nowhere")[0]
    assert "No team matches." in asked(governor, "teamphase/", phase="recommend")[0]


def test_phases__history_and_teams__name_people_and_not_keys(bank: Bank) -> None:
    bank("score")
    gill = staff("gill", "change_phase")
    browser = signed_in(gill)
    move = {"team": "north", "phase": "score", "percent": "30", "reason": "pilot"}
    answer = browser.post(f"{HERE}/teamphase/move/", move)
    assert (answer.status_code, answer["Location"]) == (302, f"{HERE}/teamphase/team/?team=north&done=1")
    assert PhaseChange.objects.get(team="north").by == str(gill.pk)
    assert asked(browser, "teamphase/")[0].count("Gill Staff") >= 2
    assert "boss" in asked(browser, "teamphase/")[0], "whom no user stands for keeps the key"
    assert "Done." in browser.get(answer["Location"]).content.decode()


@pytest.mark.parametrize(("existing", "team"), [("", "north"), ("1", "")])
def test_move__refused__says_so_on_the_page_it_came_from(governor: Browser, existing: str, team: str) -> None:
    sent = {"existing": existing, "team": team, "phase": "score", "percent": "130", "reason": "why"}
    answer = governor.post(f"{HERE}/teamphase/move/", sent)
    assert answer.status_code == 400
    assert "130 is not a percentage" in answer.content.decode()


def test_switch__stop_and_go(governor: Browser) -> None:
    unsure = governor.post(f"{HERE}/teamphase/switch/", {"to": "killed", "reason": "drill"})
    assert unsure.status_code == 400
    assert "Tick the box" in unsure.content.decode()
    sure = governor.post(f"{HERE}/teamphase/switch/", {"to": "killed", "sure": "yes", "reason": "drill"})
    assert sure.status_code == 302
    assert "All help is stopped." in asked(governor, "teamphase/")[0]


class Desks(DeskClient):
    """A host that knows its teams: everybody whose user name begins with the team's."""

    def agents(self, tenant: str, team: str) -> Any:
        return User.objects.filter(username__startswith=f"{team}-").order_by("username")

    def agent(self, user: User) -> Principal:
        return Principal(key=str(user.pk), name=user.get_full_name(), teams=(user.username.partition("-")[0],))


def test_team__host_that_tells_its_agents__who_is_in_and_why(governor: Browser) -> None:
    User.objects.bulk_create(
        [User(username=f"north-{place:02}", first_name=f"Nora{place:02}", last_name="N") for place in range(45)]
    )
    open_phase("recommend", team="north", percent=50)
    with customers.registered(Client, Desks):
        text, statements = asked(governor, "teamphase/team/", team="north")
        assert statements <= 9
        assert text.count("Nora") == 20
        within, outside = text.count("within the 50%"), text.count("outside the 50%")
        assert within + outside == 20
        assert 0 < within < 20
        assert "By the team “north”." in text
        assert "start=20" in text
        assert asked(governor, "teamphase/team/", team="north", start="40")[0].count("Nora") == 5
        named = asked(governor, "teamphase/team/", team="north", q="nora07")[0]
        assert named.count("Nora07") == 1


def test_team__host_that_cannot_tell__finds_agents_by_name(governor: Browser) -> None:
    staff("zoe")
    open_phase("off", team="north")
    silent = asked(governor, "teamphase/team/", team="north")[0]
    assert "Zoe" not in silent
    found = asked(governor, "teamphase/team/", team="north", q="zoe staff")[0]
    assert "Zoe Staff" in found
    assert "As all other teams: the host names no team." in found
    assert "All its agents are in." in found
    assert "No agent matches." in asked(governor, "teamphase/team/", team="north", q="nobody")[0]


def test_team__unknown__is_told(governor: Browser) -> None:
    answer = governor.get(f"{HERE}/teamphase/team/", {"team": "nowhere"})
    assert answer.status_code == 400
    assert "There is no team of this name." in answer.content.decode()


class Foreign(DeskClient):
    """A host in which everybody belongs to another tenant."""

    def agent(self, user: User) -> Principal:
        return Principal(key=str(user.pk), name=user.get_full_name(), tenant="elsewhere")


class Failing(DeskClient):
    """A host that cannot tell anything."""

    def agents(self, tenant: str, team: str) -> Any:
        raise RuntimeError("no agents")

    def agent(self, user: User) -> Principal:
        raise RuntimeError("no agent")

    def agent_names(self, keys: Any) -> Any:
        raise RuntimeError("no names")


@pytest.mark.parametrize("adapter", [Foreign, Failing])
def test_team__agents_of_other_tenants_and_hosts_that_fail__show_nobody(
    governor: Browser, adapter: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    staff("zoe")
    open_phase("off", team="north")
    monkeypatch.setattr(registration._registry, "_entries", {})
    with customers.registered(Client, adapter):
        assert "Zoe Staff" not in asked(governor, "teamphase/team/", team="north", q="zoe")[0]


def test_products__list__is_found_by_code(governor: Browser) -> None:
    stock(codes=("loan", "deposit"))
    text, statements = asked(governor, "product/", q="loan")
    assert "Good loan" in text
    assert "Good deposit" not in text
    assert statements == 1
