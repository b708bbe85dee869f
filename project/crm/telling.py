"""What the bank's own forms tell crm_assist; a bank's page never fails for it."""

from __future__ import annotations

import logging

from django.db import transaction
from django.http import HttpRequest
from django.utils import timezone

from crm_assist import customers, flow
from project.crm.choices import Topic
from project.crm.models import Customer

logger = logging.getLogger("project.crm")


def tell_offer(request: HttpRequest, customer: Customer, *, topic: str, product: str) -> None:
    """A product that the agent presented by own judgement: the baseline for a machine that is in shadow."""
    if topic != Topic.OFFER or not product:
        return
    label = Customer._meta.label
    try:
        principal = customers.principal_of(request, customers.adapter_for(label))
        with transaction.atomic():
            flow.own_offer_told(principal, label, str(customer.pk), product=product, now=timezone.now())
    except Exception:
        logger.exception("An offer could not be told to crm_assist")
