"""Administrators' programs: the ladder, a move with its reason, the switch."""

from __future__ import annotations

from typing import Any

from django.http import HttpResponseBase
from django.utils import timezone
from rest_framework.request import Request
from rest_framework.response import Response

from crm_assist import flow
from crm_assist.api.fields import Code, Identity, Moment, Text, Whole, YesNo
from crm_assist.api.shapes import Shape, Strict
from crm_assist.api.views import ApiView, PostView
from crm_assist.types import Phase


class Stand(Shape):
    """Where one team stands; the empty team is the default of all others."""

    team = Text()
    phase = Code(Phase)
    percent = Whole(0, 100)
    outside = Code(Phase, help_text="The phase of the agents outside the percentage.")
    changed_at = Moment(allow_null=True)
    changed_by = Text()
    is_default = YesNo()
    inherits = YesNo()


class Move(Shape):
    """One move of a team, or one throw of the switch."""

    id = Identity()
    at = Moment()
    team = Text()
    before = Text()
    after = Text()
    percent = Whole(0, 100)
    by = Text()
    reason = Text()


MOVED = {
    "id": "01981e9c-8a46-7155-8099-5f6071829304",
    "at": "2026-06-01T08:00:00Z",
    "team": "north",
    "before": "shadow",
    "after": "score",
    "percent": 50,
    "by": "3",
    "reason": "Calibrated for eight weeks",
}


class PhasesApi(ApiView):
    """Every team on the ladder, the latest fifty moves, and whether everything is silenced."""

    tag = "phases"
    example_output = {
        "killed": False,
        "teams": [
            {
                "team": "north",
                "phase": "score",
                "percent": 50,
                "outside": "shadow",
                "changed_at": "2026-06-01T08:00:00Z",
                "changed_by": "3",
                "is_default": False,
                "inherits": False,
            }
        ],
        "moves": [MOVED],
    }

    class OutputSerializer(Shape):
        """The ladder."""

        killed = YesNo()
        teams = Stand(many=True)
        moves = Move(many=True)

    def get(self, request: Request) -> HttpResponseBase:
        """See the view."""
        ladder, moves = flow.phases(self.principal), flow.phase_history(self.principal)
        return Response(self.shown({"killed": ladder.killed, "teams": ladder.teams, "moves": moves}))


class MoveApi(PostView):
    """Move one team on the ladder, in force from the next request."""

    tag = "phases"
    OutputSerializer = Move
    example_input = {"team": "north", "phase": "score", "percent": 50, "reason": "Calibrated for eight weeks"}
    example_output = MOVED

    class InputSerializer(Strict):
        """Where to, for what part of the team, and why."""

        team = Text(100, help_text="The empty team is the default of all others.")
        phase = Code(Phase)
        percent = Whole(0, 100, required=False, default=100)
        outside = Code(Phase, required=False, allow_null=True, default=None)
        reason = Text(500, shortest=1)

    def write(self, given: dict[str, Any], **kwargs: Any) -> Any:
        """Move it."""
        return flow.change_phase(self.principal, **given, now=timezone.now())


class Why(Strict):
    """Why: the reason is kept with the change."""

    reason = Text(500, shortest=1)


class KillApi(PostView):
    """Silence everything in one's tenant, in force from the next request."""

    tag = "phases"
    InputSerializer = Why
    OutputSerializer = Move
    example_input = {"reason": "Wrong data since this morning"}
    example_output = {**MOVED, "team": "", "before": "running", "after": "killed", "percent": 100}

    def write(self, given: dict[str, Any], **kwargs: Any) -> Any:
        """Silence it."""
        return flow.kill(self.principal, reason=given["reason"], now=timezone.now())


class RestoreApi(PostView):
    """End the silence; every team is again where it stood."""

    tag = "phases"
    InputSerializer = Why
    OutputSerializer = Move
    example_input = {"reason": "The data is right again"}
    example_output = {**MOVED, "team": "", "before": "killed", "after": "running", "percent": 100}

    def write(self, given: dict[str, Any], **kwargs: Any) -> Any:
        """End it."""
        return flow.restore(self.principal, reason=given["reason"], now=timezone.now())
