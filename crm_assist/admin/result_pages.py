"""Results in the admin: the same rates, comparison and words as on the analyst's own page."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.urls import URLPattern
from django.utils.translation import gettext as _

from crm_assist.admin.own_page import OwnPage
from crm_assist.types import Principal
from crm_assist.web import results


class ResultPages(OwnPage):
    """How suggestions fared, counted beforehand: no page reads the log."""

    readers = ("view_log",)

    def addresses(self) -> list[URLPattern]:
        """One page."""
        return [self.route("", self.results, "changelist")]

    def results(self, request: HttpRequest, principal: Principal) -> HttpResponse:
        """Rates by what is chosen, week by week, and against the time before."""
        context = results.looked_at(request.GET, principal)
        context["results_address"] = self.address()
        status = context["problem"].status if context.get("problem") else 200
        return self.draw(request, "results.html", context, title=_("Results"), status=status)
