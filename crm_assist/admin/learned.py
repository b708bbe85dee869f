"""Targets and cards in the admin: every version with its role, one card whole, and another one put in force."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import URLPattern
from django.utils import timezone
from django.utils.translation import gettext as _

from crm_assist import flow
from crm_assist.admin.own_page import OwnPage, number_in, principal_may, text_in
from crm_assist.flow.cards import card_before
from crm_assist.scorecards.models import CardVersion, Role
from crm_assist.types import Principal
from crm_assist.web import words
from crm_assist.web.card_words import card_told, events_told, findings_told, target_told, version_told
from crm_assist.web.change_words import difference_told
from crm_assist.web.model_card import model_card, subject_of, title_of
from crm_assist.web.outcome_words import readiness_told

ON_A_PAGE = 50


class TargetPages(OwnPage):
    """What cards predict."""

    readers = ("declare_target", "publish_card", "view_log")

    def addresses(self) -> list[URLPattern]:
        """The list, and how far the labels of one target are known."""
        return [
            self.route("", self.targets, "changelist"),
            self.route("<slug:name>/readiness/", self.readiness, "readiness"),
        ]

    def targets(self, request: HttpRequest, principal: Principal) -> HttpResponse:
        """Every target with its horizon, population and owner."""
        start = number_in(request, "start", most=10**6)
        rows = list(flow.targets(principal)[start : start + ON_A_PAGE + 1])
        names, called = flow.names({row.changed_by for row in rows}), flow.names_of_cards(principal)
        context = {
            "targets": [
                {**target_told(row, names, called), "readiness": self.address("readiness", row.name)}
                for row in rows[:ON_A_PAGE]
            ],
            "later": f"?start={start + ON_A_PAGE}" if len(rows) > ON_A_PAGE else "",
            "earlier": f"?start={max(0, start - ON_A_PAGE)}" if start else "",
        }
        return self.draw(request, "targets.html", context, title=_("Targets"))

    def readiness(self, request: HttpRequest, principal: Principal, name: str) -> HttpResponse:
        """Of how many of each month it is known what became of them."""
        found = flow.readiness(principal, name, now=timezone.now())
        target = target_told(found.target, {}, flow.names_of_cards(principal, products=False))
        context = {"target": target, "ready": readiness_told(found)}
        title = _("%(target)s: what is known") % {"target": found.target.label}
        return self.draw(request, "readiness.html", context, title=title, above=(self.address(), _("Targets")))


class CardPages(OwnPage):
    """Every version of every card, and which of them serves."""

    readers = ("publish_card", "declare_target", "view_log")

    def addresses(self) -> list[URLPattern]:
        """The list, one version, and how it comes to serve."""
        return [
            self.route("", self.cards, "changelist"),
            self.route("<int:card_id>/", self.card, "change"),
            self.route("<int:card_id>/model-card/", self.model_card, "model_card"),
            self.route("<int:card_id>/restore/", self.restore, "restore", "POST"),
            self.route("<int:card_id>/promote/", self.promote, "promote", "POST"),
        ]

    def cards(self, request: HttpRequest, principal: Principal) -> HttpResponse:
        """The versions, by target and newest first."""
        target, start = text_in(request, "target"), number_in(request, "start", most=10**6)
        rows = list(flow.cards(principal, target=target)[start : start + ON_A_PAGE + 1])
        names, called = flow.names({row.published_by for row in rows}), flow.names_of_cards(principal, products=False)
        told = [
            {**version_told(row, names, called), "address": self.address("change", row.pk)} for row in rows[:ON_A_PAGE]
        ]
        kept = f"target={target}&" if target else ""
        context = {
            "cards": told,
            "target": target,
            "target_label": told[0]["label"] if told else target,
            "list_address": self.address(),
            "later": f"?{kept}start={start + ON_A_PAGE}" if len(rows) > ON_A_PAGE else "",
            "earlier": f"?{kept}start={max(0, start - ON_A_PAGE)}" if start else "",
        }
        return self.draw(request, "cards.html", context, title=_("Scorecards"))

    def card(self, request: HttpRequest, principal: Principal, card_id: int) -> HttpResponse:
        """One version: what it was trained on, each feature's points, and the changes of its role."""
        return self._one(request, principal, card_id, None)

    def model_card(self, request: HttpRequest, principal: Principal, card_id: int) -> HttpResponse:
        """One version as a model card: purpose, data, quality, limits; to read and to print."""
        view = flow.card(principal, card_id)
        if view.card is None:
            return HttpResponseRedirect(self.address("change", card_id))
        about = subject_of(view, view.card)
        names = flow.names({view.row.published_by})
        context = {
            "sections": model_card(about),
            "version": version_told(view.row, names, view.called),
            "heading": title_of(about),
        }
        above = (self.address("change", card_id), f"{title_of(about)} · {words.version(view.row.version)}")
        return self.draw(request, "model_card.html", context, title=_("Model card"), above=above)

    def restore(self, request: HttpRequest, principal: Principal, card_id: int) -> HttpResponse:
        """Make an earlier card champion again, as a new version."""
        return self._steered(request, principal, card_id, flow.restore_card)

    def promote(self, request: HttpRequest, principal: Principal, card_id: int) -> HttpResponse:
        """Put the challenger that waits in force."""
        return self._steered(request, principal, card_id, flow.promote_card)

    def _steered(
        self, request: HttpRequest, principal: Principal, card_id: int, steer: Callable[..., CardVersion]
    ) -> HttpResponse:
        try:
            reason = request.POST.get("reason", "").replace("\x00", "")
            made = steer(principal, card_id, reason=reason, now=timezone.now())
        except flow.BadMove as error:
            return self._one(request, principal, card_id, error)
        return HttpResponseRedirect(f"{self.address('change', made.pk)}?done=1")

    def _changed(self, principal: Principal, view: flow.CardView) -> dict[str, Any] | None:
        """What changed since the card that served before; None where there is none, or one of the two is damaged."""
        earlier = card_before(principal, view)
        if earlier is None or earlier.card is None or view.card is None:
            return None
        told = difference_told(earlier.card, view.card, view.declared)
        return {"told": told, "before": words.version(earlier.row.version), "after": words.version(view.row.version)}

    def _one(
        self, request: HttpRequest, principal: Principal, card_id: int, fault: flow.BadMove | None
    ) -> HttpResponse:
        view = flow.card(principal, card_id)
        names = flow.names({view.row.published_by, *(event.by for event in view.events)})
        mine = view.row.tenant == principal.tenant and view.row.role != "champion"
        context: dict[str, Any] = {
            "version": version_told(view.row, names, view.called),
            "card": card_told(view.card, view.declared) if view.card else None,
            "model_card_address": self.address("model_card", card_id),
            "events": events_told(view.events, names),
            "findings": findings_told(view.findings),
            "comparison": view.comparison.words if view.comparison else "",
            "moved": view.moved.words if view.moved else (),
            "changed": self._changed(principal, view),
            **self._forms(view.row, may_steer=mine and may_publish(principal)),
            "fault": fault.message if fault else "",
            "reason": request.POST.get("reason", "")[:500] if fault else "",
            "done": request.GET.get("done") == "1",
        }
        title = f"{view.target.label if view.target else view.row.target} · {words.version(view.row.version)}"
        above = (self.address(), _("Scorecards"))
        return self.draw(request, "card.html", context, title=title, above=above, status=400 if fault else 200)

    def _forms(self, row: CardVersion, *, may_steer: bool) -> dict[str, str]:
        """The address of the one form by which this version may come to serve."""
        waits = row.role == Role.CHALLENGER
        return {
            "restore_address": self.address("restore", row.pk) if may_steer and not waits else "",
            "promote_address": self.address("promote", row.pk) if may_steer and waits else "",
        }


def may_publish(principal: Principal) -> bool:
    """Whether the person may change which card serves."""
    return principal_may(principal, "publish_card")
