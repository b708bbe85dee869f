"""Answers by post: once under retries, 409 with the state, 400 by name, nothing half-written, nothing foreign."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.contrib.auth.models import User
from django.contrib.sessions.models import Session
from django.db import transaction
from django.test import Client as Browser
from django.utils import timezone

from crm_assist import customers
from crm_assist.decisions.models import Decision, Display, OwnOffer, Response, ScoreAnswer, Suggestion
from crm_assist.journal.writer import payload_of
from tests.desk_bank import LABEL, person, signed_in
from tests.hosts.desk.models import Client
from tests.outage import renamed_away
from tests.story import open_phase
from tests.web.conftest import panel_of, send

Bank = Callable[[str], None]


@pytest.fixture
def browser(bank: Bank, agent: User, rose: Client) -> Browser:
    """The agent's browser, with the panel of Rose open."""
    bank("recommend")
    browser = signed_in(agent)
    assert panel_of(browser, rose.pk).status_code == 200
    return browser


def suggestion() -> Suggestion:
    return Suggestion.objects.get(product="deposit")


def of_suggestion(action: str) -> str:
    return f"/assist/suggestions/{suggestion().pk}/{action}/"


def of_decision(action: str) -> str:
    return f"/assist/decisions/{Decision.objects.get().pk}/{action}/"


def test_respond__accepted__is_recorded_and_can_be_undone(browser: Browser) -> None:
    answer = send(browser, of_suggestion("response"), kind="accepted", request_key="k1")
    told = answer.json()["suggestion"]
    assert answer.status_code == 200
    assert (told["state"], told["words"], told["by_you"]) == ("accepted", "You accepted", True)
    assert 50 <= told["undo_seconds"] <= 60
    undone = send(browser, of_suggestion("undo"), request_key="k2")
    assert undone.json()["suggestion"]["state"] == "open"
    assert list(Response.objects.values_list("kind", flat=True)) == ["accepted", "undone"]


def test_respond__same_request_key__is_one_answer(browser: Browser) -> None:
    answers = [send(browser, of_suggestion("response"), kind="accepted", request_key="k") for _ in range(3)]
    assert {answer.status_code for answer in answers} == {200}
    assert Response.objects.count() == 1


def test_respond__rejected__keeps_reason_and_comment(browser: Browser) -> None:
    answer = send(browser, of_suggestion("response"), kind="rejected", reason="bad_moment", comment="  on the phone ")
    assert answer.status_code == 200
    row = Response.objects.get()
    assert (row.kind, row.reason) == ("rejected", "bad_moment")
    assert payload_of(row.pk) == {"comment": "on the phone"}


def test_respond__later_on_a_day__comes_back_then(browser: Browser) -> None:
    day = (timezone.localdate() + timedelta(days=5)).isoformat()
    answer = send(browser, of_suggestion("response"), kind="later", until=day)
    assert answer.status_code == 200
    assert answer.json()["suggestion"]["until"].startswith(day)


@pytest.mark.parametrize("action", ["response", "undo"])
def test_respond__customer_closed_meanwhile__is_told_as_that_and_not_as_an_answer(
    browser: Browser, rose: Client, action: str
) -> None:
    if action == "undo":
        send(browser, of_suggestion("response"), kind="accepted")
    Client.objects.filter(pk=rose.pk).update(consent="refused")
    answer = send(browser, of_suggestion(action), **({"kind": "accepted"} if action == "response" else {}))
    told = answer.json()
    assert told["suggestion"]["state"] == "withdrawn"
    if action == "response":
        assert (answer.status_code, told["code"]) == (409, "withdrawn")
        assert told["detail"] == "Your answer was not saved."


def test_respond__colleague_was_faster__is_409_with_how_it_stands(browser: Browser) -> None:
    boss = User.objects.create_superuser("boss")
    send(signed_in(boss), of_suggestion("response"), kind="rejected", reason="already_has")
    answer = send(browser, of_suggestion("response"), kind="accepted")
    told = answer.json()
    assert (answer.status_code, told["code"]) == (409, "already_answered")
    assert (told["suggestion"]["state"], told["suggestion"]["words"]) == ("rejected", "A colleague rejected")
    assert "boss" not in answer.content.decode()
    assert Response.objects.count() == 1


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"kind": "maybe"}, "kind"),
        ({"kind": "undone"}, "kind"),
        ({}, "kind"),
        ({"kind": "rejected", "reason": "because"}, "reason"),
        ({"kind": "rejected", "comment": "x" * 501}, "comment"),
        ({"kind": "rejected", "comment": "\x00"}, "comment"),
        ({"kind": "later", "until": "tomorrow"}, "until"),
        ({"kind": "later", "until": "2026-02-31"}, "until"),
        ({"kind": "later", "until": "2001-01-01"}, "until"),
        ({"kind": "later", "until": "9999-12-31"}, "until"),
        ({"kind": ["accepted"]}, "kind"),
        ({"kind": "accepted", "request_key": "k" * 65}, "request_key"),
        ({"kind": "accepted", "agent": "somebody"}, "agent"),
    ],
)
def test_respond__bad_value__is_400_that_names_the_field(browser: Browser, body: dict[str, Any], field: str) -> None:
    answer = send(browser, of_suggestion("response"), **body)
    assert (answer.status_code, answer.json().get("field")) == (400, field)
    assert len(answer.json()["detail"]) > 10
    assert not Response.objects.exists()
    assert suggestion().state == "open"


