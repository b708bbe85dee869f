"""The page on REST: every call that it shows is made, every code that the API gives is told."""

from __future__ import annotations

import re
import shlex
from base64 import b64encode
from typing import Any

import pytest
from django.contrib.auth.models import Permission, User
from django.test import Client as Browser
from django.utils import timezone

from crm_assist.api.documenting import REFUSALS
from crm_assist.decisions.models import Decision, Outcome, Suggestion
from crm_assist.flow.card_roles import publish_card
from crm_assist.flow.comparison import Comparison
from crm_assist.learning.models import Target
from tests.docs.follow import ROOT
from tests.hosts.desk.models import Client
from tests.story import fitted, open_phase, publish, stock

PAGE = (ROOT / "docs" / "how-to" / "rest.md").read_text()
HOST = "https://crm.example.com"
PEOPLE: dict[str, tuple[str, ...]] = {
    "ann": (),
    "orders": ("record_outcome",),
    "boss": ("change_phase", "change_product_catalogue", "publish_card", "view_log", "export_log"),
}


def calls() -> list[list[str]]:
    """The words of every curl command of the page, in order."""
    blocks = re.findall(r"^```curl\n(.*?)^```$", PAGE, re.MULTILINE | re.DOTALL)
    return [shlex.split(f"curl {one}") for block in blocks for one in re.split(r"^curl ", block, flags=re.M)[1:]]


def call(words: list[str], **places: str) -> Any:
    """The answer to one command, read as curl reads it."""
    given: dict[str, list[str]] = {"-u": [], "-H": [], "-d": [], "-X": []}
    rest = iter(words[1:])
    address = ""
    for word in rest:
        if word in given:
            given[word].append(next(rest))
        elif word.strip():
            address = word.strip().removeprefix(HOST)
    for name, value in places.items():
        address = address.replace(name, value)
    headers = dict(header.split(": ", 1) for header in given["-H"])
    kind = headers.pop("Content-Type", "application/x-www-form-urlencoded")
    headers["Authorization"] = f"Basic {b64encode(given['-u'][0].encode()).decode()}"
    method = (given["-X"] or ["POST" if given["-d"] else "GET"])[0]
    return Browser().generic(method, address, "".join(given["-d"]), content_type=kind, headers=headers)


@pytest.mark.django_db
def test_calls__each_of_the_page__does_what_it_says(settings: Any) -> None:
    settings.ROOT_URLCONF = "tests.api.urls"
    now = timezone.now()
    publish("desk.Client", now=now)
    stock(now=now)
    open_phase("recommend", now=now)
    users = {}
    for name, permissions in PEOPLE.items():
        users[name] = User.objects.create_user(name, password="secret")
        users[name].user_permissions.set(Permission.objects.filter(codename__in=permissions))
    Client.objects.create(pk=1, name="Rose", owner=users["ann"], balance=8000)
    target, alike = Target.objects.get(name="orders"), Comparison(code="alike", champion=1)
    waiting = publish_card(target, fitted(), by="night", reason="weekly", now=now, comparison=alike)
    places: dict[str, str] = {}
    assert len(calls()) == 21
    for words in calls():
        reply = call(words, **places)
        assert reply.status_code in (200, 201), (words, reply.content)
        if reply.streaming:
            assert b"".join(reply.streaming_content).count(b"\n") == 1
        places = places or {
            "DECISION": str(Decision.objects.get().pk),
            "SUGGESTION": str(Suggestion.objects.all()[0].pk),
            "CARD": str(waiting.pk),
        }
    assert Outcome.objects.count() == 3


def test_codes__every_one__is_told() -> None:
    told = set(re.findall(r"^\| (\d{3}) \| `(\w+)` \|", PAGE, re.MULTILINE))
    assert told >= {(str(status), REFUSALS[status][0]) for status in REFUSALS}
    source = "".join(path.read_text() for path in (ROOT / "crm_assist" / "api").glob("*.py"))
    assert {code for _status, code in told} >= set(re.findall(r'code="(\w+)"', source))
