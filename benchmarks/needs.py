"""What a figure may need and a machine may lack; each answers None, or in words what is absent."""

from __future__ import annotations

import importlib.util
import os
from collections.abc import Callable
from pathlib import Path

from tests.binaries import find_postgresql
from tests.conditions import shared_data

ROOT = Path(__file__).resolve().parents[1]


def _postgresql() -> str | None:
    if os.environ.get("DATABASE_URL") or find_postgresql() is not None:
        return None
    return "no PostgreSQL: set DATABASE_URL or install the server"


def _shared_data() -> str | None:
    data = shared_data(ROOT)
    return None if data.is_dir() else f"no real data at {data}"


def _package(name: str, extra: str) -> Callable[[], str | None]:
    def absent() -> str | None:
        return None if importlib.util.find_spec(name) else f'no {name}: pip install "crm-assist[{extra}]"'

    return absent


def _served() -> str | None:
    return _package("rest_framework", "api")() or _package("gunicorn", "bench")()


def _nothing() -> str | None:
    return None


NEEDS: dict[str, Callable[[], str | None]] = {
    "django": _nothing,
    "postgresql": _postgresql,
    "shared_data": _shared_data,
    "learn": _package("sklearn", "learn"),
    "served": _served,
    "parquet": _package("pyarrow", "parquet"),
    "lightgbm": _package("lightgbm", "bench"),
}
"""`django` and `postgresql` also mean: Django is set up, its tables exist, before the figure runs."""


def absent(needs: tuple[str, ...]) -> str | None:
    """The first need that this machine cannot meet, in words."""
    return next((reason for need in needs if (reason := NEEDS[need]()) is not None), None)
