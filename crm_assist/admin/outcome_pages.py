"""Outcomes in the admin: how they stand by source, and those that contradict each other, settled by a person."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import URLPattern
from django.utils import timezone
from django.utils.translation import gettext as _

from crm_assist import flow
from crm_assist.admin.own_page import OwnPage, principal_may
from crm_assist.types import Principal
from crm_assist.web.outcome_words import contradiction_told, source_told

MOST_SHOWN = 100


class OutcomePages(OwnPage):
    """What customers did, as the host's systems told it."""

    readers = ("record_outcome", "view_log")

    def addresses(self) -> list[URLPattern]:
        """How it stands, and the word of a person."""
        return [
            self.route("", self.state, "changelist"),
            self.route("<uuid:outcome_id>/settle/", self.settle, "settle", "POST"),
        ]

    def state(self, request: HttpRequest, principal: Principal) -> HttpResponse:
        """By source, and what contradicts itself."""
        return self._page(request, principal, None)

    def settle(self, request: HttpRequest, principal: Principal, outcome_id: UUID) -> HttpResponse:
        """Say which telling is the right one."""
        try:
            flow.settle_contradiction(principal, outcome_id, now=timezone.now())
        except flow.BadAnswer as error:
            return self._page(request, principal, error)
        return HttpResponseRedirect(f"{self.address()}?done=1")

    def _page(self, request: HttpRequest, principal: Principal, fault: flow.BadAnswer | None) -> HttpResponse:
        stands = flow.outcome_sources(principal)
        against = flow.contradictions(principal, most=MOST_SHOWN) if any(one.contradicted for one in stands) else ()
        names, may_settle = flow.names({one.said_by for one in stands}), principal_may(principal, "record_outcome")
        context: dict[str, Any] = {
            "sources": [source_told(one, names) for one in stands],
            "contradictions": [self._told(one, may_settle) for one in against],
            "fault": fault.message if fault else "",
            "done": request.GET.get("done") == "1" and fault is None,
        }
        return self.draw(request, "outcomes.html", context, title=_("Outcomes"), status=400 if fault else 200)

    def _told(self, one: flow.Contradiction, may_settle: bool) -> dict[str, Any]:
        told = contradiction_told(one)
        for row in told["tellings"]:
            row["settle"] = self.address("settle", row["id"]) if may_settle else ""
        return told
