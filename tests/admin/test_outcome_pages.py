"""Outcomes and label readiness in the admin."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.contrib.auth.models import User
from django.utils import timezone

from crm_assist import flow
from crm_assist.decisions.models import Outcome
from crm_assist.decisions.standing import in_force
from crm_assist.types import Principal
from tests.admin.conftest import HERE, asked, clients, staff
from tests.desk_bank import LABEL, Bank, signed_in
from tests.hosts.desk.models import Client

BOSS = Principal(key="boss", is_superuser=True)


@pytest.fixture
def rose(boss: User) -> Client:
    return clients(boss, 1)[0]


def contradicted(client: Client) -> list[Outcome]:
    """One outcome told with two contents in one version."""
    now = timezone.now()
    told = {
        "model": LABEL,
        "key": str(client.pk),
        "product": "card",
        "source": "orders",
        "external_id": "<b>",
        "now": now,
    }
    return [
        flow.record_outcome(**told, kind=kind, occurred_at=now - timedelta(days=3), version=1)
        for kind in ("ordered", "declined")
    ]


def test_outcomes__by_source_and_what_contradicts__is_settled_by_who_may(bank: Bank, rose: Client) -> None:
    bank("score")
    rows = contradicted(rose)
    flow.outcomes_complete_until(timezone.now(), source="orders", by="boss", now=timezone.now())
    text, statements = asked(signed_in(staff("eve", "view_log")), "outcome/")
    assert "Complete until" in text
    assert "Declined" in text
    assert "This one is right" not in text
    assert statements <= 6
    browser = signed_in(staff("dora", "record_outcome"))
    assert asked(browser, "outcome/")[0].count("This one is right") == 2
    address = f"{HERE}/outcome/{rows[1].pk}/settle/"
    assert browser.post(address).status_code == 302
    assert [row.kind for row in in_force()] == ["declined"]
    text = asked(browser, "outcome/?done=1")[0]
    assert "It is settled" in text
    assert "Contradictions" not in text
    again = browser.post(address)
    assert (again.status_code, "may have been settled meanwhile" in again.content.decode()) == (400, True)
    assert signed_in(staff("max", "view_log")).post(address).status_code == 403


def test_outcomes__none_yet__says_so(bank: Bank) -> None:
    bank("score")
    assert "No outcome was told yet." in asked(signed_in(staff("eve", "view_log")), "outcome/")[0]


def test_readiness__of_a_target__by_month_in_both_languages(bank: Bank, rose: Client) -> None:
    bank("score")
    now = timezone.now()
    agent = Principal(key=str(rose.owner_id))
    for days in (100, 0):
        flow.record(agent, LABEL, str(rose.pk), now=now - timedelta(days=days))
    browser = signed_in(staff("dora", "view_log"))
    assert f"{HERE}/target/orders/readiness/" in asked(browser, "target/")[0]
    text, statements = asked(browser, "target/orders/readiness/")
    assert "known for 100% of 1" in text
    assert "known for 0% of 1" in text
    assert "No system has said until when" in text
    assert statements <= 10
    flow.outcomes_complete_until(now - timedelta(days=50), source="orders", now=now)
    text = asked(browser, "target/orders/readiness/")[0]
    assert "has been told" in text
    assert "known for 100%" not in text
    french = browser.get(f"{HERE}/target/orders/readiness/", headers={"accept-language": "fr"}).content.decode()
    assert "connu pour 0" in french
    assert browser.get(f"{HERE}/target/yachts/readiness/").status_code == 404
