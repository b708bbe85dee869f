"""The panel in a real browser: answers by click and key, undo, colleagues, polling, languages, themes, small screens.

The fixture `page` fails a test whose page complains on the console or breaks the content policy.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from datetime import timedelta
from time import monotonic, sleep
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.core.signals import request_finished, request_started
from django.test import Client as Browser
from django.utils import timezone
from playwright.sync_api import Page, Route, expect

from crm_assist import flow
from crm_assist.decisions.models import Decision, Display, OwnOffer, Response, ScoreAnswer, Suggestion
from crm_assist.types import Principal
from tests.hosts.desk.models import Client
from tests.story import open_phase, publish, stock
from tests.web.conftest import LABEL, signed_in

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
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


def sign_in(page: Page, url: str, user: User) -> None:
    browser: Browser = signed_in(user)
    page.context.add_cookies([{"name": "sessionid", "value": browser.cookies["sessionid"].value, "url": url}])


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


def test_click__accept__is_shown_saved_and_undone(opened: Callable[..., Page]) -> None:
    page = opened()
    card(page).get_by_role("button", name="Accept").click()
    expect(card(page)).to_have_attribute("data-state", "accepted")
    expect(card(page).get_by_text("You accepted")).to_be_visible()
    undo = card(page).get_by_role("button", name="Undo")
    expect(undo).to_have_text(re.compile(r"Undo \(\d+ s\)"))
    page.wait_for_timeout(800)
    undo.click()
    expect(card(page)).to_have_attribute("data-state", "open")
    expect(page.get_by_role("status").first).to_have_text("Your answer was taken back.")
    assert [given.kind for given in answered(page)] == ["accepted", "undone"]


def test_double_click__accept__is_one_answer_and_no_undo(opened: Callable[..., Page]) -> None:
    page = opened()
    card(page).get_by_role("button", name="Accept").dblclick()
    expect(card(page).get_by_role("button", name="Undo")).to_be_visible()
    page.wait_for_timeout(300)
    assert [given.kind for given in answered(page)] == ["accepted"]


@pytest.mark.parametrize(("key", "state"), [("a", "accepted"), ("l", "later")])
def test_key__on_the_focused_suggestion__answers_it(opened: Callable[..., Page], key: str, state: str) -> None:
    page = opened()
    card(page).focus()
    page.keyboard.press(key)
    expect(card(page)).to_have_attribute("data-state", state)
    expect(card(page).get_by_role("button", name="Undo")).to_be_visible()
    assert [given.kind for given in answered(page)] == [state]
    assert page.evaluate("document.activeElement.closest('[data-suggestion]') !== null")


def test_key__in_the_hosts_own_field__answers_nothing(opened: Callable[..., Page]) -> None:
    page = opened()
    expect(card(page)).to_be_visible()
    page.locator("[name=note]").press_sequentially("alr")
    assert not Response.objects.exists()


def test_key__reject__asks_why_and_escape_closes(opened: Callable[..., Page]) -> None:
    page = opened()
    card(page).focus()
    page.keyboard.press("r")
    expect(card(page).get_by_role("button", name="Already has it")).to_be_focused()
    page.keyboard.press("Escape")
    expect(card(page).get_by_role("button", name="Already has it")).to_be_hidden()
    expect(card(page)).to_be_focused()
    page.keyboard.press("r")
    card(page).get_by_label("Comment, if you like").fill("ar on the phone")
    card(page).get_by_role("button", name="Bad moment").click()
    expect(card(page)).to_have_attribute("data-state", "rejected")
    assert [given.reason for given in answered(page)] == ["bad_moment"]


def test_later__on_a_day__comes_back_then(opened: Callable[..., Page]) -> None:
    page = opened()
    card(page).get_by_role("button", name="Later, on a day of your choice").click()
    card(page).get_by_role("button", name="Put it off").click()
    expect(page.get_by_role("status").first).to_have_text("Choose a day first.")
    day = timezone.localdate() + timedelta(days=9)
    card(page).get_by_label("Come back on").fill(day.isoformat())
    card(page).get_by_role("button", name="Put it off").click()
    expect(card(page)).to_have_attribute("data-state", "later")
    expect(card(page).get_by_text("You put it off until")).to_be_visible()
    until = answered(page)[0].until
    assert until is not None
    assert timezone.localtime(until).date() == day


def test_colleague__was_faster__is_told_and_shown(opened: Callable[..., Page]) -> None:
    page = opened()
    expect(card(page)).to_be_visible()
    colleague_answers("rejected", "already_has")
    card(page).get_by_role("button", name="Accept").click()
    expect(page.get_by_role("status").first).to_have_text("This was answered meanwhile. A colleague rejected")
    expect(card(page)).to_have_attribute("data-state", "rejected")
    expect(card(page).get_by_role("button", name="Undo")).to_be_hidden()


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
    card(page).locator("[data-open=reject]").click()
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
    card(page).get_by_role("button", name="Accept").click()
    expect(card(page).get_by_role("button", name="Undo")).to_be_visible()
    assert lost == ["200"]
    assert len(answered(page)) == 1


def test_not_saved__is_said_and_the_answer_is_free_again(opened: Callable[..., Page]) -> None:
    page = opened()
    expect(card(page)).to_be_visible()
    page.route("**/response/**", lambda route: route.abort())
    card(page).get_by_role("button", name="Accept").click()
    expect(page.get_by_role("status").first).to_have_text("Your answer was not saved. Please try again.")
    expect(card(page)).to_have_attribute("data-state", "open")


def test_signed_out_meanwhile__is_said(opened: Callable[..., Page]) -> None:
    page = opened()
    expect(card(page)).to_be_visible()
    page.context.clear_cookies(name="sessionid")
    card(page).get_by_role("button", name="Accept").click()
    expect(page.get_by_text("You are signed out. Sign in again")).to_be_visible()
    assert not Response.objects.exists()


def refresh(page: Page) -> None:
    page.locator("crm-assist-panel").evaluate("panel => panel.refresh()")


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


def test_answers__in_french__stand_in_one_row(opened: Callable[..., Page], page: Page, live_server: Any) -> None:
    page.context.add_cookies([{"name": "django_language", "value": "fr", "url": live_server.url}])
    page = opened()
    page.set_viewport_size({"width": 360, "height": 800})
    buttons = card(page).locator(".crm-assist-answers button:not(.crm-assist-quiet)")
    expect(buttons).to_have_count(3)
    tops = buttons.evaluate_all("all => all.map(one => one.getBoundingClientRect().top)")
    assert len(set(tops)) == 1


def test_token_renewed__after_signing_in_again__the_answer_goes_through(opened: Callable[..., Page]) -> None:
    page = opened()
    expect(card(page)).to_be_visible()
    page.context.clear_cookies(name="csrftoken")
    card(page).get_by_role("button", name="Accept").click()
    expect(card(page).get_by_role("button", name="Undo")).to_be_visible()
    assert len(answered(page)) == 1


def test_remarks__score_answer_own_offer_and_display__are_noted(opened: Callable[..., Page]) -> None:
    page = opened()
    useful = page.get_by_role("button", name="Useful")
    useful.click()
    expect(useful).to_have_attribute("aria-pressed", "true")
    expect(page.get_by_role("status").first).to_have_text("Thank you, it is noted.")
    page.get_by_text("I offered something else").click()
    page.get_by_role("button", name="Note it").click()
    expect(page.get_by_role("status").first).to_have_text("Choose a product first.")
    page.get_by_label("What did you offer?").select_option("card")
    page.get_by_role("button", name="Note it").click()
    expect(page.get_by_role("status").first).to_have_text("Thank you, it is noted.")
    assert (ScoreAnswer.objects.get().kind, OwnOffer.objects.get().product) == ("useful", "card")
    assert Display.objects.get().decision_id == Decision.objects.get().pk


@pytest.mark.parametrize("phase", ["off", "shadow"])
def test_phase__below_score__leaves_no_trace_on_the_page(opened: Callable[..., Page], phase: str) -> None:
    page = opened(phase)
    page.wait_for_load_state("networkidle")
    expect(page.locator("crm-assist-panel")).to_be_hidden()
    expect(page.locator("h1")).to_have_text("Rose")
    assert not Display.objects.exists()


def test_hosts_form__is_not_submitted_by_the_panel(opened: Callable[..., Page]) -> None:
    page = opened()
    card(page).locator("[data-open=day]").click()
    card(page).get_by_label("Come back on").press("Enter")
    address = page.url
    names = page.evaluate("[...new FormData(document.forms[0]).keys()]")
    assert (page.url, names) == (address, ["note"])
    assert page.evaluate("[...document.forms[0].elements].map(e => e.type)").count("submit") == 0


def test_french__page__speaks_french(opened: Callable[..., Page], page: Page, live_server: Any) -> None:
    page.context.add_cookies([{"name": "django_language", "value": "fr", "url": live_server.url}])
    opened()
    card(page).get_by_role("button", name="Accepter").click()
    expect(card(page).get_by_text("Vous l’avez acceptée")).to_be_visible()
    expect(page.get_by_text("sous 90 jours")).to_be_visible()


@pytest.mark.parametrize("width", [320, 768, 1280])
@pytest.mark.parametrize("theme", ["light", "dark"])
def test_every_width_and_theme__fits_and_can_be_read(opened: Callable[..., Page], width: int, theme: str) -> None:
    page = opened(query=f"?theme={theme}")
    page.set_viewport_size({"width": width, "height": 800})
    card(page).locator("[data-open=reject]").click()
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    faint = page.evaluate(CONTRAST)
    assert faint == []


CONTRAST = """() => {
  const channel = (value) => (value /= 255) <= 0.03928 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4;
  const parts = (text) => text.match(/[\\d.]+/g).map(Number);
  const light = ([r, g, b]) => 0.2126 * channel(r) + 0.7152 * channel(g) + 0.0722 * channel(b);
  const ground = (part) => {
    for (let up = part; up; up = up.parentElement) {
      const colour = parts(getComputedStyle(up).backgroundColor);
      if (colour.length === 3 || colour[3] > 0) return colour;
    }
    return [255, 255, 255];
  };
  const faint = [];
  for (const part of document.querySelectorAll("crm-assist-panel *")) {
    const own = [...part.childNodes].some((node) => node.nodeType === 3 && node.textContent.trim());
    if (!own || !part.getClientRects().length) continue;
    const [a, b] = [light(parts(getComputedStyle(part).color)), light(ground(part))];
    const ratio = (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05);
    if (ratio < 4.5) faint.push(`${part.className}: ${ratio.toFixed(2)}`);
  }
  return faint;
}"""
