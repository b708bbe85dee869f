"""One customer over the wire: what the phase shows and nothing more."""

from __future__ import annotations

import pytest
from django.contrib.auth.models import User

from crm_assist.decisions.models import Decision
from tests.api.conftest import Program
from tests.desk_bank import LABEL, Bank, person
from tests.hosts.desk.models import Client


def test_recommend__own_client__score_and_suggestions(bank: Bank, agent: User, rose: Client) -> None:
    bank("recommend")
    told = Program(agent).get("assist/", model=LABEL, key=rose.pk).json()
    assert told["shows"] == "suggestions"
    assert 0 < told["score"]["low"] < told["score"]["probability"] < told["score"]["high"] < 1
    assert [one["product"] for one in told["suggestions"]] == ["deposit", "card"]
    reasons = [*told["score"]["reasons"], *(one for told_ in told["suggestions"] for one in told_["reasons"])]
    assert [(reason["feature"], reason["changeable"]) for reason in reasons] == [("balance", True)] * 3
    assert told["silence"] is None
    assert str(Decision.objects.get().pk) == told["decision"]


def test_score__no_suggestions(bank: Bank, agent: User, rose: Client) -> None:
    bank("score")
    told = Program(agent).get("assist/", model=LABEL, key=rose.pk).json()
    assert told["score"] is not None
    assert told["suggestions"] == []


@pytest.mark.parametrize("phase", ["off", "shadow"])
def test_below_score__nothing_from_which_a_score_could_be_told(
    bank: Bank, agent: User, rose: Client, phase: str
) -> None:
    bank(phase)
    told = Program(agent).get("assist/", model=LABEL, key=rose.pk).json()
    assert told == {
        "shows": "nothing",
        "decision": None,
        "score": None,
        "suggestions": [],
        "silence": None,
        "away": False,
        "products": [],
    }


def test_again__the_same_tag__is_304_without_a_body(bank: Bank, agent: User, rose: Client) -> None:
    bank("recommend")
    program = Program(agent)
    first = program.get("assist/", model=LABEL, key=rose.pk)
    second = program.browser.get(
        "/api/assist/v1/assist/", {"model": LABEL, "key": rose.pk}, headers={"If-None-Match": first["ETag"]}
    )
    assert (second.status_code, second.content) == (304, b"")
    assert second["ETag"] == first["ETag"]


@pytest.mark.parametrize("key", ["999999", "x", "9" * 200, "é"])
def test_customer_who_is_not_there__is_404(bank: Bank, agent: User, key: str) -> None:
    bank("recommend")
    answer = Program(agent).get("assist/", model=LABEL, key=key)
    assert (answer.status_code, answer.json()["code"]) == (404, "not_found")


def test_invisible_and_unknown__are_told_alike(bank: Bank, agent: User, rose: Client) -> None:
    bank("recommend")
    other = Program(person("bob"))
    invisible = other.get("assist/", model=LABEL, key=rose.pk)
    unknown = other.get("assist/", model=LABEL, key=rose.pk + 1000)
    kind = other.get("assist/", model="desk.Nothing", key=rose.pk)
    assert invisible.status_code == unknown.status_code == kind.status_code == 404
    assert invisible.json() == unknown.json() == kind.json()


def test_french__words_of_the_reader(bank: Bank, agent: User, rose: Client) -> None:
    bank("recommend")
    answer = Program(agent).browser.get(
        "/api/assist/v1/assist/", {"model": LABEL, "key": rose.pk}, headers={"Accept-Language": "fr"}
    )
    assert answer.json()["suggestions"][0]["name"] == "Deposit FR"
