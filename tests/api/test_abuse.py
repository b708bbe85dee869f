"""What no honest program sends: each is refused by name, nothing is half-written, and nothing is a 5xx."""

from __future__ import annotations

import json
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.test import Client as Browser

from crm_assist.api.parsing import DEEPEST
from crm_assist.api.views import BODY
from crm_assist.decisions.models import Decision, OwnOffer, Response, ScoreAnswer, Suggestion
from crm_assist.recommending.models import Product
from crm_assist.rollout.models import PhaseChange
from tests.api.conftest import ROOT, Program
from tests.desk_bank import LABEL, Bank, person
from tests.hosts.desk.models import Client
from tests.hosts.guild.models import Guild, Member, Profile
from tests.story import open_bank, open_phase

RIGHTS = ("change_phase", "change_product_catalogue", "publish_card", "record_outcome", "view_log", "export_log")
WRITES = ["phases/move/", "phases/kill/", "outcomes/", "outcomes/bulk/", "cards/publish/"]
BODIES = [
    "null",
    "[]",
    "1",
    '"text"',
    "{",
    '{"reason": NaN}',
    '{"reason": Infinity}',
    '{"reason": 1e999}',
    '{"reason": "\\ud800"}',
    '{"reason": "\\u0000"}',
    '{"\\u0000": 1}',
    '{"reason": "a", "reason": "b"}',
    '{"reason": ["a"]}',
    '{"reason": {"a": 1}}',
    '{"reason": null}',
    '{"reason": true}',
    '{"unknown": 1}',
    '{"reason": ' + "[" * (DEEPEST + 1) + "]" * (DEEPEST + 1) + "}",
    "[" * 100_000,
    '{"reason": ' + "9" * 5000 + "}",
    "\xff\xfe",
]


@pytest.fixture
def boss(bank: Bank) -> Program:
    """A program that may do everything."""
    bank("recommend")
    return Program(person("boss", *RIGHTS))


@pytest.mark.parametrize("body", BODIES, ids=range(len(BODIES)))
def test_odd_body__is_refused_everywhere_and_changes_nothing(boss: Program, body: str) -> None:
    before = PhaseChange.objects.count()
    for address in WRITES:
        reply = boss.send(address, body)
        assert reply.status_code in (400, 413, 422), (address, reply.content)
        assert reply["Content-Type"].startswith("application/problem+json")
    assert boss.send("products/", body, method="PUT").status_code in (400, 413, 422)
    assert PhaseChange.objects.count() == before


@pytest.mark.parametrize("body", BODIES, ids=range(len(BODIES)))
def test_odd_answer__is_refused_and_nothing_is_written(bank: Bank, agent: User, rose: Client, body: str) -> None:
    bank("recommend")
    program = Program(agent)
    program.get("assist/", model=LABEL, key=rose.pk)
    suggestion, decision = Suggestion.objects.order_by("rank")[0], Decision.objects.get()
    for place in (f"suggestions/{suggestion.pk}/response", *(f"decisions/{decision.pk}/{w}" for w in REMARKS)):
        assert program.send(f"{place}/", body).status_code in (400, 413, 422)
    assert [kind.objects.count() for kind in (Response, ScoreAnswer, OwnOffer)] == [0, 0, 0]


REMARKS = ("score-answer", "own-offer")


@pytest.mark.parametrize("announced", [True, False])
def test_huge_body__is_413_before_it_is_parsed(boss: Program, announced: bool) -> None:
    body = json.dumps({"reason": "x" * BODY})
    extra: dict[str, Any] = {} if announced else {"CONTENT_LENGTH": str(BODY)}
    reply = boss.browser.generic("POST", f"{ROOT}/phases/kill/", body, content_type="application/json", **extra)
    assert reply.status_code == (413 if announced else 400)
    assert reply.json()["code"] == ("too_large" if announced else "bad_value")


@pytest.mark.parametrize("kind", ["text/plain", "application/x-www-form-urlencoded", "multipart/form-data", "x"])
def test_other_content_type__is_415(boss: Program, kind: str) -> None:
    reply = boss.browser.generic("POST", f"{ROOT}/phases/kill/", '{"reason": "x"}', content_type=kind)
    assert reply.status_code == 415
    assert not PhaseChange.objects.filter(after="killed").exists()


