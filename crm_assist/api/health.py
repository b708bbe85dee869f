"""How we are, for programs that sign in; monitors that do not have addresses of their own among the pages."""

from __future__ import annotations

from django.http import HttpResponseBase
from django.utils import timezone
from rest_framework.request import Request
from rest_framework.response import Response

from crm_assist import flow
from crm_assist.api.fields import Text, YesNo
from crm_assist.api.shapes import Shape
from crm_assist.api.views import ApiView


class Check(Shape):
    """One check, in words; `needed` when without it no help can be given."""

    name = Text()
    ok = YesNo()
    needed = YesNo()
    message = Text()


class HealthApi(ApiView):
    """Whether help can be given here and now, check by check."""

    tag = "health"
    example_output = {"ready": True, "checks": [{"name": "database", "ok": True, "needed": True, "message": ""}]}

    class OutputSerializer(Shape):
        """The checks, and whether all that are needed are well."""

        ready = YesNo()
        checks = Check(many=True)

    def get(self, request: Request) -> HttpResponseBase:
        """See the view."""
        if not self.principal.may("view_health"):
            raise flow.NotAllowed("view_health")
        found = flow.health(now=timezone.now())
        return Response(self.shown({"ready": flow.is_ready(found), "checks": found}))
