"""The bank's contact form tells what an agent offered, also while the machine is in shadow."""

from __future__ import annotations

import pytest
from django.contrib.auth.models import User
from django.test import Client as Browser
from django.utils import timezone

from crm_assist import flow
from crm_assist.customers import adapter_for
from crm_assist.decisions.models import OwnOffer
from crm_assist.types import Principal
from project.crm.models import AgentProfile, Branch, Customer
from tests.story import open_phase, stock

pytestmark = pytest.mark.django_db
LABEL = "crm.Customer"


@pytest.fixture
def customer() -> Customer:
    branch = Branch.objects.create(code="PAR", name="Paris")
    user = User.objects.create_user("ann", password="pw")
    agent = AgentProfile.objects.create(user=user, branch=branch)
    now = timezone.now()
    values = {"number": "BH1", "first_name": "Rose", "last_name": "Roi", "birth_date": now.date(), "since": now.date()}
    return Customer.objects.create(branch=branch, owner=agent, balance=1, savings=1, income=1, **values)


def noted(customer: Customer, topic: str) -> int:
    browser = Browser()
    browser.login(username="ann", password="pw")
    posted = {"channel": "PHONE", "direction": "OUT", "topic": topic, "product_code": "gold_card", "note": ""}
    response = browser.post(f"/customers/{customer.pk}/contacts/", posted)
    assert response.status_code == 302, response.content.decode()[:2000]
    return OwnOffer.objects.count()


@pytest.mark.urls("project.urls")
def test_contact__product_presented_in_shadow__is_logged_as_an_own_offer(customer: Customer) -> None:
    open_phase("shadow", now=timezone.now())
    stock(LABEL, codes=("gold_card",), now=timezone.now())
    user = User.objects.get()
    principal = Principal(key=str(user.pk), teams=("PAR",), user=user)
    assert adapter_for(LABEL).queryset().count() == 1
    assert noted(customer, "OFFER") == 0  # nothing was decided for this agent yet
    flow.record(principal, LABEL, str(customer.pk), now=timezone.now())
    assert noted(customer, "ACCOUNT") == 0
    assert noted(customer, "OFFER") == 1
    assert OwnOffer.objects.get().product == "gold_card"
