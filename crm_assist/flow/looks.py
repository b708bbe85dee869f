"""Reviewing one agent alone: a right of its own, and each look stands in the log itself, for compliance to read.

Results are counted by team, product and reason; no page ranks persons.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from crm_assist.flow.errors import require
from crm_assist.flow.people import names
from crm_assist.journal.ids import uuid7
from crm_assist.journal.writer import record
from crm_assist.privacy.models import AgentLook
from crm_assist.types import Principal


@dataclass(frozen=True, kw_only=True, slots=True)
class Look:
    """Who looked at the decisions of which agent, and when."""

    at: datetime
    agent: str
    by: str


def may_look(principal: Principal, agent: str) -> bool:
    """Whether the person may review this agent alone: with the right to, or their own decisions."""
    return agent == principal.key or principal.may("view_agent")


def look(principal: Principal, agent: str, *, now: datetime) -> None:
    """Note that the person reviews one agent; NotAllowed without `view_agent`, unless it is themselves."""
    if agent == principal.key:
        return
    require(principal, "view_agent")
    record(AgentLook(id=uuid7(now), tenant=principal.tenant, at=now, agent_key=agent, by=principal.key), None)


def looks(principal: Principal, *, agent: str = "", most: int = 20) -> tuple[Look, ...]:
    """The latest looks at one agent, or at anybody, of the person's tenant, newest first, by name."""
    require(principal, "view_agent")
    rows = AgentLook.objects.filter(tenant=principal.tenant)
    rows = rows.filter(agent_key=agent) if agent else rows
    found = list(rows.order_by("-at", "-id")[:most])
    known = names({*(row.agent_key for row in found), *(row.by for row in found)})
    return tuple(
        Look(at=row.at, agent=known.get(row.agent_key, row.agent_key), by=known.get(row.by, row.by)) for row in found
    )
