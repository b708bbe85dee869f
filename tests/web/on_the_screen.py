"""Rose's record in a real browser: opened by her agent in a phase, with what tests look at on it.

The fixture `page` fails a test whose page complains on the console or breaks the content policy.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from time import monotonic, sleep
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.core.signals import request_finished, request_started
from django.utils import timezone
from playwright.sync_api import Page, expect

from crm_assist import flow
from crm_assist.decisions.models import Response, Suggestion
from crm_assist.types import Principal
from tests.desk_bank import LABEL, sign_in
from tests.hosts.desk.models import Client
from tests.story import open_phase, publish, stock

CARD = "[data-suggestion]"


@pytest.fixture
def _short_poll(settings: Any) -> None:
    settings.CRM_ASSIST = {"POLL_SECONDS": 5, "MAX_SUGGESTIONS": 3}


@pytest.fixture
def _idle(live_server: Any, page: Page) -> Iterator[None]:
    """Leave the page and wait for the server's last answer, so that the tables are not emptied under its hands."""
    under_way: list[int] = []

    def begin(**_: Any) -> None:
        under_way.append(1)

    def end(**_: Any) -> None:
        under_way.pop()

    request_started.connect(begin)
    request_finished.connect(end)
    yield
    page.unroute_all(behavior="ignoreErrors")
    page.goto("about:blank")
    deadline = monotonic() + 10
    sleep(0.1)
    while under_way and monotonic() < deadline:
        sleep(0.05)
    request_started.disconnect(begin)
    request_finished.disconnect(end)


@pytest.fixture
def opened(live_server: Any, page: Page, _idle: None, agent: User, rose: Client) -> Callable[..., Page]:
    """Open Rose's page as her agent, in a phase."""

    def go(phase: str = "recommend", query: str = "") -> Page:
        now = timezone.now()
        publish(LABEL, now=now)
        stock(now=now)
        open_phase(phase, now=now)
        sign_in(page, live_server.url, agent)
        page.goto(f"{live_server.url}/clients/{rose.pk}/{query}")
        return page

    return go


def card(page: Page) -> Any:
    return page.locator(CARD).first


def answered(page: Page) -> list[Response]:
    """The answers as they are in the log, once the server has confirmed what the page already shows."""
    expect(page.locator(f"{CARD}[aria-busy]")).to_have_count(0)
    return list(Response.objects.order_by("id"))


def colleague_answers(kind: str, reason: str = "") -> None:
    boss = Principal(key="777", is_superuser=True)
    suggestion = Suggestion.objects.get(product="deposit")
    flow.respond(boss, suggestion.pk, kind=kind, reason=reason, now=timezone.now())


def settled(page: Page) -> Any:
    """The first card, once its buttons hear what is pressed."""
    expect(card(page)).to_be_visible()
    expect(page.locator("crm-assist-panel[data-calm]")).to_have_count(0)
    return card(page)


def refresh(page: Page) -> None:
    page.locator("crm-assist-panel").evaluate("panel => panel.refresh()")
