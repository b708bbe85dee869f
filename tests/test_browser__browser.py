"""The browser that the suite drives sees our pages and hears their complaints."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.browser import complaints_of

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page
    from pytest_django.live_server_helper import LiveServer

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


def test_page__of_the_live_server__arrives_with_its_styles(live_server: LiveServer, page: Page) -> None:
    page.goto(f"{live_server.url}/admin/login/")
    assert page.get_by_label("Username:").is_visible()
    assert page.evaluate("getComputedStyle(document.querySelector('#header')).display") == "flex"


def test_page__language_of_the_browser__is_served(live_server: LiveServer, chromium: Browser) -> None:
    context = chromium.new_context(locale="fr-FR")
    page = context.new_page()
    page.goto(f"{live_server.url}/admin/login/")
    assert page.locator("html").get_attribute("lang") == "fr"
    context.close()


@pytest.mark.parametrize(
    ("script", "heard"),
    [
        ("console.error('spilt')", "spilt"),
        ("setTimeout(() => { throw new Error('thrown') })", "thrown"),
        (
            "const i = document.createElement('img'); i.src = 'http://127.0.0.2/x.png'; document.body.append(i)",
            "Policy",
        ),
    ],
)
def test_complaints_of__error_on_a_page__is_heard(chromium: Browser, script: str, heard: str) -> None:
    context = chromium.new_context()
    page = context.new_page()
    complaints = complaints_of(page)
    page.route("http://page.test/", lambda route: route.fulfill(
        body="<!doctype html><title>x</title><p>x", content_type="text/html",
        headers={"Content-Security-Policy": "default-src 'self'"},
    ))  # fmt: skip
    page.goto("http://page.test/")
    page.evaluate(script)
    page.wait_for_timeout(200)
    context.close()
    assert len(complaints) == 1
    assert heard in complaints[0]
