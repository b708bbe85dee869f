"""The panel as a guest on the host's page: no trace below its phase, languages, themes, every width."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from crm_assist.decisions.models import Display
from tests.web.on_the_screen import (
    _idle,
    _short_poll,
    card,
    opened,
    settled,
)

# Fixtures, which pytest finds by their names in here.
__all__ = ["_idle", "_short_poll", "opened"]

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


def test_answers__in_french__stand_in_one_row(opened: Callable[..., Page], page: Page, live_server: Any) -> None:
    page.context.add_cookies([{"name": "django_language", "value": "fr", "url": live_server.url}])
    page = opened()
    page.set_viewport_size({"width": 360, "height": 800})
    buttons = card(page).locator(".crm-assist-answers button:not(.crm-assist-quiet)")
    expect(buttons).to_have_count(3)
    tops = buttons.evaluate_all("all => all.map(one => one.getBoundingClientRect().top)")
    assert len(set(tops)) == 1


@pytest.mark.parametrize("phase", ["off", "shadow"])
def test_phase__below_score__leaves_no_trace_on_the_page(opened: Callable[..., Page], phase: str) -> None:
    page = opened(phase)
    page.wait_for_load_state("networkidle")
    expect(page.locator("crm-assist-panel")).to_be_hidden()
    expect(page.locator("h1")).to_have_text("Rose")
    assert not Display.objects.exists()


def test_hosts_form__is_not_submitted_by_the_panel(opened: Callable[..., Page]) -> None:
    page = opened()
    settled(page).locator("[data-open=day]").click()
    card(page).get_by_label("Come back on").press("Enter")
    address = page.url
    names = page.evaluate("[...new FormData(document.forms[0]).keys()]")
    assert (page.url, names) == (address, ["note"])
    assert page.evaluate("[...document.forms[0].elements].map(e => e.type)").count("submit") == 0


def test_french__page__speaks_french(opened: Callable[..., Page], page: Page, live_server: Any) -> None:
    page.context.add_cookies([{"name": "django_language", "value": "fr", "url": live_server.url}])
    opened()
    settled(page).get_by_role("button", name="Accepter").click()
    expect(card(page).get_by_text("Vous l’avez acceptée")).to_be_visible()
    expect(page.get_by_text("sous 90 jours")).to_be_visible()


@pytest.mark.parametrize("width", [320, 768, 1280])
@pytest.mark.parametrize("theme", ["light", "dark"])
def test_every_width_and_theme__fits_and_can_be_read(opened: Callable[..., Page], width: int, theme: str) -> None:
    page = opened(query=f"?theme={theme}")
    page.set_viewport_size({"width": width, "height": 800})
    settled(page).locator("[data-open=reject]").click()
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    faint = page.evaluate(CONTRAST)
    assert faint == []


GROUND = "part => getComputedStyle(part).backgroundColor"


def test_dark_browser__on_a_page_that_is_light__stays_as_light_as_the_page(opened: Callable[..., Page]) -> None:
    page = opened()
    page.emulate_media(color_scheme="dark", reduced_motion="reduce")
    part = settled(page).locator("xpath=ancestor::section")
    assert part.evaluate(GROUND) == "rgb(255, 255, 255)"
    page.evaluate("document.documentElement.style.colorScheme = 'light dark'")
    assert part.evaluate(GROUND) == "rgb(26, 32, 42)"
    assert page.evaluate(CONTRAST) == []
    page.emulate_media(color_scheme="light")
    assert part.evaluate(GROUND) == "rgb(255, 255, 255)"


@pytest.mark.parametrize("height", [500, 640, 900])
def test_thanks__for_a_word_on_the_score__lie_over_nothing(opened: Callable[..., Page], height: int) -> None:
    page = opened()
    page.set_viewport_size({"width": 1280, "height": height})
    settled(page)
    page.get_by_role("button", name="Useful").click()
    notice = page.get_by_role("status").first
    expect(notice).to_have_text("Thank you, it is noted.")
    box = notice.bounding_box()
    assert box is None or max(box["width"], box["height"]) <= 1


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
