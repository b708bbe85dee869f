"""Every address x method x role, walked from the addresses themselves: a new one without expectation fails."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from django.contrib.auth.models import Permission, User
from django.db import transaction
from django.test import Client as Browser
from django.urls import reverse
from django.utils import timezone

from crm_assist.decisions.models import Decision, Suggestion
from crm_assist.flow.card_roles import publish_card
from crm_assist.flow.comparison import Comparison
from crm_assist.flow.rules import save_rules
from crm_assist.learning.models import Target
from crm_assist.roles import ROLES
from crm_assist.scorecards.models import CardVersion
from crm_assist.web.assets import fingerprint
from tests.hosts.desk.models import Client
from tests.matrix.doors import METHODS, NOBODY, OWNERS, PEOPLE, RULE, SURFACES, Door, Surface
from tests.matrix.page import PAGE, named, text
from tests.story import BOSS, fitted, open_phase, publish, stock


class Bank:
    """A bank with a person for each role; owners have a customer, and all ask for what is theirs or else an agent's."""

    def __init__(self) -> None:
        now = timezone.now()
        publish("desk.Client", now=now)
        publish("desk.Client", now=now)
        stock(now=now)
        open_phase("recommend", now=now)
        self.browsers = {NOBODY: Browser(raise_request_exception=False)}
        self.keys: dict[str, str] = {}
        for role, permissions in ROLES.items():
            user = User.objects.create_user(role)
            user.user_permissions.set(Permission.objects.filter(codename__in=permissions))
            self.browsers[role] = Browser(raise_request_exception=False)
            self.browsers[role].force_login(user)
            if role in OWNERS:
                client = Client.objects.create(name=role, owner=user, balance=8000)
                self.keys[role] = str(client.pk)
                reply = self.browsers[role].get("/assist/panel/", {"model": "desk.Client", "key": client.pk})
                assert reply.status_code == 200
        self.card = CardVersion.objects.get(target="orders", version=1)
        self.waiting = publish_card(
            Target.objects.get(name="wants_card"),
            fitted(),
            by="night",
            reason="weekly",
            now=now,
            comparison=Comparison(code="alike", champion=2),
        )

        save_rules(BOSS, [RULE], reason="asked", now=now)

    def arguments(self, person: str) -> dict[str, Any]:
        """What addresses of this person name."""
        key = self.keys.get(person, self.keys["agent"])
        decision = Decision.objects.get(subject__key=key)
        suggestion = Suggestion.objects.filter(subject__key=key).earliest("rank")
        return {
            "suggestion_id": suggestion.pk,
            "decision_id": decision.pk,
            "card_id": self.card.pk,
            "waiting_id": self.waiting.pk,
            "digest": fingerprint("panel.js"),
            "name": "panel.js",
            "outcome_id": decision.pk,
            "target": "orders",
            "code": "wealthy",
        }

    def filled(self, person: str, template: Any) -> Any:
        """A body or query with the person's own values in the place of names."""
        text = json.dumps(template)
        text = text.replace("<key>", self.keys.get(person, self.keys["agent"]))
        return json.loads(text.replace('"<card>"', self.card.text))

    def ask(self, person: str, method: str, address: str, door: Door) -> int:
        """The status of the answer; whatever it changed is undone."""
        browser, query = self.browsers[person], self.filled(person, dict(door.query))
        with undone():
            if door.form is not None:
                reply: Any = browser.post(address, door.form)
            elif method == "GET":
                reply = browser.get(address, query)
            else:
                body = json.dumps(self.filled(person, door.body))
                reply = browser.generic(method, address, body, content_type="application/json")
            if reply.streaming:
                b"".join(reply.streaming_content)
            return int(reply.status_code)


@contextmanager
def undone() -> Iterator[None]:
    """A block whose writes are taken back."""
    with transaction.atomic():
        yield
        transaction.set_rollback(True)


def address(surface: Surface, route: str, name: str, arguments: dict[str, Any]) -> str:
    used = {key: value for key, value in arguments.items() if f":{key}>" in route}
    if name == "promote":
        used["card_id"] = arguments["waiting_id"]
    return reverse(f"{surface.namespace}:{name}", kwargs=used)


@pytest.fixture
def bank(db: None, settings: Any) -> Bank:
    settings.ROOT_URLCONF = "tests.api.urls"
    settings.LOGIN_URL = "/sign-in/"
    return Bank()


@pytest.mark.parametrize("surface", SURFACES, ids=lambda one: one.title)
def test_expectations__every_address_has_one_and_none_is_left_over(surface: Surface) -> None:
    assert sorted(named(surface)) == sorted(surface.doors)


@pytest.mark.parametrize("surface", SURFACES, ids=lambda one: one.title)
def test_every_address_and_method__each_role__is_answered_as_written_down(bank: Bank, surface: Surface) -> None:
    surprises = []
    for person in PEOPLE:
        arguments = bank.arguments(person)
        for name, route in named(surface).items():
            place = address(surface, route, name, arguments)
            for method in METHODS:
                door = surface.doors[name].get(method, Door(body={}))
                told, wanted = bank.ask(person, method, place, door), surface.expected(name, method, person)
                if told != wanted:
                    surprises.append(f"{person}: {method} {place}: {told}, not {wanted}")
    assert surprises == []


def test_page__is_current() -> None:
    assert PAGE.read_text() == text(), "run `python -m tests.matrix.page` and commit the page"
