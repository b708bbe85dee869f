"""Decisions in the admin: read-only, by filters, page by place and never counted; one of them whole; the export."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse, HttpResponseBase, HttpResponseRedirect
from django.urls import URLPattern
from django.utils.translation import gettext as _

from crm_assist import flow
from crm_assist.admin.own_page import OwnPage
from crm_assist.types import Principal
from crm_assist.web import log


class DecisionPages(OwnPage):
    """The same decisions, filters and words as on the analyst's own pages."""

    readers = ("view_log",)

    def addresses(self) -> list[URLPattern]:
        """The list, the export, one decision and its replay."""
        return [
            self.route("", self.decisions, "changelist"),
            self.route("export/", self.export, "export"),
            self.route("<uuid:decision_id>/", self.decision, "change"),
            self.route("<uuid:decision_id>/replay/", self.replay, "replay", "POST"),
        ]

    def decisions(self, request: HttpRequest, principal: Principal) -> HttpResponse:
        """The decisions that pass the filters, newest first."""
        context = log.listed(request.GET, principal, lambda decision_id: self.address("change", decision_id))
        context |= {"list_address": self.address(), "export_address": self.address("export")}
        return self.draw(request, "decisions.html", context, title=_("Decisions"), status=log.status_of(context))

    def export(self, request: HttpRequest, principal: Principal) -> HttpResponseBase:
        """The same as a file; needs a permission of its own."""
        return log.exported(request, principal)

    def decision(self, request: HttpRequest, principal: Principal, decision_id: UUID) -> HttpResponse:
        """One decision whole."""
        context = log.whole(principal, decision_id, request.GET)
        context["replay_address"] = self.address("replay", decision_id)
        title = _("Decision of %(when)s") % {"when": context["decision"]["at"]}
        return self.draw(request, "decision.html", context, title=title, above=(self.address(), _("Decisions")))

    def replay(self, request: HttpRequest, principal: Principal, decision_id: UUID) -> HttpResponse:
        """The same, decided again by the recorded versions."""
        flow.decision(principal, decision_id)
        return HttpResponseRedirect(log.replayed_at(self.address("change", decision_id)))

    def page_of(self, **kwargs: Any) -> str:
        """A replay belongs to its decision."""
        return self.address("change", kwargs["decision_id"])
