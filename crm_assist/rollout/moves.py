"""Moving teams along the ladder and throwing the kill switch: each move logged, each in force at the next request."""

from __future__ import annotations

import secrets
from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from crm_assist.events import emit_on_commit
from crm_assist.journal.ids import uuid7
from crm_assist.journal.writer import record
from crm_assist.rollout.models import Control, PhaseChange, TeamPhase
from crm_assist.rollout.phases import below
from crm_assist.types import Phase

REASON_LENGTH = 500


class BadMove(ValueError):
    """A move that cannot be made; `field` names what is wrong with it."""

    def __init__(self, field: str, message: str) -> None:
        super().__init__(message)
        self.field = field
        self.message = message


def reason_given(reason: str) -> str:
    """The reason without space around it; BadMove for none and for one that is too long."""
    text = reason.strip()
    if not text:
        raise BadMove("reason", _("Say why: the reason is kept with the change."))
    if len(text) > REASON_LENGTH:
        raise BadMove(
            "reason",
            _("The reason is too long: use at most %(length)d characters.") % {"length": REASON_LENGTH},
        )
    return text


def _phase(field: str, value: str) -> Phase:
    try:
        return Phase(value)
    except ValueError:
        known = ", ".join(Phase)
        message = _("“%(value)s” is not a phase; choose one of %(known)s.") % {
            "value": value[:40],
            "known": known,
        }
        raise BadMove(field, message) from None


def change_phase(
    *,
    tenant: str,
    team: str,
    phase: str,
    percent: int,
    by: str,
    reason: str,
    now: datetime,
    outside: str | None = None,
) -> PhaseChange:
    """Move a team (the empty team is the default for all others) and log it; raises BadMove and changes nothing."""
    wanted, why = _phase("phase", phase), reason_given(reason)
    others = below(wanted) if outside is None else _phase("outside", outside)
    _check(team, wanted, percent, others)
    with transaction.atomic():
        row, is_new = TeamPhase.objects.select_for_update().get_or_create(
            tenant=tenant, team=team, defaults={"changed_at": now}
        )
        before = "" if is_new else row.phase
        row.phase, row.percent, row.outside = wanted.value, percent, others.value
        row.changed_at, row.changed_by = now, by
        row.save()
        change = PhaseChange(
            id=uuid7(now),
            tenant=tenant,
            at=now,
            team=team,
            before=before,
            after=wanted.value,
            percent=percent,
            by=by,
            reason=why,
        )
        where = {"tenant": tenant, "team": team, "before": before, "after": wanted.value}
        emit_on_commit("phase.changed", **where, percent=percent)
        return record(change, {"outside": others.value})


def _check(team: str, wanted: Phase, percent: int, others: Phase) -> None:
    if not 0 <= percent <= 100:
        raise BadMove("percent", _("%(value)d is not a percentage; use 0 to 100.") % {"value": percent})
    if not below(wanted).opens(others):
        raise BadMove("outside", _("Agents outside the percentage must be on a lower phase than the team."))
    if len(team) > 100:
        raise BadMove("team", _("The team's name is too long: use at most 100 characters."))


def release_team(*, tenant: str, team: str, by: str, reason: str, now: datetime) -> PhaseChange:
    """Take a team's own row away, so that it stands as all other teams, and log it; BadMove where it has none."""
    why = reason_given(reason)
    with transaction.atomic():
        row = TeamPhase.objects.select_for_update().filter(tenant=tenant, team=team).first() if team else None
        if row is None:
            raise BadMove("team", _("There is no team of this name."))
        default = TeamPhase.objects.filter(tenant=tenant, team="").first() or TeamPhase(tenant=tenant, team="")
        change = PhaseChange(
            id=uuid7(now),
            tenant=tenant,
            at=now,
            team=team,
            before=row.phase,
            after=default.phase,
            percent=default.percent,
            by=by,
            reason=why,
        )
        row.delete()
        where = {"tenant": tenant, "team": team, "before": change.before, "after": change.after}
        emit_on_commit("phase.changed", **where, percent=change.percent)
        return record(change, {"outside": default.outside, "released": True})


def throw_switch(*, tenant: str, killed: bool, by: str, reason: str, now: datetime) -> PhaseChange:
    """Kill or restore everything of one tenant (the empty tenant: of all), and log it."""
    why = reason_given(reason)
    with transaction.atomic():
        row, _is_new = Control.objects.select_for_update().get_or_create(tenant=tenant, defaults={"changed_at": now})
        before = "killed" if row.killed else "running"
        row.killed, row.changed_at, row.changed_by = killed, now, by
        row.save()
        change = PhaseChange(
            id=uuid7(now),
            tenant=tenant,
            at=now,
            team="",
            before=before,
            after="killed" if killed else "running",
            percent=100,
            by=by,
            reason=why,
        )
        emit_on_commit("help.stopped" if killed else "help.restored", tenant=tenant)
        return record(change, None)


def bump_revision(*, now: datetime) -> None:
    """Tell every process that cards, targets or products changed; call it in the transaction of the change.

    The mark is random, not counted up: a number that a rolled-back transaction used must never come back.
    """
    mark = secrets.randbits(62)
    row = Control.objects.filter(tenant="")
    if not row.update(revision=mark):
        Control.objects.bulk_create([Control(tenant="", changed_at=now)], ignore_conflicts=True)
        row.update(revision=mark)
