"""A bank in which the desk's clients stand on two admin sites, and people who work there."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
from django.contrib import admin
from django.contrib.auth.models import Permission, User
from django.test import Client as Browser
from django.urls import path
from django.utils import timezone

from crm_assist import customers, flow
from crm_assist.admin import injection
from tests.admin import urls
from tests.hosts.desk.models import Client
from tests.story import open_phase, publish, stock

LABEL = "desk.Client"


@pytest.fixture(autouse=True)
def _host(settings: Any) -> None:
    settings.ROOT_URLCONF = "tests.admin.urls"
    templates = dict(settings.TEMPLATES[0], DIRS=[Path(__file__).parent / "templates"])
    settings.TEMPLATES = [templates]
    injection.inject()


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
def boss(db: None) -> User:
    return User.objects.create_superuser("boss", password="x", first_name="Bea", last_name="Boss")


def clerk(name: str = "carl", *permissions: str) -> User:
    """A member of staff who may read and change clients, with these permissions of ours."""
    user = User.objects.create_user(name, password="x", is_staff=True, first_name=name.title())
    wanted = ("view_client", "change_client", "delete_client", *permissions)
    user.user_permissions.set(Permission.objects.filter(codename__in=wanted))
    return user


def signed_in(user: User) -> Browser:
    """A browser in which the user has signed in."""
    browser = Browser()
    browser.force_login(user)
    return browser


def clients(owner: User, count: int = 5) -> list[Client]:
    """Clients of one agent, the later the richer, with their scores stored."""
    rows = Client.objects.bulk_create(
        [Client(name=f"C{place}", owner=owner, balance=500 + place * 2300, segment="private") for place in range(count)]
    )
    for _ in flow.rescore(customers.adapter_for(LABEL), now=timezone.now()):
        pass
    return rows


@contextmanager
def site_of(name: str, model: Any, model_admin: Any) -> Iterator[tuple[admin.AdminSite, ModuleType]]:
    """A site for one test, and addresses with it: other tests ask what stands on every site."""
    site, addresses = admin.AdminSite(name=name), ModuleType(f"urls_of_{name}")
    site.register(model, model_admin)
    addresses.urlpatterns = [path(f"{name}/", site.urls), *urls.urlpatterns]  # type: ignore[attr-defined]
    try:
        yield site, addresses
    finally:
        site.unregister(model)
