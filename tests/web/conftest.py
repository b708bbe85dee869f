"""A small bank that is open now: an agent with a client, an administrator and an analyst."""

from __future__ import annotations

import json
from typing import Any

import pytest
from django.test import Client as Browser

from tests.desk_bank import LABEL, agent, bank, rose

__all__ = ["agent", "bank", "rose"]


@pytest.fixture(autouse=True)
def _host(settings: Any) -> None:
    settings.ROOT_URLCONF = "tests.web.urls"
    settings.LOGIN_URL = "/sign-in/"


def panel_of(browser: Browser, key: Any, **more: Any) -> Any:
    """What the panel of a client is told."""
    return browser.get("/assist/panel/", {"model": LABEL, "key": key, "lang": "en"}, **more)


def send(browser: Browser, address: str, **body: Any) -> Any:
    """An answer, as the panel's script sends it."""
    return browser.post(address, json.dumps(body), content_type="application/json")
