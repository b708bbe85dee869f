"""Background work in the admin: what runs and how far it is; started, gone on with and given up by those who may."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import URLPattern
from django.utils import timezone
from django.utils.translation import gettext as _

from crm_assist import flow
from crm_assist.admin.own_page import OwnPage, text_in
from crm_assist.types import Principal
from crm_assist.web.run_words import kinds, run_told


class WorkPages(OwnPage):
    """The newest run of each kind, with a progress line each."""

    readers = ("manage_runs",)

    def addresses(self) -> list[URLPattern]:
        """The list, the history of one kind, and what can be done."""
        return [
            self.route("", self.work, "changelist"),
            self.route("history/", self.history, "history"),
            self.route("start/", self.start, "start", "POST"),
            self.route("<int:run_id>/resume/", self.resume, "resume", "POST"),
            self.route("<int:run_id>/give-up/", self.give_up, "give_up", "POST"),
        ]

    def work(self, request: HttpRequest, principal: Principal) -> HttpResponse:
        """What runs, waits, was done or failed."""
        return self._page(request, principal, None)

    def history(self, request: HttpRequest, principal: Principal) -> HttpResponse:
        """The runs of one kind that are kept."""
        kind, about = text_in(request, "kind"), text_in(request, "about")
        found = flow.run_history(principal, kind=kind, about=about, now=timezone.now())
        context = {"runs": self._told(found, principal, flow.names_of_runs(principal)), "is_history": True}
        return self.draw(
            request, "work.html", context, title=_("Runs so far"), above=(self.address(), _("Background work"))
        )

    def start(self, request: HttpRequest, principal: Principal) -> HttpResponse:
        """Ask for a run."""
        given = {name: request.POST.get(name, "").replace("\x00", "")[:100].strip() for name in ("kind", "about")}
        try:
            flow.start(principal, kind=given["kind"], about=given["about"], now=timezone.now())
        except flow.BadAnswer as error:
            return self._page(request, principal, error)
        return self._back()

    def resume(self, request: HttpRequest, principal: Principal, run_id: int) -> HttpResponse:
        """Go on with a run now."""
        flow.resume(principal, run_id, now=timezone.now())
        return self._back()

    def give_up(self, request: HttpRequest, principal: Principal, run_id: int) -> HttpResponse:
        """End a run for good."""
        reason = request.POST.get("reason", "").replace("\x00", "")[:500]
        flow.give_up(principal, run_id, reason=reason, now=timezone.now())
        return self._back()

    def _back(self) -> HttpResponse:
        return HttpResponseRedirect(f"{self.address()}?asked=1")

    def _page(self, request: HttpRequest, principal: Principal, fault: flow.BadAnswer | None) -> HttpResponse:
        found, called = flow.runs(principal, now=timezone.now()), flow.names_of_runs(principal)
        context = {
            "runs": self._told(found, principal, called),
            "kinds": kinds(),
            "subjects": [(one, called.get(one, one)) for one in flow.run_subjects(principal)],
            "fault": fault.message if fault else "",
            "entered": request.POST if fault else {},
            "watch": fault is None and request.GET.get("watch") == "1",
            "can_watch": any(run.state == "running" for run in found),
            "start_address": self.address("start"),
            "asked": request.GET.get("asked") == "1" and fault is None,
        }
        response = self.draw(request, "work.html", context, title=_("Background work"), status=400 if fault else 200)
        if context["watch"]:
            response["Refresh"] = "5"  # the progress lines move without a script, for whoever types nothing here
        return response

    def _told(
        self, found: tuple[flow.RunView, ...], principal: Principal, called: Mapping[str, str]
    ) -> list[dict[str, Any]]:
        names = flow.names({run.by for run in found})
        return [
            {
                **run_told(run, names, called),
                **self._steering(run if flow.may_steer(principal, run.tenant) else None),
                "history": f"{self.address('history')}?{urlencode({'kind': run.kind, 'about': run.about})}",
            }
            for run in found
        ]

    def _steering(self, run: flow.RunView | None) -> dict[str, str]:
        """The addresses by which the person may steer a run, none where it is not theirs."""
        return {
            "resume": self.address("resume", run.id) if run and run.state == "waiting" else "",
            "give_up": self.address("give_up", run.id) if run and run.state in ("running", "waiting") else "",
        }
