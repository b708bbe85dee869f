"""The database of a guest project that runs in a process of its own, beside the one of the suite."""

from __future__ import annotations

import os
from typing import Any

from project.database import from_url


def guest_database(name: str) -> dict[str, Any]:
    """The server of the suite, with a test database of the guest's own."""
    postgresql = os.environ.get("TEST_DB") == "postgresql"
    database = from_url(os.environ["DATABASE_URL"] if postgresql else "sqlite://")
    return {**database, "TEST": {"NAME": f"test_guest_{name}_{os.getpid()}"}} if postgresql else database
