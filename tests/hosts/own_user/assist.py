"""Customers are the users who are no staff; staff see all of them."""

from __future__ import annotations

from typing import Any

from django.db.models import QuerySet

from crm_assist import customers
from crm_assist import features as f
from crm_assist.types import Consent, ConsentState, Principal
from tests.hosts.own_user.models import Human


@customers.register(Human)
class HumanCustomer(customers.CustomerAdapter):
    """The user model is the customer model."""

    features = [
        f.Number("balance", "balance", label="Balance", unit="EUR", history=False),
        f.Number(
            "purchases_90d",
            lambda at: f.count("purchases", f.between("at", at - f.days(90), at)),
            label="Purchases in 90 days",
        ),
    ]

    def queryset(self) -> QuerySet[Any]:
        return Human.objects.filter(is_staff=False)

    def visible(self, principal: Principal, queryset: QuerySet[Any]) -> QuerySet[Any]:
        return queryset if principal.user.is_staff else queryset.none()

    def consent(self, obj: Human) -> Consent:
        return Consent(state=ConsentState.GRANTED, source="terms")
