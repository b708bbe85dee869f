"""What every view does: the host's own classes, our guard behind them, problems for every failure, keys."""

from __future__ import annotations

import json
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.test import Client as Browser
from rest_framework.authentication import BaseAuthentication
from rest_framework.exceptions import AuthenticationFailed
from rest_framework.permissions import BasePermission, DjangoModelPermissions
from rest_framework.test import APIRequestFactory
from rest_framework.throttling import BaseThrottle

from crm_assist.api.assist import AssistApi
from crm_assist.api.operations import VIEWS
from crm_assist.decisions.models import Response
from crm_assist.idempotency.models import KeptAnswer
from crm_assist.rollout.models import PhaseChange
from tests.api.conftest import ROOT, Program
from tests.desk_bank import LABEL, Bank, person
from tests.hosts.desk.models import Client


class ByHeader(BaseAuthentication):
    """As a host with tokens: the user is known inside the view alone."""

    def authenticate(self, request: Any) -> Any:
        name = request.headers.get("Authorization")
        if name is None:
            return None
        user = User.objects.filter(username=name).first()
        if user is None:
            raise AuthenticationFailed("No such token.")
        return user, name

    def authenticate_header(self, request: Any) -> str:
        return "Token"


class Never(BasePermission):
    """A host that lets nobody in."""

    def has_permission(self, request: Any, view: Any) -> bool:
        return False


class Full(BaseThrottle):
    """A host whose patience is over."""

    def allow_request(self, request: Any, view: Any) -> bool:
        return False

    def wait(self) -> float:
        return 30


@pytest.mark.parametrize("route", VIEWS)
def test_views__pin_nothing_that_is_the_hosts(route: str) -> None:
    view = VIEWS[route][0]
    theirs = {"authentication_classes", "permission_classes", "throttle_classes", "renderer_classes"}
    assert not theirs & {name for one in view.__mro__ if one.__module__.startswith("crm_assist") for name in vars(one)}


def ask(view: Any, user: str = "", **query: Any) -> Any:
    """An answer of the view, outside any session."""
    headers = {"Authorization": user} if user else {}
    reply = view(APIRequestFactory().get("/x", query, headers=headers))
    return reply.render() if hasattr(reply, "render") else reply


def test_host_with_tokens__the_person_of_the_view_is_the_principal(bank: Bank, agent: User, rose: Client) -> None:
    bank("recommend")
    view = AssistApi.as_view(authentication_classes=[ByHeader])
    assert ask(view, "ann", model=LABEL, key=rose.pk).status_code == 200
    assert ask(view, person("bob").username, model=LABEL, key=rose.pk).status_code == 404


@pytest.mark.parametrize("user", ["", "stranger"])
def test_host_with_tokens__without_a_good_one__is_401_with_the_hosts_challenge(db: None, user: str) -> None:
    reply = ask(AssistApi.as_view(authentication_classes=[ByHeader]), user, model=LABEL, key=1)
    assert (reply.status_code, reply["WWW-Authenticate"]) == (401, "Token")
    assert json.loads(reply.content)["code"] == "signed_out"


def test_host_that_lets_everybody_in__nobody_is_still_401(db: None) -> None:
    reply = ask(AssistApi.as_view(authentication_classes=[], permission_classes=[]), model=LABEL, key=1)
    assert reply.status_code == 401


def test_host_that_lets_nobody_in__is_403(agent: User, rose: Client) -> None:
    view = AssistApi.as_view(authentication_classes=[ByHeader], permission_classes=[Never])
    assert ask(view, "ann", model=LABEL, key=rose.pk).status_code == 403


def test_host_with_model_permissions__leaves_the_choice_to_us(bank: Bank, agent: User, rose: Client) -> None:
    bank("recommend")
    view = AssistApi.as_view(authentication_classes=[ByHeader], permission_classes=[DjangoModelPermissions])
    assert ask(view, "ann", model=LABEL, key=rose.pk).status_code == 200


def test_host_that_throttles__is_429_with_the_time_to_wait(agent: User, rose: Client) -> None:
    view = AssistApi.as_view(authentication_classes=[ByHeader], throttle_classes=[Full])
    reply = ask(view, "ann", model=LABEL, key=rose.pk)
    assert (reply.status_code, reply["Retry-After"]) == (429, "30")
    assert json.loads(reply.content)["code"] == "throttled"


