"""Administrators at work: who stands where, moves with their reasons, and the switch that silences everything."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import transaction
from django.db.models import Q
from django.utils.translation import gettext as _

from crm_assist.flow.errors import NotAllowed, require
from crm_assist.flow.naming import known_teams
from crm_assist.recommending import catalogue
from crm_assist.recommending.models import Product
from crm_assist.rollout import moves
from crm_assist.rollout.models import Control, PhaseChange, TeamPhase
from crm_assist.signals import phase_changed
from crm_assist.types import Phase, Principal

READERS = ("change_product_catalogue", "view_log", "change_phase")
"""Any of these permissions opens the catalogue to read."""


@dataclass(frozen=True, kw_only=True, slots=True)
class TeamStand:
    """Where one team stands; the empty team is the default for all others."""

    team: str
    phase: Phase
    percent: int
    outside: Phase
    changed_at: datetime | None
    changed_by: str
    is_default: bool
    inherits: bool
    is_unknown: bool = False
    """Whether the host names its teams, and this is none of them: a row that concerns nobody."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Ladder:
    """Every team of a tenant on the ladder, and whether everything is silenced."""

    killed: bool
    teams: tuple[TeamStand, ...]


def phases(principal: Principal) -> Ladder:
    """The ladder of the person's tenant: the default first, then every team that the host or a move names."""
    require(principal, "change_phase")
    rows = {row.team: row for row in TeamPhase.objects.filter(tenant=principal.tenant)}
    named = known_teams(principal.tenant)
    default = rows.get("") or TeamPhase(tenant=principal.tenant, team="", phase=Phase.OFF.value)
    teams = ["", *sorted((named | set(rows)) - {""})]
    stands = [_stand(team, rows.get(team), default, named) for team in teams]
    killed = Control.objects.filter(tenant__in={"", principal.tenant}, killed=True).exists()
    return Ladder(killed=killed, teams=tuple(stands))


def _stand(team: str, row: TeamPhase | None, default: TeamPhase, named: frozenset[str]) -> TeamStand:
    shown = row or default
    return TeamStand(
        team=team,
        phase=Phase(shown.phase),
        percent=shown.percent,
        outside=Phase(shown.outside),
        changed_at=shown.changed_at,
        changed_by=shown.changed_by,
        is_default=team == "",
        inherits=row is None and team != "",
        is_unknown=bool(named) and team not in {"", *named},
    )


def phase_history(principal: Principal, *, team: str | None = None, most: int = 50) -> tuple[PhaseChange, ...]:
    """The latest moves of the person's tenant, or of one team of it, newest first."""
    require(principal, "change_phase")
    moved = PhaseChange.objects.filter(tenant=principal.tenant)
    moved = moved if team is None else moved.filter(team=team)
    return tuple(moved.order_by("-at", "-id")[:most])


def change_phase(
    principal: Principal,
    *,
    team: str,
    phase: str,
    percent: int,
    reason: str,
    now: datetime,
    outside: str | None = None,
) -> PhaseChange:
    """Move a team, in force from the next request; raises NotAllowed or BadMove and changes nothing."""
    require(principal, "change_phase")
    change = moves.change_phase(
        tenant=principal.tenant,
        team=team,
        phase=phase,
        percent=percent,
        outside=outside,
        by=principal.key,
        reason=reason,
        now=now,
    )
    _tell(change)
    return change


def release_team(principal: Principal, *, team: str, reason: str, now: datetime) -> PhaseChange:
    """Take the row of a team away that the host does not know; raises NotAllowed or BadMove and changes nothing."""
    require(principal, "change_phase")
    if not team or team in known_teams(principal.tenant):
        raise moves.BadMove("team", _("Only the row of a team that the CRM does not know can be removed."))
    change = moves.release_team(tenant=principal.tenant, team=team, by=principal.key, reason=reason, now=now)
    _tell(change)
    return change


def kill(principal: Principal, *, reason: str, now: datetime) -> PhaseChange:
    """Silence everything in the person's tenant, in force from the next request."""
    return _throw(principal, killed=True, reason=reason, now=now)


def restore(principal: Principal, *, reason: str, now: datetime) -> PhaseChange:
    """End the silence; every team is again where it stood."""
    return _throw(principal, killed=False, reason=reason, now=now)


def products(principal: Principal, *, search: str = "", start: int = 0, most: int = 500) -> tuple[Product, ...]:
    """The catalogue of the person's tenant, by code, or what holds a text in its code, group or target.

    For whoever governs or reviews it.
    """
    if not any(principal.may(permission) for permission in READERS):
        raise NotAllowed(READERS[0])
    rows = catalogue.catalogue(principal.tenant)
    if search:
        rows = rows.filter(Q(code__icontains=search) | Q(group__icontains=search) | Q(target__icontains=search))
    return tuple(rows[start : start + most])


def save_products(principal: Principal, rows: Iterable[dict[str, Any]], *, now: datetime) -> int:
    """Create or change products of the person's tenant by code, all or none; says how many changed."""
    require(principal, "change_product_catalogue")
    with transaction.atomic():
        moves.bump_revision(now=now)  # first: it locks, so that two editors wait for each other
        return catalogue.save_products(tenant=principal.tenant, rows=rows, now=now)


def _throw(principal: Principal, *, killed: bool, reason: str, now: datetime) -> PhaseChange:
    require(principal, "change_phase")
    change = moves.throw_switch(tenant=principal.tenant, killed=killed, by=principal.key, reason=reason, now=now)
    _tell(change)
    return change


def _tell(change: PhaseChange) -> None:
    transaction.on_commit(
        lambda: phase_changed.send(
            PhaseChange,
            tenant=change.tenant,
            team=change.team,
            before=change.before,
            after=change.after,
            percent=change.percent,
            by=change.by,
            at=change.at,
        )
    )
