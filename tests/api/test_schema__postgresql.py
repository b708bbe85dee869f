"""Schemathesis with all its checks, as several people, on a real server over PostgreSQL: no 5xx, no violation."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.utils import timezone

from crm_assist.customers import PERMISSIONS
from crm_assist.decisions.models import Decision, Suggestion
from crm_assist.scorecards.models import CardVersion
from tests.api.conftest import Program
from tests.api.fuzz import CASES, known_values, run, without_keys
from tests.desk_bank import LABEL, person
from tests.hosts.desk.models import Client
from tests.story import open_phase, publish, stock

PHASES = "examples,coverage,fuzzing,stateful"
ROLES = {"everything": PERMISSIONS, "agent": (), "analyst": ("view_log", "export_log")}


def bank_of(user: User) -> None:
    """A bank in which the person has clients, decisions and open suggestions."""
    for name in ("Rose", "Paul", "Lea"):
        client = Client.objects.create(name=name, owner=user, balance=8000, segment="private")
        assert Program(user).get("assist/", model=LABEL, key=client.pk).status_code == 200


@pytest.mark.parametrize("role", ROLES)
@pytest.mark.django_db(transaction=True)
def test_every_operation__all_checks__nothing_to_mend(live_server: Any, tmp_path: Path, role: str) -> None:
    publish(LABEL, now=timezone.now())
    stock(now=timezone.now())
    open_phase("recommend", now=timezone.now())
    user = person(role, *ROLES[role])
    bank_of(user)
    document = Program(user).get("openapi.json").json()
    values = {
        "model": [LABEL],
        "key": list(map(str, Client.objects.values_list("pk", flat=True))),
        "decision_id": list(map(str, Decision.objects.values_list("pk", flat=True))),
        "suggestion_id": list(map(str, Suggestion.objects.values_list("pk", flat=True))),
        "card_id": list(CardVersion.objects.values_list("pk", flat=True)),
        "after": list(map(str, Decision.objects.values_list("pk", flat=True))),
        "target": ["orders", "wants_deposit"],
        "product": ["deposit", "card"],
        "card": [json.loads(CardVersion.objects.get(target="orders").text)],
    }
    known = known_values(document, values)
    outcome = run(
        live_server.url,
        known if role == "agent" else without_keys(known),
        tmp_path,
        login=f"{role}:x",
        cases=int(os.environ.get(CASES, "0")) // len(ROLES),
        phases=PHASES if CASES in os.environ else "examples,fuzzing",
    )
    print(f"{role}: {outcome.cases} cases")
    assert not outcome.failed, outcome.text
    assert outcome.cases > len(document["paths"])
