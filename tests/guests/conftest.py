"""Two houses of the guilds' CRM, where nobody else is registered."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from crm_assist.customers import registration
from tests.guests.houses import LABEL, House, open_house


@pytest.fixture
def only_guilds(settings: Any) -> Iterator[None]:
    settings.ROOT_URLCONF = "tests.web.urls"
    before = registration._registry._entries
    registration._registry._entries = {LABEL: before[LABEL]}
    yield
    registration._registry._entries = before


@pytest.fixture
def bakers(db: None, only_guilds: None) -> House:
    return open_house("bakers")


@pytest.fixture
def smiths(db: None, only_guilds: None) -> House:
    return open_house("smiths")