@pytest.mark.parametrize(
    ("method", "address", "headers", "status", "code"),
    [
        ("GET", "nowhere/", {}, 404, "not_found"),
        ("POST", "nowhere/at/all", {}, 404, "not_found"),
        ("GET", "decisions/not-an-id/", {}, 404, "not_found"),
        ("DELETE", "phases/", {}, 405, "no_such_method"),
        ("GET", "phases/", {"Accept": "image/png"}, 406, "not_acceptable"),
        ("GET", "phases/?x=1", {}, 400, "bad_value"),
        ("GET", "decisions/?size=1&size=2", {}, 400, "bad_value"),
        ("GET", "decisions/?model=No.Such", {}, 404, "not_found"),
    ],
)
def test_every_failure__is_a_problem(
    db: None, method: str, address: str, headers: dict[str, str], status: int, code: str
) -> None:
    browser = Browser()
    browser.force_login(person("boss", "change_phase", "view_log"))
    reply = browser.generic(method, f"{ROOT}/{address}", headers=headers)
    assert (reply.status_code, reply["Content-Type"].partition(";")[0]) == (status, "application/problem+json")
    assert reply.json()["code"] == code
    assert reply.json()["status"] == status


def test_both_forms_of_an_address__with_and_without_slash(db: None) -> None:
    program = Program(person("boss", "change_phase"))
    assert program.get("phases/").status_code == program.get("phases").status_code == 200


def test_answers__are_kept_by_no_cache(db: None) -> None:
    assert Program(person("boss", "change_phase")).get("phases/")["Cache-Control"] == "private, no-store"


def test_something_of_ours_broken__is_a_calm_503_and_told(
    db: None, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def breaks(*args: Any) -> Any:
        raise RuntimeError("broken")

    monkeypatch.setattr("crm_assist.flow.phases", breaks)
    reply = Program(person("boss", "change_phase")).get("phases/")
    assert (reply.status_code, reply.json()["code"]) == (503, "away")
    assert "broken" not in reply.content.decode()
    (record,) = [one for one in caplog.records if one.name == "crm_assist.events"]
    assert record.getMessage() == "help.away surface=api fault=RuntimeError"


@pytest.fixture
def respond(bank: Bank, agent: User, rose: Client) -> str:
    """Where the first suggestion of Rose is answered."""
    bank("recommend")
    told = Program(agent).get("assist/", model=LABEL, key=rose.pk).json()
    return f"suggestions/{told['suggestions'][0]['id']}/response/"


def test_key__same_request_twice__is_done_once_and_answered_alike(respond: str, agent: User) -> None:
    program = Program(agent)
    first, second = (program.send(respond, {"kind": "accepted"}, key="k-1") for _ in range(2))
    assert first.content == second.content
    assert "Idempotency-Replayed" not in first
    assert second["Idempotency-Replayed"] == "true"
    assert Response.objects.count() == 1


def test_key__after_an_undo__still_answers_as_the_first_time(respond: str, agent: User) -> None:
    program = Program(agent)
    first = program.send(respond, {"kind": "accepted"}, key="k-1")
    program.send(respond.replace("response", "undo"), key="k-2")
    assert program.send(respond, {"kind": "accepted"}, key="k-1").content == first.content
    assert Response.objects.count() == 2


@pytest.mark.parametrize("other", [{"kind": "rejected"}, {"kind": "accepted", "comment": "x"}, {}])
def test_key__with_another_body__is_422(respond: str, agent: User, other: dict[str, str]) -> None:
    program = Program(agent)
    program.send(respond, {"kind": "accepted"}, key="k-1")
    reply = program.send(respond, other, key="k-1")
    assert reply.status_code == (400 if not other else 422)
    assert reply.json()["code"] == ("bad_value" if not other else "key_reused")


def test_key__at_another_address__is_422(respond: str, agent: User) -> None:
    program = Program(agent)
    program.send(respond, {"kind": "accepted"}, key="k-1")
    assert program.send(respond.replace("response", "undo"), key="k-1").json()["code"] == "key_reused"


def test_key__of_another_person__is_another_key(db: None) -> None:
    for name in ("one", "two"):
        boss = Program(person(name, "change_phase"))
        body = {"team": "north", "phase": "score", "reason": name}
        assert boss.send("phases/move/", body, key="k").status_code == 200
    assert PhaseChange.objects.count() == 2


def test_key__of_a_refused_request__may_be_used_again(db: None) -> None:
    boss = Program(person("boss", "change_phase"))
    body = {"team": "north", "phase": "score", "outside": "recommend", "reason": "x"}
    assert boss.send("phases/move/", body, key="k").status_code == 422
    assert not KeptAnswer.objects.exists()
    assert boss.send("phases/move/", {**body, "outside": "off"}, key="k").status_code == 200


@pytest.mark.parametrize("key", [" ", "x" * 65, "a b", "é"])
def test_key__that_is_none__is_400_and_named(respond: str, agent: User, key: str) -> None:
    reply = Program(agent).send(respond, {"kind": "accepted"}, key=key)
    assert (reply.status_code, reply.json()["field"]) == (400, "Idempotency-Key")
    assert not Response.objects.exists()


def test_kept_answers__hold_no_comment(respond: str, agent: User) -> None:
    Program(agent).send(respond, {"kind": "accepted", "comment": "He is ill"}, key="k")
    assert "ill" not in KeptAnswer.objects.get().body
