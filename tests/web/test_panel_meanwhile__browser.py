"""The panel in a real browser while the world goes on: colleagues, polling, lost answers, sessions that end."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from urllib.parse import quote, urlsplit

import pytest
from django.contrib.auth.models import User
from django.contrib.sessions.models import Session
from django.utils import timezone
from playwright.sync_api import Page, Route, expect

from crm_assist import flow
from crm_assist.decisions.models import Response
from crm_assist.types import Principal
from tests.hosts.desk.models import Client
from tests.outage import renamed_away
from tests.story import open_phase
from tests.web.on_the_screen import (
    CARD,
    _idle,
    _short_poll,
    answered,
    card,
    colleague_answers,
    opened,
    refresh,
    settled,
    sign_in,
)

# Fixtures, which pytest finds by their names in here.
__all__ = ["_idle", "_short_poll", "opened"]

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


def test_colleague__was_faster__is_told_and_shown(opened: Callable[..., Page]) -> None:
    page = opened()
    expect(card(page)).to_be_visible()
    colleague_answers("rejected", "already_has")
    settled(page).get_by_role("button", name="Accept").click()
    expect(page.get_by_role("status").first).to_have_text("This was answered meanwhile. A colleague rejected")
    expect(card(page)).to_have_attribute("data-state", "rejected")
    expect(card(page).get_by_role("button", name="Undo")).to_be_hidden()


def test_accept__consent_refused_meanwhile__is_told_and_not_talked_over(opened: Callable[..., Page]) -> None:
    page = opened()
    expect(card(page)).to_be_visible()
    Client.objects.update(consent="refused")
    settled(page).get_by_role("button", name="Accept").click()
    told = page.get_by_role("status").first
    expect(told).to_have_text("This is no longer offered to the customer. Your answer was not saved.")
    expect(page.locator(CARD)).to_have_count(0)
    expect(page.get_by_text("does not wish to receive suggestions")).to_be_visible()
    expect(told).to_have_text("This is no longer offered to the customer. Your answer was not saved.")
    assert not Response.objects.exists()


@pytest.mark.parametrize("phase", ["score", "off"])
def test_accept__team_moved_down_meanwhile__is_told_and_not_talked_over(
    opened: Callable[..., Page], phase: str
) -> None:
    page = opened()
    expect(card(page)).to_be_visible()
    open_phase(phase, now=timezone.now())
    settled(page).get_by_role("button", name="Accept").click()
    expect(page.locator(CARD)).to_have_count(0)
    told = page.get_by_role("status").first
    expect(told).to_be_visible()
    expect(told).to_have_text("Suggestions are switched off here at the moment. Your answer was not saved.")


@pytest.mark.usefixtures("_short_poll")
def test_polling__brings_the_colleagues_answer_and_keeps_the_focus(opened: Callable[..., Page]) -> None:
    page = opened()
    page.locator(CARD).nth(1).get_by_role("button", name="Later", exact=False).first.focus()
    colleague_answers("accepted")
    expect(card(page).get_by_text("A colleague accepted")).to_be_visible(timeout=8000)
    expect(page.locator(CARD).nth(1).locator("[data-kind=later]").first).to_be_focused()


@pytest.mark.usefixtures("_short_poll")
def test_polling__while_the_agent_writes__takes_nothing_away(opened: Callable[..., Page]) -> None:
    page = opened()
    settled(page).locator("[data-open=reject]").click()
    card(page).get_by_label("Comment, if you like").fill("half a sent")
    open_phase("score", now=timezone.now())
    page.wait_for_timeout(6000)
    expect(card(page).get_by_label("Comment, if you like")).to_have_value("half a sent")
    card(page).get_by_role("button", name="Back").click()
    expect(page.locator(CARD)).to_have_count(0, timeout=8000)


@pytest.mark.usefixtures("_short_poll")
def test_help_is_away__is_said_calmly_and_ends_by_itself(opened: Callable[..., Page]) -> None:
    page = opened()
    expect(card(page)).to_be_visible()
    page.route("**/assist/panel/**", lambda route: route.fulfill(status=503, body="{}"))
    expect(page.get_by_text("Help is away for the moment. What you see may be out of date.")).to_be_visible(
        timeout=8000
    )
    expect(card(page)).to_be_visible()
    page.unroute("**/assist/panel/**")
    expect(page.get_by_text("Help is away for the moment.")).to_have_count(0, timeout=20_000)


def test_lost_echo__is_asked_again_with_the_same_key(opened: Callable[..., Page]) -> None:
    page = opened()
    expect(card(page)).to_be_visible()
    lost: list[str] = []

    def lose_the_first(route: Route) -> None:
        if not lost:
            lost.append(str(route.fetch().status))
            route.abort()
        else:
            route.continue_()

    page.route("**/response/**", lose_the_first)
    settled(page).get_by_role("button", name="Accept").click()
    expect(card(page).get_by_role("button", name="Undo")).to_be_visible()
    assert lost == ["200"]
    assert len(answered(page)) == 1


def test_not_saved__is_said_and_the_answer_is_free_again(opened: Callable[..., Page]) -> None:
    page = opened()
    expect(card(page)).to_be_visible()
    page.route("**/response/**", lambda route: route.abort())
    settled(page).get_by_role("button", name="Accept").click()
    expect(page.get_by_role("status").first).to_have_text("Your answer was not saved. Please try again.")
    expect(card(page)).to_have_attribute("data-state", "open")


def test_signed_out_meanwhile__is_said(opened: Callable[..., Page]) -> None:
    page = opened()
    expect(card(page)).to_be_visible()
    page.context.clear_cookies(name="sessionid")
    settled(page).get_by_role("button", name="Accept").click()
    expect(page.get_by_text("You are signed out. Sign in again")).to_be_visible()
    assert not Response.objects.exists()


def test_signed_out_meanwhile__the_words_are_in_view_and_lead_to_the_log_in(opened: Callable[..., Page]) -> None:
    page = opened()
    page.set_viewport_size({"width": 390, "height": 640})
    settled(page)
    height = page.locator("crm-assist-panel").bounding_box()["height"]  # type: ignore[index]
    page.context.clear_cookies(name="sessionid")
    page.locator(CARD).last.get_by_role("button", name="Accept").click()
    words = page.get_by_text("You are signed out. Sign in again")
    expect(words).to_be_in_viewport(ratio=1)
    expect(page.locator(CARD)).to_have_count(0)
    assert page.locator("crm-assist-panel").bounding_box()["height"] >= height - 1  # type: ignore[index]
    way = words.get_by_role("link", name="Sign in")
    assert way.get_attribute("href") == f"/sign-in/?next={quote(urlsplit(page.url).path, safe='')}"


def test_sessions_unreadable__help_is_away_and_nobody_is_called_signed_out(opened: Callable[..., Page]) -> None:
    page = opened()
    settled(page)
    with renamed_away(Session):
        card(page).get_by_role("button", name="Accept").click()
        expect(page.get_by_text("Carry on as usual; nothing was lost.")).to_be_visible()
        refresh(page)
        expect(card(page)).to_have_attribute("data-state", "open")
        expect(page.get_by_text("You are signed out")).to_have_count(0)
    settled(page).get_by_role("button", name="Accept").click()
    expect(card(page).get_by_role("button", name="Undo")).to_be_visible()


def test_token_of_before_the_log_in__is_told_and_the_panel_stays(opened: Callable[..., Page]) -> None:
    page = opened()
    settled(page)
    # The page cannot have the new token either, as where the host's cookie is out of reach.
    page.route("**/assist/panel/**", lambda route: route.abort())
    page.context.clear_cookies(name="csrftoken")
    card(page).get_by_role("button", name="Accept").click()
    expect(page.get_by_role("status").first).to_contain_text("older than your log-in, so nothing was saved")
    expect(card(page)).to_have_attribute("data-state", "open")
    page.unroute("**/assist/panel/**")


def test_signed_in_again_elsewhere__the_words_of_before_go(
    opened: Callable[..., Page], live_server: Any, agent: User
) -> None:
    page = opened()
    expect(card(page)).to_be_visible()
    page.context.clear_cookies(name="sessionid")
    refresh(page)
    expect(page.get_by_text("You are signed out. Sign in again")).to_be_visible()
    sign_in(page, live_server.url, agent)
    refresh(page)
    expect(card(page)).to_be_visible()
    expect(page.get_by_text("You are signed out")).to_have_count(0)


def test_stopped_meanwhile__the_open_panel_leaves_without_a_word(opened: Callable[..., Page]) -> None:
    page = opened()
    expect(card(page)).to_be_visible()
    flow.kill(Principal(key="777", is_superuser=True), reason="wrong texts", now=timezone.now())
    refresh(page)
    expect(page.locator("crm-assist-panel")).to_be_hidden()
    expect(page.locator(".crm-assist-notice")).to_have_text("")


def test_token_renewed__after_signing_in_again__the_answer_goes_through(opened: Callable[..., Page]) -> None:
    page = opened()
    expect(card(page)).to_be_visible()
    page.context.clear_cookies(name="csrftoken")
    settled(page).get_by_role("button", name="Accept").click()
    expect(card(page).get_by_role("button", name="Undo")).to_be_visible()
    assert len(answered(page)) == 1
