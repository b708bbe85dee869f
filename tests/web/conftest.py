"""A small bank that is open now: an agent with a client, an administrator and an analyst."""

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


@pytest.fixture(autouse=True)
def _host(settings: Any) -> None:
    settings.ROOT_URLCONF = "tests.web.urls"
    settings.LOGIN_URL = "/sign-in/"


@pytest.fixture
def bank(db: None) -> Callable[[str], None]:
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


def signed_in(user: User) -> Browser:
    """A browser in which the user has signed in."""
    browser = Browser()
    browser.force_login(user)
    return browser


def panel_of(browser: Browser, key: Any, **more: Any) -> Any:
    """What the panel of a client is told."""
    return browser.get("/assist/panel/", {"model": LABEL, "key": key, "lang": "en"}, **more)


def send(browser: Browser, address: str, **body: Any) -> Any:
    """An answer, as the panel's script sends it."""
    return browser.post(address, json.dumps(body), content_type="application/json")
