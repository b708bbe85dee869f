"""The desk as a bank that is open now, and its people: shared by the tests of pages, of REST and of the admin."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from typing import Any

import pytest
from django.contrib.auth.models import Permission, User
from django.test import Client as Browser
from django.utils import timezone

from crm_assist import customers
from tests.hosts.desk.assist import DeskClient
from tests.hosts.desk.models import Client
from tests.story import open_phase, publish, stock

LABEL = "desk.Client"
Bank = Callable[[str], None]


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


def signed_in(user: User) -> Browser:
    """A browser in which the user has signed in."""
    browser = Browser()
    browser.force_login(user)
    return browser


@contextmanager
def declaring(**said: bool | None) -> Iterator[None]:
    """The desk once the integrator says otherwise of the balance: `changeable`, `rules`."""
    balance, *others = DeskClient.features
    features = [replace(balance, **said), *others]  # type: ignore[arg-type]
    with customers.registered(Client, type("Desk", (DeskClient,), {"features": features})):
        yield


def sign_in(page: Any, url: str, user: User) -> None:
    """Sign the person in, in a real browser."""
    page.context.add_cookies([{"name": "sessionid", "value": signed_in(user).cookies["sessionid"].value, "url": url}])
