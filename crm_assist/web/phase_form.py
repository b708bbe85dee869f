"""A move of a team or a throw of the switch, as a form sends it: done, or what was entered and what is wrong."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from difflib import get_close_matches
from typing import Any

from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext as _

from crm_assist import flow
from crm_assist.types import Principal
from crm_assist.web.bodies import keepable

FIELDS = ("team", "phase", "percent", "outside", "reason")
CLOSE = 0.6
"""How alike two names must be for one to be taken for the other misspelt."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Entered:
    """What was typed into the form that was refused, and what is wrong with it."""

    form: str
    team: str = ""
    phase: str = ""
    percent: str = "100"
    outside: str = ""
    reason: str = ""
    field: str = ""
    fault: str = ""
    can_insist: bool = False
    """Whether the move is done when the person says that it is meant."""


def move(request: HttpRequest, principal: Principal) -> Entered | None:
    """Move one team, in force from the next request; None when it is done."""
    given: dict[str, Any] = {name: request.POST.get(name, "") for name in FIELDS}
    entered = Entered(form="move", **given)
    try:
        _check(entered)
        flow.change_phase(
            principal,
            team=_named(request, principal, entered.team),
            phase=entered.phase,
            percent=_percent(entered.percent),
            outside=entered.outside or None,
            reason=entered.reason,
            now=timezone.now(),
        )
    except flow.BadMove as error:
        return _refused(entered, error)
    return None


def release(request: HttpRequest, principal: Principal) -> Entered | None:
    """Take the row of a team away that concerns nobody; None when it is done."""
    entered = Entered(form="release", team=request.POST.get("team", ""), reason=request.POST.get("reason", ""))
    try:
        _check(entered)
        flow.release_team(principal, team=entered.team, reason=entered.reason, now=timezone.now())
    except flow.BadMove as error:
        return _refused(entered, error)
    return None


def switch(request: HttpRequest, principal: Principal) -> Entered | None:
    """Silence everything, or end the silence; stopping asks for a confirmation. None when it is done."""
    stop = request.POST.get("to") == "killed"
    entered = Entered(form="switch", reason=request.POST.get("reason", ""))
    try:
        _check(entered)
        if stop and request.POST.get("sure") != "yes":
            raise flow.BadMove("sure", _("Tick the box to confirm that all help stops for everybody."))
        act = flow.kill if stop else flow.restore
        act(principal, reason=entered.reason, now=timezone.now())
    except flow.BadMove as error:
        return _refused(entered, error)
    return None


class UnknownTeam(flow.BadMove):
    """The host names its teams, and this is none of them; the person may insist."""


def _named(request: HttpRequest, principal: Principal, team: str) -> str:
    if request.POST.get("existing") == "1":
        return team
    team = team.strip()
    # The row without a name is the default of all other teams; a new row must have one.
    if not team:
        raise flow.BadMove("team", _("Name the team."))
    known = flow.team_names(principal)
    if known and team not in known and request.POST.get("insist") != "yes":
        raise UnknownTeam("team", _unknown(team, known))
    return team


def _unknown(team: str, known: Collection[str]) -> str:
    alike = {name.casefold(): name for name in known}
    near = get_close_matches(team.casefold(), alike, n=1, cutoff=CLOSE)
    told = _("The CRM knows no team “%(team)s”, so that this would concern nobody.") % {"team": team[:100]}
    if not near:
        return told
    asked = _("Did you mean “%(team)s”?") % {"team": alike[near[0]]}
    return f"{told} {asked}"


def _check(entered: Entered) -> None:
    for name in FIELDS:
        if not keepable(getattr(entered, name)):
            raise flow.BadMove(name, _("This text holds a character that cannot be kept."))


def _percent(text: str) -> int:
    try:
        return int(text)
    except ValueError:
        message = _("“%(value)s” is not a percentage; use a whole number from 0 to 100.")
        raise flow.BadMove("percent", message % {"value": text[:20]}) from None


def _refused(entered: Entered, error: flow.BadMove) -> Entered:
    values = {name: getattr(entered, name)[:500] for name in (*FIELDS, "form")}
    insist = isinstance(error, UnknownTeam)
    return Entered(**values, field=error.field, fault=error.message, can_insist=insist)
