"""The administrator's page: where each team stands, a move with its reason, the switch that silences everything."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext as _

from crm_assist import flow
from crm_assist.rollout.models import PhaseChange
from crm_assist.types import Phase, Principal
from crm_assist.web import edge, pages, phase_form, words
from crm_assist.web.panel_view import moment
from crm_assist.web.phase_form import Entered


@edge.for_person("GET", "HEAD")
def ladder(request: HttpRequest, principal: Principal) -> HttpResponse:
    """Every team on the ladder, and the latest moves."""
    return _page(request, principal, None)


def _address() -> str:
    return reverse("crm_assist:phases")


@edge.sent_from(_address)
@edge.for_person("POST")
def move(request: HttpRequest, principal: Principal) -> HttpResponse:
    """Move one team; in force from the next request."""
    return _told(request, principal, phase_form.move(request, principal))


@edge.sent_from(_address)
@edge.for_person("POST")
def release(request: HttpRequest, principal: Principal) -> HttpResponse:
    """Take the row of a team away that the host does not know."""
    return _told(request, principal, phase_form.release(request, principal))


@edge.sent_from(_address)
@edge.for_person("POST")
def switch(request: HttpRequest, principal: Principal) -> HttpResponse:
    """Silence everything, or end the silence; stopping asks for a confirmation."""
    return _told(request, principal, phase_form.switch(request, principal))


def _told(request: HttpRequest, principal: Principal, entered: Entered | None) -> HttpResponse:
    if entered is not None:
        return _page(request, principal, entered)
    return HttpResponseRedirect(f"{_address()}?done=1")


def _page(request: HttpRequest, principal: Principal, entered: Entered | None) -> HttpResponse:
    found, moves = flow.phases(principal), flow.phase_history(principal)
    names = flow.names({*(stand.changed_by for stand in found.teams), *(change.by for change in moves)})
    teams: list[dict[str, Any]] = [{**row(stand, names), "entered": _mine(entered, stand)} for stand in found.teams]
    context = {
        **choices(),
        "killed": found.killed,
        "teams": teams,
        "moves": moves_told(moves, names),
        "entered": entered,
        "move_address": reverse("crm_assist:move"),
        "switch_address": reverse("crm_assist:switch"),
        "release_address": reverse("crm_assist:release"),
        "is_new": entered is not None and entered.form == "move" and not any(one["entered"] for one in teams),
        "done": request.GET.get("done") == "1" and entered is None,
    }
    return pages.page(request, principal, "crm_assist/phases.html", context, status=400 if entered else 200)


def _mine(entered: Entered | None, stand: flow.TeamStand) -> Entered | None:
    return entered if entered is not None and entered.form == "move" and entered.team == stand.team else None


def choices() -> dict[str, list[tuple[str, str]]]:
    """The phases with their names, and what each promises."""
    names = [(phase.value, words.word(words.PHASES, phase.value)) for phase in Phase]
    return {
        "phases": names,
        "promises": [(name, words.word(words.PHASE_PROMISES, code)) for code, name in names],
    }


def row(stand: flow.TeamStand, names: Mapping[str, str]) -> dict[str, object]:
    """Where one team stands, in words."""
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
        "is_unknown": stand.is_unknown,
        "changed": moment(stand.changed_at) if stand.changed_at else "",
        "changed_by": names.get(stand.changed_by, stand.changed_by),
    }


def moves_told(moves: Iterable[PhaseChange], names: Mapping[str, str]) -> list[dict[str, object]]:
    """Moves of teams and throws of the switch, in words."""
    return [_moved(change, names) for change in moves]


def _moved(change: PhaseChange, names: Mapping[str, str]) -> dict[str, object]:
    return {
        "at": moment(change.at),
        "team": change.team or (_("Everybody") if change.after in ("killed", "running") else _("All other teams")),
        "before": words.word(words.PHASES, change.before) if change.before else "–",
        "after": words.word(words.PHASES, change.after),
        "percent": words.share(change.percent),
        "by": names.get(change.by, change.by),
        "reason": change.reason,
    }
