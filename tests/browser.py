"""Fixtures for tests in a real browser: a headless Chromium, a clean context for each test, a silent console.

Use: `def test_x(live_server, page): page.goto(live_server.url)` in a file named `test_*__browser.py`.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from typing import TYPE_CHECKING

import pytest

from tests.binaries import find_chromium

if TYPE_CHECKING:
    from playwright.sync_api import Browser, ConsoleMessage, Page

ARGUMENTS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-dev-shm-usage",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]


@pytest.fixture(scope="session")
def chromium() -> Iterator[Browser]:
    """One browser for the whole run."""
    from playwright.sync_api import sync_playwright  # optional: only browser tests need it

    # Playwright's loop runs in this thread, so Django thinks that it is asynchronous; the tests are not.
    before = os.environ.get("DJANGO_ALLOW_ASYNC_UNSAFE")
    os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "true"
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=find_chromium(), args=ARGUMENTS)
        yield browser
        browser.close()
    if before is None:
        del os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"]


@pytest.fixture
def page(chromium: Browser) -> Iterator[Page]:
    """A page of a clean context; a script error or a refusal by the content policy fails the test."""
    context = chromium.new_context(viewport={"width": 1280, "height": 900}, locale="en-GB")
    context.set_default_timeout(10_000)
    page = context.new_page()
    complaints = complaints_of(page)
    yield page
    context.close()
    assert complaints == [], "the browser complained"


def complaints_of(page: Page) -> list[str]:
    """Script errors, refusals by the content policy and errors on the console, as they come.

    An answer of 404 or 409 is none: the page asked for it and must deal with it.
    """
    complaints: list[str] = []

    def hear(message: ConsoleMessage) -> None:
        if message.type == "error" and not message.text.startswith("Failed to load resource"):
            complaints.append(message.text)

    page.on("pageerror", lambda error: complaints.append(str(error)))
    page.on("console", hear)
    return complaints
