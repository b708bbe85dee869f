"""The panel in a real browser: answers by click and key, undone, put off to a day, and remarks."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import timedelta

import pytest
from django.utils import timezone
from playwright.sync_api import Page, expect

from crm_assist.decisions.models import Decision, Display, OwnOffer, Response, ScoreAnswer
from tests.web.on_the_screen import (
    _idle,
    _short_poll,
    answered,
    card,
    opened,
    settled,
)

# Fixtures, which pytest finds by their names in here.
__all__ = ["_idle", "_short_poll", "opened"]

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


def test_click__accept__is_shown_saved_and_undone(opened: Callable[..., Page]) -> None:
    page = opened()
    settled(page).get_by_role("button", name="Accept").click()
    expect(card(page)).to_have_attribute("data-state", "accepted")
    expect(card(page).get_by_text("You accepted")).to_be_visible()
    undo = card(page).get_by_role("button", name="Undo")
    expect(undo).to_have_text(re.compile(r"Undo \(\d+ s\)"))
    settled(page)
    undo.click()
    expect(card(page)).to_have_attribute("data-state", "open")
    expect(page.get_by_role("status").first).to_have_text("Your answer was taken back.")
    assert [given.kind for given in answered(page)] == ["accepted", "undone"]


def test_double_click__accept__is_one_answer_and_no_undo(opened: Callable[..., Page]) -> None:
    page = opened()
    settled(page).get_by_role("button", name="Accept").dblclick()
    expect(card(page).get_by_role("button", name="Undo")).to_be_visible()
    page.wait_for_timeout(300)
    assert [given.kind for given in answered(page)] == ["accepted"]


@pytest.mark.parametrize("delay", [0, 120, 250, 400])
def test_double_click__undo__answers_nothing(opened: Callable[..., Page], delay: int) -> None:
    page = opened()
    settled(page).get_by_role("button", name="Accept").click()
    expect(card(page).get_by_role("button", name="Undo")).to_be_visible()
    place = settled(page).get_by_role("button", name="Undo").bounding_box()
    assert place is not None
    middle = place["x"] + place["width"] / 2, place["y"] + place["height"] / 2
    page.mouse.click(*middle)
    page.wait_for_timeout(delay)
    page.mouse.click(*middle, click_count=2)
    expect(card(page)).to_have_attribute("data-state", "open")
    assert settled(page).get_attribute("data-state") == "open"
    assert [given.kind for given in answered(page)] == ["accepted", "undone"]


def test_key__right_after_the_buttons_changed__is_not_heard_and_then_it_is(opened: Callable[..., Page]) -> None:
    page = opened()
    settled(page).get_by_role("button", name="Accept").click()
    undo = card(page).get_by_role("button", name="Undo")
    expect(undo).to_be_visible()
    settled(page)
    undo.focus()
    page.keyboard.press("Enter")
    page.keyboard.press("a")
    expect(card(page)).to_have_attribute("data-state", "open")
    settled(page).focus()
    page.keyboard.press("l")
    expect(card(page)).to_have_attribute("data-state", "later")
    assert [given.kind for given in answered(page)] == ["accepted", "undone", "later"]


def test_double_click__on_reject__leaves_the_reasons_open(opened: Callable[..., Page]) -> None:
    page = opened()
    settled(page).locator("[data-open=reject]").dblclick()
    expect(card(page).get_by_role("button", name="Already has it")).to_be_visible()
    assert not Response.objects.exists()


def test_double_click__on_a_reason__answers_no_other_suggestion(opened: Callable[..., Page]) -> None:
    page = opened()
    settled(page).locator("[data-open=reject]").click()
    card(page).get_by_role("button", name="Already has it").dblclick()
    expect(card(page)).to_have_attribute("data-state", "rejected")
    settled(page)
    assert [given.kind for given in answered(page)] == ["rejected"]


@pytest.mark.parametrize(("key", "state"), [("a", "accepted"), ("l", "later")])
def test_key__on_the_focused_suggestion__answers_it(opened: Callable[..., Page], key: str, state: str) -> None:
    page = opened()
    settled(page).focus()
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
    settled(page).focus()
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
    settled(page).get_by_role("button", name="Later, on a day of your choice").click()
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


def test_remarks__score_answer_own_offer_and_display__are_noted(opened: Callable[..., Page]) -> None:
    page = opened()
    settled(page)
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