@pytest.mark.parametrize(
    "query",
    [
        "after=x",
        "after=00000000000070008000000000000000",
        "size=0",
        "size=201",
        "size=1e2",
        "size=" + "9" * 5000,
        "since=2026-13-01",
        "since=yesterday",
        "phase=SCORE",
        "phase[]=score",
        "team=" + "t" * 101,
        "key=" + "k" * 256,
        "tenant=other",
        "page=2",
        "team=a&team=b",
    ],
)
def test_odd_filter__is_400_and_named(boss: Program, query: str) -> None:
    reply = boss.browser.get(f"{ROOT}/decisions/?{query}")
    assert reply.status_code == 400
    assert reply.json()["field"] == query.partition("=")[0]


def test_nul_in_a_filter__is_no_5xx(boss: Program) -> None:
    for name in ("team", "product", "key", "agent", "silence"):
        assert boss.get("decisions/", **{name: "\x00"}).status_code == 400
    assert boss.get("assist/", model=LABEL, key="\x00").status_code == 400
    assert boss.get("cards/", target="\x00").status_code == 400


def test_expired_session__is_401_and_nothing_is_written(boss: Program) -> None:
    boss.browser.cookies["sessionid"] = "gone"
    assert boss.send("phases/kill/", {"reason": "x"}).status_code == 401
    assert not PhaseChange.objects.filter(after="killed").exists()


def test_session_without_csrf_token__is_403_and_with_it_200(bank: Bank) -> None:
    bank("score")
    program = Program(person("boss", "change_phase"), csrf=True)
    refused = program.send("phases/kill/", {"reason": "x"})
    assert (refused.status_code, refused.json()["code"]) == (403, "not_allowed")
    assert not PhaseChange.objects.filter(after="killed").exists()
    program.browser.cookies["csrftoken"] = "a" * 32
    assert program.send("phases/kill/", {"reason": "x"}, **{"X-CSRFToken": "a" * 32}).status_code == 200


def test_account_that_was_closed__is_401(bank: Bank) -> None:
    bank("score")
    user = person("boss", "change_phase")
    program = Program(user)
    User.objects.filter(pk=user.pk).update(is_active=False)
    assert program.get("phases/").status_code == 401


def test_everything_of_another_tenant__is_404(db: None) -> None:
    here, there = (Guild.objects.create(code=code) for code in ("here", "there"))
    open_bank("guild.Member", tenant="there", feature="fee")
    open_phase("recommend", tenant="here")
    carer, stranger = (person(name, *RIGHTS) for name in ("carer", "stranger"))
    profile = Profile.objects.create(user=carer, guild=there)
    Profile.objects.create(user=stranger, guild=here)
    member = Member.objects.create(guild=there, name="Max", fee=5000)
    member.carers.add(profile)
    where = "?model=guild.Member"
    seen = Program(carer).get("assist/", model="guild.Member", key=member.pk).json()
    assert seen["suggestions"], seen
    other = Program(stranger)
    decision, suggestion = f"decisions/{seen['decision']}/", f"suggestions/{seen['suggestions'][0]['id']}/"
    card = Program(carer).browser.get(f"{ROOT}/cards/{where}").json()["cards"][0]["id"]
    replies = [
        other.get("assist/", model="guild.Member", key=member.pk),
        other.browser.get(f"{ROOT}/{decision}{where}"),
        other.browser.get(f"{ROOT}/{decision}replay/{where}"),
        other.browser.get(f"{ROOT}/decisions/{where}&after={seen['decision']}"),
        other.browser.get(f"{ROOT}/cards/{card}/{where}"),
        other.send(f"cards/{card}/revert/{where}", {"reason": "x"}),
        other.send(f"cards/{card}/promote/{where}", {"reason": "x"}),
        other.send(f"{suggestion}response/{where}", {"kind": "accepted"}),
        other.send(f"{suggestion}undo/{where}"),
        other.send(f"{decision}score-answer/{where}", {"kind": "useful"}),
        other.send(f"{decision}displayed/{where}"),
    ]
    assert [reply.status_code for reply in replies] == [404] * len(replies)
    assert len({reply.content for reply in replies}) == 1
    assert other.browser.get(f"{ROOT}/decisions/{where}").json()["decisions"] == []
    assert other.browser.get(f"{ROOT}/products/{where}").json()["products"] == []
    assert not Response.objects.exists()
    assert not Product.objects.filter(tenant="here").exists()


def test_stranger__learns_of_no_address_what_is_behind_it(boss: Program) -> None:
    stranger = Browser()
    for address in ("assist/", "decisions/", "phases/", "products/", "cards/", "openapi.json", "docs/"):
        reply = stranger.get(f"{ROOT}/{address}")
        assert (reply.status_code, reply.json()["code"]) == (401, "signed_out")
