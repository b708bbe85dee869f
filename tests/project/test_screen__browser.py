"""The demo bank in a real browser: nothing is cut where its people look, in French, dark, and on a telephone."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.utils import timezone
from playwright.sync_api import Page, expect

from crm_assist import flow
from crm_assist.customers.registration import registered
from crm_assist.decisions.models import Decision
from crm_assist.types import Principal
from fixtures.rows import Bank
from project.crm.models import Customer
from tests.desk_bank import sign_in
from tests.project.test_pages import Scored
from tests.story import open_bank

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
WIDE = "all => all.filter(one => one.scrollWidth > one.clientWidth).length"


@pytest.fixture
def boss(filled: Bank) -> Iterator[User]:
    """A superuser of the filled bank, in which scores are shown to everybody."""
    open_bank("crm.Customer", "recommend", feature="savings")
    with registered(Customer, Scored):
        yield User.objects.create_superuser("boss", first_name="Ada")


@pytest.fixture
def seen(live_server: Any, page: Page, boss: User) -> Callable[..., Page]:
    """Opens an address of the bank in French, dark, at a width."""

    def go(address: str, *, width: int) -> Page:
        page.context.add_cookies([{"name": "django_language", "value": "fr", "url": live_server.url}])
        sign_in(page, live_server.url, boss)
        page.emulate_media(color_scheme="dark")
        page.set_viewport_size({"width": width, "height": 900})
        page.goto(f"{live_server.url}{address}")
        page.wait_for_load_state("networkidle")
        return page

    return go


def test_admin_list__at_1280__shows_each_score_whole(seen: Callable[..., Page]) -> None:
    page = seen("/admin/crm/customer/", width=1280)
    expect(page.locator(".crm-assist-cell").first).to_be_visible()
    assert page.locator(".results").evaluate_all(WIDE) == 0
    assert page.locator(".crm-assist-cell").first.get_attribute("title")


@pytest.mark.parametrize("name", ["target", "teamphase", "decision"])
def test_admin_page__at_1280__cuts_no_column(seen: Callable[..., Page], name: str) -> None:
    page = seen(f"/admin/crm_assist/{name}/", width=1280)
    assert page.locator(".ca-scroll").evaluate_all(WIDE) == 0


@pytest.mark.parametrize("address", ["/assist/decisions/{}/", "/admin/crm_assist/decision/{}/"])
def test_decision__on_a_telephone__shows_each_column_of_the_products(
    seen: Callable[..., Page], boss: User, address: str
) -> None:
    key = str(Customer.objects.order_by("pk")[0].pk)
    flow.record(Principal(key=str(boss.pk), is_superuser=True), "crm.Customer", key, now=timezone.now())
    page = seen(address.format(Decision.objects.get().pk), width=390)
    assert page.locator(".ca-scroll").evaluate_all(WIDE) == 0
    cells = page.locator(".ca-stack tbody tr:has(th)").first.locator("th, td")
    assert cells.count() == 7
    edges = cells.evaluate_all("all => all.map(one => one.getBoundingClientRect().right)")
    assert max(edges) <= 390
