"""Phases in the admin: every team found and paged, and for one team who is in and why, its move and its history."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import URLPattern
from django.utils.translation import gettext as _

from crm_assist import flow
from crm_assist.admin.own_page import OwnPage, number_in, text_in
from crm_assist.types import Phase, Principal
from crm_assist.web import phase_form, words
from crm_assist.web.phase_form import Entered
from crm_assist.web.phases import choices, moves_told, row

TEAMS_ON_A_PAGE = 50
AGENTS_ON_A_PAGE = 20


class PhasePages(OwnPage):
    """Where each team stands; moves and the switch, each with its reason."""

    readers = ("change_phase",)

    def addresses(self) -> list[URLPattern]:
        """The list, one team, a move, a row taken away, and the switch."""
        return [
            self.route("", self.ladder, "changelist"),
            self.route("team/", self.team, "team"),
            self.route("move/", self.move, "move", "POST"),
            self.route("release/", self.release, "release", "POST"),
            self.route("switch/", self.switch, "switch", "POST"),
        ]

    def ladder(self, request: HttpRequest, principal: Principal) -> HttpResponse:
        """The teams that the search and the phase leave, a page at a time."""
        return self._ladder(request, principal, None)

    def team(self, request: HttpRequest, principal: Principal) -> HttpResponse:
        """One team, named in the address, with its agents."""
        return self._team(request, principal, text_in(request, "team"), None)

    def move(self, request: HttpRequest, principal: Principal) -> HttpResponse:
        """Move a team; in force from the next request."""
        entered = phase_form.move(request, principal)
        is_known, team = request.POST.get("existing") == "1", request.POST.get("team", "")
        if entered is None:
            named = team if is_known else team.strip()
            return HttpResponseRedirect(f"{self.team_address(named)}&done=1")
        if is_known:
            return self._team(request, principal, entered.team, entered)
        return self._ladder(request, principal, entered)

    def release(self, request: HttpRequest, principal: Principal) -> HttpResponse:
        """Take the row of a team away that the host does not know."""
        entered = phase_form.release(request, principal)
        if entered is None:
            return HttpResponseRedirect(f"{self.address()}?done=1")
        return self._team(request, principal, entered.team, entered)

    def switch(self, request: HttpRequest, principal: Principal) -> HttpResponse:
        """Silence everything, or end the silence."""
        entered = phase_form.switch(request, principal)
        if entered is None:
            return HttpResponseRedirect(f"{self.address()}?done=1")
        return self._ladder(request, principal, entered)

    def team_address(self, team: str) -> str:
        """The page of a team."""
        return f"{self.address('team')}?{urlencode({'team': team})}"

    def _ladder(self, request: HttpRequest, principal: Principal, entered: Entered | None) -> HttpResponse:
        found, moves = flow.phases(principal), flow.phase_history(principal)
        asked, phase, start = text_in(request, "q"), text_in(request, "phase"), number_in(request, "start", most=10**6)
        matching = [stand for stand in found.teams if _matches(stand, asked, phase)]
        shown = matching[start : start + TEAMS_ON_A_PAGE]
        names = flow.names({*(stand.changed_by for stand in shown), *(change.by for change in moves)})
        context = {
            **choices(),
            **self._forms(request, entered),
            **_ways(start, TEAMS_ON_A_PAGE, more=len(matching) > start + TEAMS_ON_A_PAGE, q=asked, phase=phase),
            "killed": found.killed,
            "teams": [{**row(stand, names), "address": self.team_address(stand.team)} for stand in shown],
            "counts": _counts(found.teams),
            "count": len(matching),
            "asked": asked,
            "phase": phase,
            "moves": moves_told(moves, names),
        }
        return self.draw(request, "phases.html", context, title=_("Phases"), status=400 if entered else 200)

    def _team(self, request: HttpRequest, principal: Principal, team: str, entered: Entered | None) -> HttpResponse:
        stand = next((one for one in flow.phases(principal).teams if one.team == team), None)
        if stand is None:
            raise flow.BadMove("team", _("There is no team of this name."))
        asked, start = text_in(request, "q"), number_in(request, "start", most=10**6)
        found = flow.agents(principal, team=team, search=asked, start=start, most=AGENTS_ON_A_PAGE)
        moves = flow.phase_history(principal, team=team)
        names = flow.names({stand.changed_by, *(change.by for change in moves)})
        context = {
            **choices(),
            **self._forms(request, entered),
            **_ways(start, AGENTS_ON_A_PAGE, more=found.more, q=asked, team=team),
            "row": row(stand, names),
            "asked": asked,
            "agents": [_agent(one) for one in found.rows],
            "is_team": found.is_team,
            "moves": moves_told(moves, names),
        }
        above = (self.address(), _("Phases"))
        title = str(context["row"]["name"])
        return self.draw(request, "team.html", context, title=title, above=above, status=400 if entered else 200)

    def _forms(self, request: HttpRequest, entered: Entered | None) -> dict[str, Any]:
        return {
            "entered": entered,
            "is_new": entered is not None and entered.form == "move",
            "move_address": self.address("move"),
            "switch_address": self.address("switch"),
            "release_address": self.address("release"),
            "done": request.GET.get("done") == "1" and entered is None,
        }


def _matches(stand: flow.TeamStand, asked: str, phase: str) -> bool:
    name = stand.team or _("All other teams")
    return asked.casefold() in name.casefold() and phase in ("", stand.phase.value)


def _counts(teams: tuple[flow.TeamStand, ...]) -> list[tuple[str, str, int]]:
    """How many teams stand in each phase."""
    standing = [stand.phase for stand in teams if not stand.is_default]
    return [(phase.value, words.word(words.PHASES, phase.value), standing.count(phase)) for phase in Phase]


def _agent(stand: flow.AgentStand) -> dict[str, Any]:
    phase = stand.admission.phase.value
    return {
        "key": stand.key,
        "name": stand.name or stand.key,
        "teams": ", ".join(stand.teams),
        "phase": phase,
        "phase_words": words.word(words.PHASES, phase),
        "why": words.why(stand.admission),
    }


def _ways(start: int, size: int, *, more: bool, **asked: str) -> dict[str, str]:
    """The query strings of the pages before and after this one."""
    kept = {name: value for name, value in asked.items() if value or name == "team"}
    before = urlencode({**kept, **({"start": start - size} if start > size else {})})
    return {
        "earlier": f"?{before}" if start else "",
        "later": f"?{urlencode({**kept, 'start': start + size})}" if more else "",
    }
