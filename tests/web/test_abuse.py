"""Sessions that are over, forms without their token, bodies too large: refused on the pages too, nothing written."""

from __future__ import annotations

import json
from collections.abc import Callable

import pytest
from django.contrib.auth.models import User
from django.test import Client as Browser

from crm_assist.decisions.models import Response, Suggestion
from crm_assist.rollout.models import PhaseChange
from crm_assist.web.bodies import LARGEST
from tests.desk_bank import person, signed_in
from tests.hosts.desk.models import Client
from tests.web.conftest import panel_of, send

Bank = Callable[[str], None]
MOVE = {"team": "south", "phase": "score", "percent": "100", "reason": "because"}


@pytest.fixture
def answer(bank: Bank, agent: User, rose: Client) -> tuple[Browser, str]:
    """An agent's browser, and where the first suggestion of Rose is answered."""
    bank("recommend")
    browser = signed_in(agent)
    panel_of(browser, rose.pk)
    return browser, f"/assist/suggestions/{Suggestion.objects.earliest('rank').pk}/response/"


def test_answer__after_the_session__is_401_and_nothing_is_written(answer: tuple[Browser, str]) -> None:
    browser, address = answer
    browser.cookies["sessionid"] = "gone"
    assert send(browser, address, kind="accepted").status_code == 401
    assert not Response.objects.exists()


def test_move__after_the_session__leads_to_the_sign_in_and_changes_nothing(db: None) -> None:
    browser = signed_in(person("boss", "change_phase"))
    browser.cookies["sessionid"] = "gone"
    reply = browser.post("/assist/phases/move/", MOVE)
    assert (reply.status_code, reply["Location"].partition("?")[0]) == (302, "/sign-in/")
    assert not PhaseChange.objects.exists()


def test_move__without_the_token_of_the_form__is_403_and_changes_nothing(db: None) -> None:
    strict = Browser(enforce_csrf_checks=True)
    strict.force_login(person("boss", "change_phase"))
    for address in ("/assist/phases/move/", "/assist/phases/switch/"):
        assert strict.post(address, {**MOVE, "to": "killed", "sure": "yes"}).status_code == 403
    assert not PhaseChange.objects.exists()


@pytest.mark.parametrize("announced", [None, "12"])
def test_answer__too_large__is_refused_whatever_it_announces(
    answer: tuple[Browser, str], announced: str | None
) -> None:
    browser, address = answer
    body = json.dumps({"kind": "accepted", "comment": "x" * LARGEST})
    extra = {"CONTENT_LENGTH": announced} if announced else {}
    reply = browser.generic("POST", address, body, content_type="application/json", **extra)
    assert reply.status_code in (400, 413)
    assert not Response.objects.exists()
