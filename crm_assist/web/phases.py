"""The administrator's page: where each team stands, a move with its reason, the switch that silences everything."""

from __future__ import annotations

from dataclasses import dataclass

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from crm_assist import flow
from crm_assist.rollout.models import PhaseChange
from crm_assist.types import Phase, Principal
from crm_assist.web import edge, pages, words
from crm_assist.web.bodies import keepable
from crm_assist.web.panel_view import moment


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


@edge.for_person("GET", "HEAD")
def ladder(request: HttpRequest, principal: Principal) -> HttpResponse:
    """Every team on the ladder, and the latest moves."""
    return _page(request, principal, None)


@edge.for_person("POST")
def move(request: HttpRequest, principal: Principal) -> HttpResponse:
    """Move one team; in force from the next request."""
    entered = Entered(form="move", **{name: request.POST.get(name, "") for name in _FIELDS})
    try:
        _checked(entered)
        flow.change_phase(
            principal,
            team=_named(entered.team, known=request.POST.get("existing") == "1"),
            phase=entered.phase,
            percent=_percent(entered.percent),
            outside=entered.outside or None,
            reason=entered.reason,
            now=timezone.now(),
        )
    except flow.BadMove as error:
        return _page(request, principal, _refused(entered, error))
    return _done()


_FIELDS = ("team", "phase", "percent", "outside", "reason")


@edge.for_person("POST")
def switch(request: HttpRequest, principal: Principal) -> HttpResponse:
    """Silence everything, or end the silence; stopping asks for a confirmation."""
    stop = request.POST.get("to") == "killed"
    entered = Entered(form="switch", reason=request.POST.get("reason", ""))
    try:
        _checked(entered)
        if stop and request.POST.get("sure") != "yes":
            raise flow.BadMove("sure", _("Tick the box to confirm that all help stops for everybody."))
        act = flow.kill if stop else flow.restore
        act(principal, reason=entered.reason, now=timezone.now())
    except flow.BadMove as error:
        return _page(request, principal, _refused(entered, error))
    return _done()


def _named(team: str, *, known: bool) -> str:
    # The row without a name is the default of all other teams; a new row must have one.
    if not known and not team.strip():
        raise flow.BadMove("team", _("Name the team."))
    return team if known else team.strip()


def _checked(entered: Entered) -> None:
    for name in _FIELDS:
        if not keepable(getattr(entered, name)):
            raise flow.BadMove(name, _("This text holds a character that cannot be kept."))


def _percent(text: str) -> int:
    try:
        return int(text)
    except ValueError:
        message = _("“%(value)s” is not a percentage; use a whole number from 0 to 100.")
        raise flow.BadMove("percent", message % {"value": text[:20]}) from None


def _refused(entered: Entered, error: flow.BadMove) -> Entered:
    values = {name: getattr(entered, name)[:500] for name in (*_FIELDS, "form")}
    return Entered(**values, field=error.field, fault=error.message)


def _done() -> HttpResponse:
    return HttpResponseRedirect(f"{reverse('crm_assist:phases')}?done=1")


def _page(request: HttpRequest, principal: Principal, entered: Entered | None) -> HttpResponse:
    found = flow.phases(principal)
    context = {
        "killed": found.killed,
        "teams": [_row(stand, entered) for stand in found.teams],
        "moves": [_moved(change) for change in flow.phase_history(principal)],
        "phases": [(phase.value, words.word(words.PHASES, phase.value)) for phase in Phase],
        "promises": [
            (words.word(words.PHASES, phase.value), words.word(words.PHASE_PROMISES, phase.value)) for phase in Phase
        ],
        "entered": entered,
        "done": request.GET.get("done") == "1" and entered is None,
    }
    return pages.page(request, principal, "crm_assist/phases.html", context, status=400 if entered else 200)


def _row(stand: flow.TeamStand, entered: Entered | None) -> dict[str, object]:
    mine = entered is not None and entered.form == "move" and entered.team == stand.team
    return {
        "team": stand.team,
        "name": stand.team or _("All other teams"),
        "phase": stand.phase.value,
        "phase_words": words.word(words.PHASES, stand.phase.value),
        "percent": stand.percent,
        "percent_words": words.share(stand.percent),
        "outside": stand.outside.value,
        "outside_words": words.word(words.PHASES, stand.outside.value),
        "inherits": stand.inherits,
        "changed": moment(stand.changed_at) if stand.changed_at else "",
        "changed_by": stand.changed_by,
        "entered": entered if mine else None,
    }


def _moved(change: PhaseChange) -> dict[str, object]:
    return {
        "at": moment(change.at),
        "team": change.team or (_("Everybody") if change.after in ("killed", "running") else _("All other teams")),
        "before": words.word(words.PHASES, change.before) if change.before else "–",
        "after": words.word(words.PHASES, change.after),
        "percent": words.share(change.percent),
        "by": change.by,
        "reason": change.reason,
    }
