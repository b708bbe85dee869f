"""The page that describes the API, in a real browser under a strict content policy: complete, and from here alone."""

from __future__ import annotations

from typing import Any

import pytest
from django.contrib.auth.models import User
from playwright.sync_api import Page, expect

from crm_assist.rollout.models import PhaseChange
from tests.api.conftest import ROOT
from tests.desk_bank import Bank, person, sign_in

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def boss(bank: Bank) -> User:
    bank("score")
    return person("boss", "change_phase")


def test_page__shows_every_part_and_asks_nobody_else(live_server: Any, page: Page, boss: User, settings: Any) -> None:
    settings.MIDDLEWARE = [*settings.MIDDLEWARE, "project.security.content_security_policy"]
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    sign_in(page, live_server.url, boss)
    page.goto(f"{live_server.url}{ROOT}/docs/")
    for part in ("assist", "answers", "decisions", "outcomes", "phases", "products", "cards", "health"):
        expect(page.locator(f"#operations-tag-{part}")).to_be_visible(timeout=60_000)
    assert [url for url in asked if not url.startswith((live_server.url, "data:"))] == []


def test_page__a_call_that_is_tried__carries_the_token_of_the_session(live_server: Any, page: Page, boss: User) -> None:
    sign_in(page, live_server.url, boss)
    page.goto(f"{live_server.url}{ROOT}/docs/#/phases/kill")
    block = page.locator("#operations-phases-kill")
    block.get_by_role("button", name="Try it out").click(timeout=60_000)
    block.locator("input[placeholder='Idempotency-Key']").fill("tried-once")
    block.get_by_role("button", name="Execute").click()
    expect(block.locator(".live-responses-table tr.response .response-col_status")).to_contain_text(
        "200", timeout=60_000
    )
    assert PhaseChange.objects.filter(after="killed").count() == 1