@pytest.mark.parametrize(
    ("body", "kind", "status"),
    [
        (b"{", "application/json", 400),
        (b"[1]", "application/json", 400),
        (b"[" * 5000, "application/json", 400),
        (b"\xff\xfe", "application/json", 400),
        (b'{"comment": "' + b"x" * 9000 + b'"}', "application/json", 413),
        (b"kind=accepted", "application/x-www-form-urlencoded", 415),
        (b'{"kind": "accepted"}', "text/plain", 415),
    ],
)
def test_respond__unreadable_body__is_refused(browser: Browser, body: bytes, kind: str, status: int) -> None:
    answer = browser.post(of_suggestion("response"), body, content_type=kind)
    assert answer.status_code == status
    assert answer["Content-Type"].startswith("application/problem+json")
    assert not Response.objects.exists()


def test_respond__unknown_and_foreign_suggestion__are_404_alike(browser: Browser) -> None:
    stranger = signed_in(person("stranger"))
    unknown = send(browser, f"/assist/suggestions/{uuid4()}/response/", kind="accepted")
    foreign = send(stranger, of_suggestion("response"), kind="accepted")
    assert (unknown.status_code, foreign.status_code) == (404, 404)
    assert unknown.content == foreign.content
    assert not Response.objects.exists()


def test_respond__phase_moved_down__is_404(browser: Browser) -> None:
    open_phase("score", now=timezone.now())
    assert send(browser, of_suggestion("response"), kind="accepted").status_code == 404


def test_respond__signed_out__is_401(browser: Browser) -> None:
    assert send(Browser(), of_suggestion("response"), kind="accepted").status_code == 401


def test_respond__when_the_sessions_cannot_be_read__help_is_away_and_nobody_is_signed_out(browser: Browser) -> None:
    address = of_suggestion("response")
    with renamed_away(Session), transaction.atomic():
        answer = send(browser, address, kind="accepted")
        transaction.set_rollback(True)
    assert (answer.status_code, answer.json()["code"]) == (503, "away")
    assert not Response.objects.exists()


def test_respond__when_the_hosts_rule_fails__is_503_for_whoever_is_signed_in_and_401_for_all_others(
    browser: Browser,
) -> None:
    class Stumbling(customers.CustomerAdapter):
        def principal(self, request: Any) -> Any:
            return request.user.profile_that_is_not_there

    address = of_suggestion("response")
    with customers.registered(Client, Stumbling):
        assert send(browser, f"{address}?model={LABEL}", kind="accepted").status_code == 503
        assert send(Browser(), f"{address}?model={LABEL}", kind="accepted").status_code == 401


def test_respond__by_get__is_405(browser: Browser) -> None:
    assert browser.get(of_suggestion("response")).status_code == 405


@pytest.mark.parametrize("middleware", [True, False])
def test_respond__without_the_token__is_403_even_without_the_middleware(
    browser: Browser, agent: User, rose: Client, settings: Any, middleware: bool
) -> None:
    if not middleware:
        settings.MIDDLEWARE = [one for one in settings.MIDDLEWARE if "Csrf" not in one]
    strict = Browser(enforce_csrf_checks=True)
    strict.force_login(agent)
    fragment = panel_of(strict, rose.pk).content.decode()
    refused = send(strict, of_suggestion("response") + "?lang=fr", kind="accepted")
    assert (refused.status_code, refused["Content-Type"]) == (403, "application/problem+json; charset=utf-8")
    assert refused.json()["code"] == "page_outdated"
    assert refused.json()["detail"].startswith("Cette page est plus ancienne que votre connexion")
    assert not Response.objects.exists()
    token = re.search(r'data-token="(\w+)"', fragment)
    assert token
    answer = strict.post(
        of_suggestion("response"),
        json.dumps({"kind": "accepted"}),
        content_type="application/json",
        headers={"X-CSRFToken": token[1]},
    )
    assert answer.status_code == 200


def test_undo__too_late_or_a_colleagues__is_refused(browser: Browser, settings: Any) -> None:
    boss = signed_in(User.objects.create_superuser("boss"))
    send(browser, of_suggestion("response"), kind="accepted")
    assert send(boss, of_suggestion("undo")).status_code == 409
    settings.CRM_ASSIST = {"UNDO_SECONDS": -1}
    assert send(browser, of_suggestion("undo")).status_code == 400
    assert suggestion().state == "accepted"


def test_remarks__are_noted_once_for_each_request(browser: Browser) -> None:
    for _ in range(2):
        assert send(browser, of_decision("score-answer"), kind="data_wrong", request_key="a").status_code == 200
        assert send(browser, of_decision("own-offer"), product="card", request_key="b").status_code == 200
        assert send(browser, of_decision("displayed")).status_code == 200
    assert (ScoreAnswer.objects.count(), OwnOffer.objects.count(), Display.objects.count()) == (1, 1, 1)


@pytest.mark.parametrize(
    ("action", "body", "field"),
    [
        ("score-answer", {"kind": "great"}, "kind"),
        ("own-offer", {"product": "yacht"}, "product"),
        ("own-offer", {"product": "p" * 61}, "product"),
        ("displayed", {"x": 1}, "x"),
    ],
)
def test_remarks__bad_value__is_400_that_names_the_field(
    browser: Browser, action: str, body: dict[str, Any], field: str
) -> None:
    answer = send(browser, of_decision(action), **body)
    assert (answer.status_code, answer.json()["field"]) == (400, field)


def test_remarks__foreign_decision__is_404(browser: Browser) -> None:
    boss = signed_in(User.objects.create_superuser("boss"))
    for action, body in (("score-answer", {"kind": "useful"}), ("own-offer", {"product": "card"}), ("displayed", {})):
        assert send(boss, of_decision(action), **body).status_code == 404


def test_problem__french_page__is_told_in_french(browser: Browser) -> None:
    answer = send(browser, of_suggestion("response") + "?lang=fr", kind="later", until="hier")
    assert "Cette valeur ne peut pas être utilisée." in answer.json()["title"]
