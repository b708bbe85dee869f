"""A small bank that is open now, and programs that speak JSON for its people."""

from __future__ import annotations

import json
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.test import Client as Browser

from tests.desk_bank import agent, bank, rose

ROOT = "/api/assist/v1"

__all__ = ["agent", "bank", "rose"]


@pytest.fixture(autouse=True)
def _host(settings: Any) -> None:
    settings.ROOT_URLCONF = "tests.api.urls"
    settings.LOGIN_URL = "/sign-in/"


class Program:
    """A program that acts for one person, by session."""

    def __init__(self, user: User | None = None, *, csrf: bool = False) -> None:
        self.browser = Browser(enforce_csrf_checks=csrf)
        if user is not None:
            self.browser.force_login(user)

    def get(self, address: str, **query: Any) -> Any:
        """A GET below our root."""
        return self.browser.get(f"{ROOT}/{address}", query)

    def send(self, address: str, body: Any = None, *, method: str = "POST", key: str = "", **headers: str) -> Any:
        """A JSON body; text is sent as it is."""
        text = body if isinstance(body, str) else json.dumps(body if body is not None else {})
        given = {**headers, **({"Idempotency-Key": key} if key else {})}
        return self.browser.generic(method, f"{ROOT}/{address}", text, content_type="application/json", headers=given)
