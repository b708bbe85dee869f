"""Opening records makes the record's statement once: the second customer costs no more SQL to be built."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.contrib.auth.models import User

from crm_assist import flow
from crm_assist.features import once
from crm_assist.types import Principal
from tests.hosts.desk.models import Client
from tests.story import NOW, open_bank, open_phase

pytestmark = pytest.mark.django_db
LABEL = "desk.Client"


def test_record__many_customers_in_two_phases__make_two_statements() -> None:
    agent = Principal(key=str(User.objects.create_user("ann").pk), name="Ann")
    clients = [Client.objects.create(name=str(n), owner_id=int(agent.key), balance=n * 1000) for n in range(4)]
    once._plans.clear()
    for phase in ("score", "recommend"):
        open_bank(LABEL, phase) if phase == "score" else open_phase(phase)
        for hours, client in enumerate(clients):
            flow.record(agent, LABEL, str(client.pk), now=NOW + timedelta(hours=hours))
    assert [plan is not None for plan, _ in once._plans.values()] == [True, True]
