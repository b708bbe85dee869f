"""Decisions that this process could not log: kept until their tenant's next one that can be logged tells of them."""

from __future__ import annotations

from collections import defaultdict
from datetime import datetime

MOST = 1000
_moments: dict[str, list[datetime]] = defaultdict(list)


def note(tenant: str, now: datetime) -> None:
    """A decision at this moment could not be written; of very many the first thousand are kept, and the latest."""
    kept = _moments[tenant]
    del kept[MOST:]
    kept.append(now)


def moments(tenant: str) -> list[datetime]:
    """When, in order; no tenant's row may tell of another's work."""
    return list(_moments.get(tenant, ()))


def unlogged() -> int:
    """How many are known and not told yet, of all tenants."""
    return sum(map(len, _moments.values()))


def told(tenant: str) -> int:
    """They stand in the tenant's log now: forget them, and say how many there were."""
    return len(_moments.pop(tenant, ()))
