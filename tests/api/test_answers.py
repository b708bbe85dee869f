"""What an agent's program answers: each answer once, whoever comes second learns where it stands."""

from __future__ import annotations

from typing import Any

import pytest
from django.contrib.auth.models import User

from crm_assist.decisions.models import Decision, Display, OwnOffer, Response, ScoreAnswer
from tests.api.conftest import Program
from tests.desk_bank import LABEL, Bank, person
from tests.hosts.desk.models import Client


@pytest.fixture
def shown(bank: Bank, agent: User, rose: Client) -> Any:
    """What the agent's program was told of Rose."""
    bank("recommend")
    return Program(agent).get("assist/", model=LABEL, key=rose.pk).json()


def test_respond__accepted__is_logged_and_told(shown: Any, agent: User) -> None:
    first = shown["suggestions"][0]
    answer = Program(agent).send(f"suggestions/{first['id']}/response/", {"kind": "accepted", "comment": "Gladly"})
    assert answer.status_code == 200
    assert answer.json()["state"] == "accepted"
    assert answer.json()["answered_by_you"] is True
    assert Response.objects.get().kind == "accepted"


def test_respond__somebody_was_faster__is_409_with_where_it_stands(shown: Any, agent: User, rose: Client) -> None:
    address = f"suggestions/{shown['suggestions'][0]['id']}/response/"
    Program(agent).send(address, {"kind": "accepted"})
    second = Program(agent).send(address, {"kind": "rejected", "reason": "other"})
    assert second.status_code == 409
    assert second["Content-Type"].startswith("application/problem+json")
    assert second.json()["code"] == "already_answered"
    assert second.json()["suggestion"]["state"] == "accepted"


def test_respond__a_day_that_is_over__is_422_and_named(shown: Any, agent: User) -> None:
    address = f"suggestions/{shown['suggestions'][0]['id']}/response/"
    answer = Program(agent).send(address, {"kind": "later", "until": "2001-01-01"})
    assert (answer.status_code, answer.json()["field"]) == (422, "until")
    assert not Response.objects.exists()


def test_undo__own_answer__is_open_again(shown: Any, agent: User) -> None:
    place = f"suggestions/{shown['suggestions'][0]['id']}"
    program = Program(agent)
    program.send(f"{place}/response/", {"kind": "accepted"})
    assert program.send(f"{place}/undo/").json()["state"] == "open"
    assert Response.objects.count() == 2


def test_remarks__of_the_own_decision__are_noted(shown: Any, agent: User) -> None:
    program, place = Program(agent), f"decisions/{shown['decision']}"
    assert program.send(f"{place}/score-answer/", {"kind": "useful"}).status_code == 200
    assert program.send(f"{place}/own-offer/", {"product": "deposit"}).status_code == 200
    assert program.send(f"{place}/displayed/").status_code == 200
    kinds = (ScoreAnswer, OwnOffer, Display)
    assert [kind.objects.count() for kind in kinds] == [1, 1, 1]


def test_own_offer__unknown_product__is_422(shown: Any, agent: User) -> None:
    answer = Program(agent).send(f"decisions/{shown['decision']}/own-offer/", {"product": "yacht"})
    assert (answer.status_code, answer.json()["field"]) == (422, "product")


def test_remarks__of_a_colleagues_decision__are_404(shown: Any) -> None:
    other = Program(person("bob"))
    for what in ("score-answer", "own-offer", "displayed"):
        body = {} if what == "displayed" else {"kind": "useful"} if what == "score-answer" else {"product": "card"}
        assert other.send(f"decisions/{shown['decision']}/{what}/", body).status_code == 404
    assert Decision.objects.count() == 1
