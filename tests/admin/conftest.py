"""A bank in which the desk's clients stand on two admin sites, and people who work there."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
from django.contrib import admin
from django.contrib.auth.models import Permission, User
from django.db import connection
from django.test import Client as Browser
from django.test.utils import CaptureQueriesContext
from django.urls import path
from django.utils import timezone

from crm_assist import customers, flow
from crm_assist.admin import injection
from crm_assist.types import Principal
from tests.admin import urls
from tests.desk_bank import LABEL, Bank, bank, signed_in
from tests.hosts.desk.models import Client

HERE = "/admin/crm_assist"

__all__ = ["bank"]


@pytest.fixture(autouse=True)
def _host(settings: Any) -> None:
    settings.ROOT_URLCONF = "tests.admin.urls"
    templates = dict(settings.TEMPLATES[0], DIRS=[Path(__file__).parent / "templates"])
    settings.TEMPLATES = [templates]
    injection.inject()


@pytest.fixture
def boss(db: None) -> User:
    return User.objects.create_superuser("boss", password="x", first_name="Bea", last_name="Boss")


def clerk(name: str = "carl", *permissions: str) -> User:
    """A member of staff who may read and change clients, with these permissions of ours."""
    user = User.objects.create_user(name, password="x", is_staff=True, first_name=name.title())
    wanted = ("view_client", "change_client", "delete_client", *permissions)
    user.user_permissions.set(Permission.objects.filter(codename__in=wanted))
    return user


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


def staff(name: str, *permissions: str) -> User:
    """A member of staff with permissions of ours alone."""
    user = User.objects.create_user(name, is_staff=True, first_name=name.title(), last_name="Staff")
    user.user_permissions.set(Permission.objects.filter(codename__in=permissions))
    return user


@pytest.fixture
def governor(bank: Bank) -> Browser:
    bank("score")
    return signed_in(staff("gill", "change_phase"))


@pytest.fixture
def analyst(bank: Bank, boss: User) -> Browser:
    """An analyst, after three decisions."""
    bank("recommend")
    agent = Principal(key=str(boss.pk), name="Bea Boss", is_superuser=True)
    for client in clients(boss, 3):
        flow.record(agent, LABEL, str(client.pk), now=timezone.now())
    return signed_in(staff("anna", "view_log", "export_log", "view_agent"))


def asked(browser: Browser, address: str, **query: Any) -> tuple[str, int]:
    """A page and how many statements it took beyond those of a page of ours that asks nothing of its own."""
    browser.get(f"{HERE}/{address}", query)  # what is kept in memory is there from now on
    with CaptureQueriesContext(connection) as found:
        answer = browser.get(f"{HERE}/{address}", query)
    assert answer.status_code == 200, answer.content.decode()[:2000]
    own = [one for one in found if '"crm_assist_' in one["sql"] or "first_name" in one["sql"].partition("FROM")[0]]
    # Whoever is signed in is read by the session and not by us.
    return answer.content.decode(), len(own) - 1
