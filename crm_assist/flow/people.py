"""Who is in and why: the agents of a team with the phase in force for each, and names for the keys in the log."""

from __future__ import annotations

import logging
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from itertools import islice
from typing import Any

from django.db.models import QuerySet

from crm_assist import customers
from crm_assist.customers import CustomerAdapter, people
from crm_assist.flow.errors import require
from crm_assist.rollout.admission import admissions
from crm_assist.types import Admission, Principal

logger = logging.getLogger("crm_assist.flow")

LOOKED_AT = 1_000
"""Users whom a search looks at where tenants share one table of users: each is asked of the host."""


@dataclass(frozen=True, kw_only=True, slots=True)
class AgentStand:
    """One agent and the phase in force for them, with its reason."""

    key: str
    name: str
    teams: tuple[str, ...]
    admission: Admission


@dataclass(frozen=True, kw_only=True, slots=True)
class Agents:
    """A page of agents; `is_team` says whether they are the team's, or everybody whom the search finds."""

    rows: tuple[AgentStand, ...]
    more: bool
    is_team: bool


def agents(principal: Principal, *, team: str = "", search: str = "", start: int = 0, most: int = 20) -> Agents:
    """The agents of a team of the person's tenant, or found by name; none where the host cannot tell its users.

    Whom the host has for another tenant is nobody's business here: neither shown nor counted. Beside the host's own
    rules it is three statements, and one for each kind of customer that is asked for the team.
    """
    require(principal, "change_phase")
    adapter, found = _found(principal.tenant, team)
    is_team = found is not None
    if found is None:
        found = people.users() if search else None
    if found is None or adapter is None:
        return Agents(rows=(), more=False, is_team=is_team)
    asked = people.named_like(found, search) if search else found
    # A team is told for the tenant; whom a search finds may be anybody's.
    is_mixed = not is_team and bool(adapter.tenant_filter(principal.tenant))
    ours, more = (_sifted if is_mixed else _sliced)(adapter, asked, principal.tenant, start, most)
    stands = zip(ours, admissions(principal.tenant, ours), strict=True)
    rows = tuple(AgentStand(key=one.key, name=one.name, teams=one.teams, admission=stand) for one, stand in stands)
    return Agents(rows=rows, more=more, is_team=is_team)


def _sliced(
    adapter: CustomerAdapter, found: QuerySet[Any], tenant: str, start: int, most: int
) -> tuple[list[Principal], bool]:
    """A page cut by the database, and whether there are more."""
    page = list(found[start : start + most + 1])
    return list(_of_tenant(adapter, page[:most], tenant)), len(page) > most


def _sifted(
    adapter: CustomerAdapter, found: QuerySet[Any], tenant: str, start: int, most: int
) -> tuple[list[Principal], bool]:
    """The same of the tenant's own among the first whom the search finds, so that a page tells of nobody else."""
    page = list(islice(_of_tenant(adapter, found[:LOOKED_AT], tenant), start, start + most + 1))
    return page[:most], len(page) > most


def _of_tenant(adapter: CustomerAdapter, users: Iterable[Any], tenant: str) -> Iterator[Principal]:
    """The users as the principals they are, those of the tenant alone; each is asked when it is reached."""
    told = (_agent(adapter, user) for user in users)
    return (agent for agent in told if agent.key and agent.tenant == tenant)


def _found(tenant: str, team: str) -> tuple[CustomerAdapter | None, QuerySet[Any] | None]:
    adapters = list(customers.adapters().values())
    for adapter in adapters if team else ():
        try:
            found = adapter.agents(tenant, team)
            # Whoever has nobody in the team does not know it: another kind of customer may.
            if found is not None and found.exists():
                return adapter, found
        except Exception:
            logger.exception("The agents of team %s could not be told by %r", team, adapter)
    return next(iter(adapters), None), None


def _agent(adapter: CustomerAdapter, user: Any) -> Principal:
    try:
        found = adapter.agent(user)
    except Exception:
        logger.exception("An agent could not be told by %r", adapter)
        return customers.NOBODY
    return found if isinstance(found, Principal) else customers.NOBODY


def names(keys: Iterable[str]) -> Mapping[str, str]:
    """The names behind the keys of a page, in one statement for each way in which the adapters tell them.

    Whoever nobody knows, such as a program, keeps the key.
    """
    wanted = {key for key in keys if key}
    found: dict[str, str] = {}
    ways = {type(adapter).agent_names: adapter for adapter in reversed(customers.adapters().values())}
    for adapter in reversed(ways.values()):
        if unknown := wanted - set(found):
            try:
                found |= dict(adapter.agent_names(unknown))
            except Exception:
                logger.exception("The names of agents could not be told by %r", adapter)
    return {key: found.get(key) or key for key in wanted}
