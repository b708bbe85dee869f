"""What no honest client sends: every surface answers calmly, on both databases, and nothing is half-written."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from uuid import UUID

import pytest
from django.contrib.auth.models import User

from crm_assist.decisions.models import Decision, OwnOffer, Response, ScoreAnswer, Suggestion
from crm_assist.rollout.models import Control, PhaseChange
from tests.desk_bank import LABEL, person, signed_in
from tests.hosts.desk.models import Client
from tests.web.conftest import panel_of

Bank = Callable[[str], None]
HALF = "\\ud800"
"""Half of a surrogate pair, as JSON writes it: no database can store it."""

NOBODYS = UUID(int=7)
"""The id of no row: fixed, so that every process collects the same tests."""

ADDRESSES: list[tuple[str, dict[str, str]]] = [
    ("panel", {"model": "\x00", "key": "1"}),
    ("panel", {"model": LABEL, "key": "\x00"}),
    ("panel", {"model": LABEL, "key": "9" * 30}),
    ("panel", {"model": LABEL, "key": "9" * 3000}),
    ("panel", {"model": "auth.User", "key": "1"}),
    ("panel", {"model": LABEL, "key": "1", "lang": "../../x\x00"}),
    ("record", {"model": LABEL, "key": "é"}),
    ("decisions", {"after": f"0001-01-01T00:00:00+14:00_{NOBODYS}"}),
    ("decisions", {"after": f"9999-12-31T23:59:59-14:00_{NOBODYS}"}),
    ("decisions", {"after": f"2026-13-01T00:00:00Z_{NOBODYS}"}),
    ("decisions", {"team": "%'\"; --", "product": "%_,,"}),
    ("decisions/export", {"format": "\x00"}),
    ("decisions/nonsense", {}),
    (f"decisions/{NOBODYS}", {}),
    ("phases", {"done": "\x00"}),
]


@pytest.mark.parametrize(("address", "query"), ADDRESSES)
def test_odd_address__is_answered_by_a_page_or_a_refusal(
    bank: Bank, agent: User, address: str, query: dict[str, str]
) -> None:
    bank("recommend")
    browser = signed_in(person("boss", "view_log", "export_log", "change_phase"))
    assert browser.get(f"/assist/{address}/", query).status_code in (200, 400, 404)


BODIES = [
    f'{{"kind": "accepted", "request_key": "{HALF}"}}',
    f'{{"kind": "useful", "comment": "{HALF}"}}',
    f'{{"kind": "{HALF}"}}',
    f'{{"product": "{HALF}"}}',
    f'{{"{HALF}": 1}}',
    '{"kind": "accepted", "request_key": "\\u0000"}',
    '{"kind": ["accepted"]}',
    '{"kind": NaN}',
    '{"kind": "later", "until": "0001-01-01"}',
    '{"kind": "later", "until": "9999-12-31"}',
    '{"kind": "undone"}',
    '{"kind": ' + "[" * 5000,
    '{"kind": ' + "9" * 5000 + "}",
    "[" * 9000,
    "null",
    " ",
]


@pytest.mark.parametrize("body", BODIES)
def test_odd_body__is_refused_and_nothing_is_written(bank: Bank, agent: User, rose: Client, body: str) -> None:
    bank("recommend")
    browser = signed_in(agent)
    panel_of(browser, rose.pk)
    suggestion, decision = Suggestion.objects.order_by("rank")[0], Decision.objects.get()
    for address in (f"suggestions/{suggestion.pk}/response", *_remarks(decision)):
        answer = browser.generic("POST", f"/assist/{address}/", body, content_type="application/json")
        assert answer.status_code in (400, 413), (address, answer.content)
    assert not Response.objects.exists()
    assert not ScoreAnswer.objects.exists()
    assert not OwnOffer.objects.exists()


def _remarks(decision: Decision) -> list[str]:
    return [f"decisions/{decision.pk}/{what}" for what in ("score-answer", "own-offer")]


MOVE = {"team": "south", "phase": "score", "percent": "100", "reason": "because"}


@pytest.mark.parametrize(
    "odd",
    [
        {"team": "\x00"},
        {"team": "\x00", "existing": "1"},
        {"reason": "because\x00"},
        {"phase": "\x00"},
        {"outside": "\x00"},
        {"percent": "9" * 5000},
        {"team": "t" * 101},
    ],
)
def test_odd_move__is_400_and_changes_nothing(db: None, odd: dict[str, str]) -> None:
    browser = signed_in(person("boss", "change_phase"))
    assert browser.post("/assist/phases/move/", {**MOVE, **odd}).status_code == 400
    assert not PhaseChange.objects.exists()


def test_odd_switch__is_400_and_changes_nothing(db: None) -> None:
    browser = signed_in(person("boss", "change_phase"))
    form: dict[str, Any] = {"to": "killed", "sure": "yes", "reason": "stop\x00"}
    assert browser.post("/assist/phases/switch/", form).status_code == 400
    assert not Control.objects.filter(killed=True).exists()
