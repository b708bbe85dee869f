"""The desk of a request is in a header that the host's proxy sets; a desk sees its own patrons."""

from __future__ import annotations

from typing import Any

from django.db.models import QuerySet
from django.http import HttpRequest

from crm_assist import customers
from crm_assist import features as f
from crm_assist.types import Consent, ConsentState, Principal
from tests.hosts.bare.models import Patron


@customers.register(Patron)
class BarePatron(customers.CustomerAdapter):
    """Text keys, and principals that are no users."""

    features = [f.Number("balance", "balance", label="Balance", unit="EUR", history=False)]

    def principal(self, request: HttpRequest) -> Principal:
        return Principal(key=request.headers.get("X-Desk", ""))

    def visible(self, principal: Principal, queryset: QuerySet[Any]) -> QuerySet[Any]:
        return queryset.filter(desk=principal.key)

    def consent(self, obj: Patron) -> Consent:
        return Consent(state=ConsentState.GRANTED, source="form")
