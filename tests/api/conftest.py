"""A small bank that is open now, and programs that speak JSON for its people."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest
from django.contrib.auth.models import Permission, User
from django.test import Client as Browser
from django.utils import timezone

from tests.hosts.desk.models import Client
from tests.story import open_phase, publish, stock

LABEL = "desk.Client"
ROOT = "/api/assist/v1"
Bank = Callable[[str], None]


@pytest.fixture(autouse=True)
def _host(settings: Any) -> None:
    settings.ROOT_URLCONF = "tests.api.urls"
    settings.LOGIN_URL = "/sign-in/"


@pytest.fixture
def bank(db: None) -> Bank:
    """Open the bank in a phase."""

    def open_in(phase: str) -> None:
        now = timezone.now()
        publish(LABEL, now=now)
        stock(now=now)
        open_phase(phase, now=now)

    return open_in


@pytest.fixture
def agent(db: None) -> User:
    return User.objects.create_user("ann", password="x", first_name="Ann", last_name="Agent")


@pytest.fixture
def rose(agent: User) -> Client:
    return Client.objects.create(name="Rose", owner=agent, balance=8000, segment="private")


def person(name: str, *permissions: str) -> User:
    """A user with permissions of ours."""
    user = User.objects.create_user(name, password="x")
    user.user_permissions.set(Permission.objects.filter(codename__in=permissions))
    return user


class Program:
    """A program that acts for one person, by session."""

    def __init__(self, user: User | None = None, *, csrf: bool = False) -> None:
        self.browser = Browser(enforce_csrf_checks=csrf)
        if user is not None:
            self.browser.force_login(user)

    def get(self, address: str, **query: Any) -> Any:
        """A GET below our root."""
        return self.browser.get(f"{ROOT}/{address}", query)

    def send(self, address: str, body: Any = None, *, method: str = "POST", key: str = "", **headers: str) -> Any:
        """A JSON body; text is sent as it is."""
        text = body if isinstance(body, str) else json.dumps(body if body is not None else {})
        given = {**headers, **({"Idempotency-Key": key} if key else {})}
        return self.browser.generic(method, f"{ROOT}/{address}", text, content_type="application/json", headers=given)


def signed_in_at(page: Any, url: str, user: User) -> None:
    """Sign the person in, in a real browser."""
    browser = Browser()
    browser.force_login(user)
    page.context.add_cookies([{"name": "sessionid", "value": browser.cookies["sessionid"].value, "url": url}])
