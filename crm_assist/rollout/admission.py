"""Which phase is in force for a person now, read in one statement that is put into SQL once."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from typing import Any

from django.db import connections, router
from django.db.models import Exists, QuerySet
from django.db.models import Subquery as Sub

from crm_assist.conf import settings
from crm_assist.rollout.models import Control, TeamPhase
from crm_assist.rollout.phases import Rung, admit, bucket
from crm_assist.statements import Slot, Statement, statement
from crm_assist.types import Admission, Phase, Principal

COLUMNS = ("team", "phase", "percent", "outside", "killed", "revision")


def in_force(tenant: str, teams: Sequence[str]) -> QuerySet[TeamPhase, Any]:
    """What decides for these teams, each row with the kill switch and the revision of cards and products."""
    switch = Control.objects.filter(tenant__in=["", tenant], killed=True)
    revision = Control.objects.filter(tenant="").values("revision")[:1]
    rows = TeamPhase.objects.filter(tenant=tenant, team__in=["", *teams])
    return rows.annotate(killed=Exists(switch), revision=Sub(revision)).values_list(*COLUMNS)


@cache
def _in_force(using: str, teams: int) -> Statement:
    """The statement for so many teams."""
    rows = in_force(Slot("tenant"), [Slot(f"team{place}") for place in range(teams)])
    return statement(*rows.query.get_compiler(using).as_sql())


def admission(principal: Principal) -> tuple[Admission, int]:
    """The phase in force for this person and the revision of what is published; nobody and unknown teams are off."""
    place = bucket(settings.BUCKET_SALT, principal.key)
    if not principal.key:
        return Admission(phase=Phase.OFF, code="nobody", bucket=place), 0
    rows = _read(principal)
    rungs = [Rung(team=row[0], phase=Phase(row[1]), percent=row[2], outside=Phase(row[3])) for row in rows]
    killed = any(row[4] for row in rows)
    revision = next((row[5] for row in rows if row[5]), 0)
    return admit(rungs, teams=principal.teams, place=place, killed=killed), revision


def admissions(tenant: str, people: Sequence[Principal]) -> list[Admission]:
    """The same for many people of one tenant, in their order and in one statement."""
    rows: list[Any] = list(in_force(tenant, tuple({team for one in people for team in one.teams})))
    rungs = [Rung(team=row[0], phase=Phase(row[1]), percent=row[2], outside=Phase(row[3])) for row in rows]
    killed, salt = any(row[4] for row in rows), settings.BUCKET_SALT
    return [admit(rungs, teams=one.teams, place=bucket(salt, one.key), killed=killed) for one in people]


def _read(principal: Principal) -> list[Any]:
    using = router.db_for_read(TeamPhase)
    asked = _in_force(using, len(principal.teams))
    values = {"tenant": principal.tenant, **{f"team{place}": team for place, team in enumerate(principal.teams)}}
    with connections[using].cursor() as cursor:
        cursor.execute(asked.sql, asked.filled(values))
        rows: list[Any] = cursor.fetchall()
        return rows


def revision_in_force() -> int:
    """The revision of what is published now, for work that no agent asked for."""
    return Control.objects.filter(tenant="").values_list("revision", flat=True).first() or 0
