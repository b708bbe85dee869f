"""Who may what in the admin: seven roles x every address of ours there, walked from the pages themselves."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

import pytest
from django.contrib import admin
from django.contrib.auth.models import Permission, User
from django.db import transaction
from django.test import Client as Browser
from django.urls import reverse
from django.utils import timezone

from crm_assist import flow
from crm_assist.admin.site import PAGES
from crm_assist.decisions.models import Decision
from crm_assist.roles import ROLES
from crm_assist.runs.models import Run
from crm_assist.scorecards.models import CardVersion
from crm_assist.types import Principal
from tests.admin.conftest import clients
from tests.desk_bank import LABEL
from tests.story import open_phase

READ, SEND = "GET", "POST"
CARDS = {"publish_card", "declare_target", "view_log"}
CATALOGUE = {"change_product_catalogue", "view_log", "change_phase"}
WHY = {"reason": "because"}
MOVE = {"team": "north", "phase": "score", "percent": "100", **WHY}
DOORS: Mapping[str, tuple[str, set[str], int, Mapping[str, str]]] = {
    "teamphase_changelist": (READ, {"change_phase"}, 200, {}),
    "teamphase_team": (READ, {"change_phase"}, 200, {"team": ""}),
    "teamphase_move": (SEND, {"change_phase"}, 302, MOVE),
    "teamphase_release": (SEND, {"change_phase"}, 302, {"team": "nroth", **WHY}),
    "teamphase_switch": (SEND, {"change_phase"}, 302, {"to": "killed", "sure": "yes", **WHY}),
    "decision_changelist": (READ, {"view_log"}, 200, {}),
    "decision_export": (READ, {"export_log"}, 200, {"format": "csv"}),
    "decision_change": (READ, {"view_log"}, 200, {}),
    "decision_replay": (SEND, {"view_log"}, 302, {}),
    "outcome_changelist": (READ, {"record_outcome", "view_log"}, 200, {}),
    "outcome_settle": (SEND, {"record_outcome"}, 400, {}),
    "daycount_changelist": (READ, {"view_log"}, 200, {}),
    "product_changelist": (READ, CATALOGUE, 200, {}),
    "target_changelist": (READ, CARDS, 200, {}),
    "target_readiness": (READ, CARDS, 200, {}),
    "cardversion_changelist": (READ, CARDS, 200, {}),
    "cardversion_change": (READ, CARDS, 200, {}),
    "cardversion_model_card": (READ, CARDS, 200, {}),
    "cardversion_promote": (SEND, {"publish_card"}, 400, WHY),
    "cardversion_restore": (SEND, {"publish_card"}, 400, WHY),
    "seal_changelist": (READ, {"view_log"}, 200, {}),
    "seal_verify": (READ, {"view_log"}, 200, {}),
    "run_changelist": (READ, {"manage_runs"}, 200, {}),
    "run_history": (READ, {"manage_runs"}, 200, {"kind": "sweep", "about": LABEL}),
    "run_start": (SEND, {"manage_runs"}, 302, {"kind": "sweep", "about": LABEL}),
    "run_resume": (SEND, {"manage_runs"}, 302, {}),
    "run_give_up": (SEND, {"manage_runs"}, 302, WHY),
}
"""The method, any of the permissions that open the door, the answer to whoever has one, and what is sent.

The card of the bank serves already, so that whoever may restore or promote it is told so: 400. No outcome contradicts
another, so that there is none to settle.
"""


def addresses() -> dict[str, str]:
    """The route of every address of our pages, by name without our label."""
    found = {}
    for model in PAGES:
        for one in admin.site._registry[model].get_urls():
            found[str(one.name).removeprefix("crm_assist_")] = str(one.pattern)
    return found


@contextmanager
def undone() -> Iterator[None]:
    """A block whose writes are taken back."""
    with transaction.atomic():
        yield
        transaction.set_rollback(True)


def test_every_address__has_an_expectation_and_none_is_left_over() -> None:
    assert sorted(addresses()) == sorted(DOORS)


@pytest.mark.django_db
def test_every_address_and_method__each_role__is_answered_as_written_down(bank: Any, boss: User) -> None:
    bank("recommend")
    [client] = clients(boss, 1)
    now = timezone.now()
    flow.record(Principal(key=str(boss.pk), is_superuser=True), LABEL, str(client.pk), now=now)
    open_phase("score", team="nroth")
    flow.start(Principal(key="x", is_superuser=True), kind="rescore", about=LABEL, now=now)
    known = {
        "decision_id": Decision.objects.get().pk,
        "card_id": CardVersion.objects.get(target="orders").pk,
        "run_id": Run.objects.get().pk,
        "outcome_id": Decision.objects.get().pk,
        "name": "orders",
    }
    surprises = []
    for role, permissions in ROLES.items():
        user = User.objects.create_user(role, is_staff=True)
        user.user_permissions.set(Permission.objects.filter(codename__in=permissions))
        browser = Browser()
        browser.force_login(user)
        for name, route in addresses().items():
            used = {key: value for key, value in known.items() if f":{key}>" in route}
            address = reverse(f"admin:crm_assist_{name}", kwargs=used)
            method, needs, ok, sent = DOORS[name]
            for asked in (READ, SEND, "PUT", "DELETE"):
                wanted = 405 if asked != method else ok if permissions & needs else 403
                if (asked, method) == (READ, SEND):
                    wanted = 302  # to the form's page, which asks for the right
                with undone():
                    reply: Any = browser.generic(asked, address) if asked != method else None
                    reply = reply or (browser.get(address, sent) if method == READ else browser.post(address, sent))
                    told = reply.status_code
                    if reply.streaming:
                        b"".join(reply.streaming_content)
                if told != wanted:
                    surprises.append(f"{role}: {asked} {address}: {told}, not {wanted}")
    assert surprises == []
