"""The score as JSON: what a program is told in each phase, its tag, and who is told nothing."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.test import Client as Browser

from crm_assist.decisions.models import Decision
from crm_assist.web import edge
from tests.desk_bank import LABEL, declaring, signed_in
from tests.hosts.desk.models import Client

Bank = Callable[[str], None]
NOTHING = {"decision": None, "score": None, "silence": None, "away": False}


def score_of(browser: Browser, key: Any, **more: Any) -> Any:
    return browser.get("/assist/score/", {"model": LABEL, "key": key}, **more)


def test_score__phase_score__tells_all_of_it(bank: Bank, agent: User, rose: Client) -> None:
    bank("score")
    answer = score_of(signed_in(agent), rose.pk)
    told = answer.json()
    score = told["score"]
    assert (answer.status_code, answer["Cache-Control"]) == (200, "private, no-store")
    assert told["decision"] == str(Decision.objects.get().pk)
    assert (score["target"], score["label"], score["horizon_days"]) == ("orders", "orders something", 90)
    low, high = score["interval"]
    assert 0 < low < score["probability"] < high < 1
    assert score["probability"] == Decision.objects.get().probability
    assert score["reasons"][0]["sentence"] == "Balance: €8,000"
    assert score["reasons"][0]["for"] is True
    assert score["reasons"][0]["changeable"] is True
    assert (told["silence"], told["away"], score["stale"]) == (None, False, False)


def test_score__reason_nobody_can_change__promises_nothing(bank: Bank, agent: User, rose: Client) -> None:
    bank("score")
    with declaring(changeable=False):
        [reason] = score_of(signed_in(agent), rose.pk).json()["score"]["reasons"]
    assert (reason["feature"], reason["changeable"]) == ("balance", False)


@pytest.mark.parametrize("phase", ["off", "shadow"])
def test_score__below_score__is_the_same_nothing(bank: Bank, agent: User, rose: Client, phase: str) -> None:
    bank(phase)
    answer = score_of(signed_in(agent), rose.pk)
    assert (answer.status_code, answer.json()) == (200, NOTHING)


def test_score__shadow_and_a_moved_score__keep_the_tag(bank: Bank, agent: User, rose: Client) -> None:
    bank("shadow")
    browser = signed_in(agent)
    first = score_of(browser, rose.pk)["ETag"]
    Client.objects.update(balance=10)
    assert score_of(browser, rose.pk)["ETag"] == first
    assert Decision.objects.count() == 2


def test_score__same_state__is_304_without_a_body(bank: Bank, agent: User, rose: Client) -> None:
    bank("score")
    browser = signed_in(agent)
    first = score_of(browser, rose.pk)
    again = score_of(browser, rose.pk, headers={"If-None-Match": f'"other", {first["ETag"]}'})
    assert (again.status_code, again.content, again["ETag"]) == (304, b"", first["ETag"])
    assert Decision.objects.count() == 1


def test_score__other_language__has_other_words_and_another_tag(bank: Bank, agent: User, rose: Client) -> None:
    bank("score")
    browser = signed_in(agent)
    english = score_of(browser, rose.pk)
    french = browser.get("/assist/score/", {"model": LABEL, "key": rose.pk, "lang": "fr"})
    assert french.json()["score"]["label"] == "commande quelque chose"
    assert french["ETag"] != english["ETag"]


def test_score__unknown_invisible_and_unreadable__are_told_alike(bank: Bank, agent: User, rose: Client) -> None:
    bank("score")
    hidden = Client.objects.create(name="Hidden", balance=1)
    browser = signed_in(agent)
    asked = [(LABEL, "999999"), (LABEL, hidden.pk), (LABEL, "no key"), (LABEL, "9" * 400), ("no.Model", "1"), ("", "")]
    answers = [browser.get("/assist/score/", {"model": model, "key": key}) for model, key in asked]
    assert {answer.status_code for answer in answers} == {404}
    assert len({answer.content for answer in answers}) == 1


def test_score__signed_out__is_401_and_other_methods_405(bank: Bank, agent: User, rose: Client) -> None:
    bank("score")
    assert score_of(Browser(), rose.pk).status_code == 401
    answer = signed_in(agent).post("/assist/score/")
    assert (answer.status_code, answer["Allow"]) == (405, "GET, HEAD")


def test_score__traditional_zone__is_silent_and_says_why(bank: Bank, agent: User, rose: Client) -> None:
    bank("score")
    Client.objects.filter(pk=rose.pk).update(bereaved=True)
    told = score_of(signed_in(agent), rose.pk).json()
    assert told["score"] is None
    assert told["silence"]["code"] == "zone_traditional"


def test_score__answer__sets_no_cookie(bank: Bank, agent: User, rose: Client) -> None:
    bank("score")
    assert not score_of(signed_in(agent), rose.pk).cookies


def test_for_program__method_that_writes__is_refused() -> None:
    with pytest.raises(ValueError, match="POST"):
        edge.for_program("POST")
