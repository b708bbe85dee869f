"""What the host tells crm_assist: twenty plain features, and who looks after whom."""

from __future__ import annotations

from typing import Any

from django.db.models import QuerySet

from benchmarks.served.till.models import NUMBERS, TEXTS, Buyer
from crm_assist import customers
from crm_assist import features as f
from crm_assist.types import Consent, ConsentState, Principal


@customers.register(Buyer)
class TillBuyer(customers.CustomerAdapter):
    """Everything is on the row itself."""

    features = (
        *(f.Number(name, name, label=name.upper()) for name in NUMBERS),
        *(f.Category(name, name, label=name.upper()) for name in TEXTS),
        f.Age("age", "born", label="Age"),
        f.Age("customer_for", "since", label="Customer for"),
    )

    def visible(self, principal: Principal, queryset: QuerySet[Any]) -> QuerySet[Any]:
        return queryset.filter(agent=principal.key)

    def consent(self, obj: Buyer) -> Consent:
        return Consent(state=ConsentState.GRANTED, source="till")
