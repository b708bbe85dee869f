"""The administrator's page: moves and the switch, each with a reason, in force at the next request."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.test import Client as Browser

from crm_assist.rollout.models import PhaseChange, TeamPhase
from tests.desk_bank import person, signed_in
from tests.hosts.desk.models import Client
from tests.web.conftest import panel_of

Bank = Callable[[str], None]


@pytest.fixture
def admin(bank: Bank) -> Browser:
    bank("score")
    return signed_in(person("admin", "change_phase"))


def move(browser: Browser, **values: Any) -> Any:
    whole = {"existing": "1", "team": "", "phase": "recommend", "percent": "100", "outside": "", "reason": "pilot"}
    return browser.post("/assist/phases/move/", {**whole, **values})


def test_phases__page__lists_teams_promises_and_history(admin: Browser) -> None:
    text = admin.get("/assist/phases/").content.decode()
    assert "All other teams" in text
    assert "Agents see the score on the customer&#x27;s record." in text
    assert "Latest changes" in text


def test_move__default__is_in_force_at_the_next_request(admin: Browser, agent: User, rose: Client) -> None:
    browser = signed_in(agent)
    assert "data-suggestion=" not in panel_of(browser, rose.pk).content.decode()
    answer = move(admin)
    assert (answer.status_code, answer["Location"]) == (302, "/assist/phases/?done=1")
    assert "data-suggestion=" in panel_of(browser, rose.pk).content.decode()
    change = PhaseChange.objects.order_by("at").last()
    assert change is not None
    assert (change.before, change.after, change.reason) == ("score", "recommend", "pilot")


def test_move__new_team__is_named(admin: Browser) -> None:
    assert move(admin, existing="", team=" south ", percent="20").status_code == 302
    row = TeamPhase.objects.get(team="south")
    assert (row.phase, row.percent, row.outside) == ("recommend", 20, "score")
    assert "south" in admin.get("/assist/phases/").content.decode()


@pytest.mark.parametrize(
    ("values", "told"),
    [
        ({"reason": "  "}, "Say why"),
        ({"reason": "x" * 501}, "too long"),
        ({"phase": "full power"}, "is not a phase"),
        ({"percent": "101"}, "is not a percentage"),
        ({"percent": "many"}, "is not a percentage"),
        ({"percent": "9" * 5000}, "is not a percentage"),
        ({"outside": "recommend", "percent": "50"}, "lower phase"),
        ({"existing": "", "team": " "}, "Name the team."),
        ({"team": "t" * 101}, "too long"),
    ],
)
def test_move__bad_value__is_told_and_changes_nothing(admin: Browser, values: dict[str, str], told: str) -> None:
    before = list(TeamPhase.objects.values())
    answer = move(admin, **values)
    assert answer.status_code == 400
    assert told in answer.content.decode()
    assert list(TeamPhase.objects.values()) == before


def test_move__team_that_the_crm_does_not_know__is_refused_with_the_close_one_and_done_when_it_is_meant(
    admin: Browser, rose: Client
) -> None:
    answer = move(admin, existing="", team="nroth", percent="20")
    text = answer.content.decode()
    assert answer.status_code == 400
    assert "The CRM knows no team “nroth”" in text
    assert "Did you mean “north”?" in text
    assert 'name="team" maxlength="100" required value="nroth"' in text
    assert "Did you mean" not in move(admin, existing="", team="Quality").content.decode()
    assert not TeamPhase.objects.exclude(team="").exists()
    assert move(admin, existing="", team="Nroth", insist="yes").status_code == 302
    assert TeamPhase.objects.get(team="Nroth").phase == "recommend"
    assert move(admin, existing="", team="north").status_code == 302


def test_team_that_the_crm_does_not_know__is_told_apart_and_removed(admin: Browser, rose: Client) -> None:
    move(admin, existing="", team="nroth", insist="yes")
    text = admin.get("/assist/phases/").content.decode()
    assert text.count("the CRM knows no such team") == 1
    assert admin.post("/assist/phases/release/", {"team": "nroth", "reason": ""}).status_code == 400
    assert admin.post("/assist/phases/release/", {"team": "north", "reason": "tidy"}).status_code == 400
    assert admin.post("/assist/phases/release/", {"team": "", "reason": "tidy"}).status_code == 400
    assert admin.post("/assist/phases/release/", {"team": "nroth", "reason": "tidy"}).status_code == 302
    assert not TeamPhase.objects.filter(team="nroth").exists()
    change = PhaseChange.objects.order_by("-at", "-id")[0]
    assert (change.team, change.before, change.after, change.reason) == ("nroth", "recommend", "score", "tidy")
    assert admin.post("/assist/phases/release/", {"team": "nroth", "reason": "tidy"}).status_code == 400


@pytest.mark.parametrize("form", ["move", "switch", "release"])
def test_form__its_own_address_opened__leads_to_the_page(admin: Browser, form: str) -> None:
    answer = admin.get(f"/assist/phases/{form}/")
    assert (answer.status_code, answer["Location"]) == (302, "/assist/phases/")


def test_switch__stop__needs_a_confirmation_and_a_reason(admin: Browser, agent: User, rose: Client) -> None:
    unsure = admin.post("/assist/phases/switch/", {"to": "killed", "reason": "drill"})
    silent = admin.post("/assist/phases/switch/", {"to": "killed", "sure": "yes", "reason": ""})
    assert (unsure.status_code, silent.status_code) == (400, 400)
    assert "orders something" in panel_of(signed_in(agent), rose.pk).content.decode()
    sure = admin.post("/assist/phases/switch/", {"to": "killed", "sure": "yes", "reason": "drill"})
    assert sure.status_code == 302
    assert "orders something" not in panel_of(signed_in(agent), rose.pk).content.decode()
    stopped = admin.get("/assist/phases/").content.decode()
    assert "All help is stopped." in stopped
    assert "Every team will be back where it stood." in stopped
    assert admin.post("/assist/phases/switch/", {"to": "running", "reason": "over"}).status_code == 302
    assert "orders something" in panel_of(signed_in(agent), rose.pk).content.decode()


def test_phases__without_the_permission__are_closed(bank: Bank, agent: User) -> None:
    bank("score")
    browser = signed_in(agent)
    assert browser.get("/assist/phases/").status_code == 403
    assert move(browser).status_code == 403
    assert browser.post("/assist/phases/switch/", {"to": "killed", "sure": "yes", "reason": "x"}).status_code == 403
    assert TeamPhase.objects.get().phase == "score"


def test_phases__signed_out__sign_in_first(bank: Bank) -> None:
    assert Browser().get("/assist/phases/").status_code == 302


def test_phases__reason_of_a_person__is_escaped(admin: Browser) -> None:
    move(admin, reason="<b>pilot</b>")
    assert "<b>pilot</b>" not in admin.get("/assist/phases/").content.decode()


def test_products__page__shows_texts_and_validity(admin: Browser) -> None:
    text = admin.get("/assist/products/").content.decode()
    assert "Good deposit" in text
    assert "On offer" in text
    assert "en, fr" in text


def test_products__agent__may_not_read_the_values(bank: Bank, agent: User) -> None:
    bank("score")
    assert signed_in(agent).get("/assist/products/").status_code == 403
