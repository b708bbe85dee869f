"""A program's request under a key: done once, answered alike however often it is sent."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from crm_assist.idempotency import keeping
from crm_assist.idempotency.keeping import Answer, KeyReused, UnderWay
from crm_assist.types import Principal

__all__ = ["Answer", "KeyReused", "UnderWay", "once"]


def once(principal: Principal, key: str, *, request: str, act: Callable[[], Answer], now: datetime) -> Answer:
    """What `act` answers, or what this person was answered to the same request under this key within a day.

    KeyReused and UnderWay refuse and do nothing; what `act` raises undoes its work and is not kept.
    """
    return keeping.once(tenant=principal.tenant, agent_key=principal.key, key=key, request=request, act=act, now=now)
