"""Which phase is in force for a person now, read in one statement."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from django.db.models import Exists, QuerySet
from django.db.models import Subquery as Sub

from crm_assist.conf import settings
from crm_assist.rollout.models import Control, TeamPhase
from crm_assist.rollout.phases import Rung, admit, bucket
from crm_assist.types import Admission, Phase, Principal


def in_force(tenant: str, teams: tuple[str, ...]) -> QuerySet[TeamPhase]:
    """The rows that decide for these teams, each with the kill switch and the revision of cards and products."""
    switch = Control.objects.filter(tenant__in={"", tenant}, killed=True)
    revision = Control.objects.filter(tenant="").values("revision")[:1]
    return TeamPhase.objects.filter(tenant=tenant, team__in={"", *teams}).annotate(
        killed=Exists(switch), revision=Sub(revision)
    )


def admission(principal: Principal) -> tuple[Admission, int]:
    """The phase in force for this person and the revision of what is published; nobody and unknown teams are off."""
    place = bucket(settings.BUCKET_SALT, principal.key)
    if not principal.key:
        return Admission(phase=Phase.OFF, code="nobody", bucket=place), 0
    rows: list[Any] = list(in_force(principal.tenant, principal.teams))
    rungs = _rungs(rows)
    killed = any(row.killed for row in rows)
    revision = next((row.revision for row in rows if row.revision), 0)
    return admit(rungs, teams=principal.teams, place=place, killed=killed), revision


def admissions(tenant: str, people: Sequence[Principal]) -> list[Admission]:
    """The same for many people of one tenant, in their order and in one statement."""
    rows: list[Any] = list(in_force(tenant, tuple({team for one in people for team in one.teams})))
    rungs, killed = _rungs(rows), any(row.killed for row in rows)
    salt = settings.BUCKET_SALT
    return [admit(rungs, teams=one.teams, place=bucket(salt, one.key), killed=killed) for one in people]


def _rungs(rows: Iterable[TeamPhase]) -> list[Rung]:
    return [
        Rung(team=row.team, phase=Phase(row.phase), percent=row.percent, outside=Phase(row.outside)) for row in rows
    ]


def revision_in_force() -> int:
    """The revision of what is published now, for work that no agent asked for."""
    return Control.objects.filter(tenant="").values_list("revision", flat=True).first() or 0
