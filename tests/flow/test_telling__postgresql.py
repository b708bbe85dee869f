"""The same outcomes told twice at the same time are recorded once."""

from __future__ import annotations

import pytest

from crm_assist import flow
from crm_assist.decisions.models import Outcome
from crm_assist.types import Principal
from tests.hosts.desk.models import Client
from tests.story import NOW
from tests.together import together

TELLER = Principal(key="orders", permissions=frozenset({"record_outcome"}))


@pytest.mark.django_db(transaction=True)
def test_tell_outcomes__twice_at_once__each_once() -> None:
    keys = [str(Client.objects.create(name=f"Client {place}").pk) for place in range(20)]

    def tell() -> flow.Told:
        told = [
            flow.ToldOutcome(key=key, product="deposit", kind="ordered", occurred_at=NOW, external_id=f"A-{key}")
            for key in keys
        ]
        return flow.tell_outcomes(TELLER, "desk.Client", told, source="orders", now=NOW)

    results = together(tell, tell)
    assert sorted(result.recorded for result in results) == [0, 20]
    assert Outcome.objects.count() == 20
