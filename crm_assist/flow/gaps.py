"""Decisions that this process could not log: kept until the next one that can be logged tells of them."""

from __future__ import annotations

from datetime import datetime

MOST = 1000
_moments: list[datetime] = []


def note(now: datetime) -> None:
    """A decision at this moment could not be written; of very many the first thousand are kept, and the latest."""
    del _moments[MOST:]
    _moments.append(now)


def moments() -> list[datetime]:
    """When, in order."""
    return list(_moments)


def unlogged() -> int:
    """How many are known and not told yet."""
    return len(_moments)


def told() -> int:
    """They stand in the log now: forget them, and say how many there were."""
    count = len(_moments)
    _moments.clear()
    return count
