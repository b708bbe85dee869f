"""What the guilds' CRM tells crm_assist: every guild is a tenant."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from typing import Any

from django.db.models import Q, QuerySet
from django.http import HttpRequest

from crm_assist import customers
from crm_assist import features as f
from crm_assist.types import Consent, ConsentState, Principal
from tests.hosts.guild.models import Guild, Member

CONTEXTS: list[str] = []
"""The tenants whose context was entered, as a row-level security variable would see it."""


@customers.register(Member)
class GuildMember(customers.CustomerAdapter):
    """UUID keys; carers see their members, within their guild."""

    features = [
        f.Number("fee", "fee", label="Fee", unit="EUR", history=False),
        f.Number(
            "visits_90d",
            lambda at: f.count("visits", f.between("at", at - f.days(90), at)),
            label="Visits in 90 days",
        ),
    ]

    def principal(self, request: HttpRequest) -> Principal:
        principal = super().principal(request)
        profile = getattr(principal.user, "guild_profile", None)
        return replace(principal, tenant=profile.guild.code) if profile else principal

    def visible(self, principal: Principal, queryset: QuerySet[Any]) -> QuerySet[Any]:
        return queryset.filter(carers__user__pk=int(principal.key))

    def consent(self, obj: Member) -> Consent:
        return Consent(state=ConsentState.GRANTED, source="guild")

    def tenant(self, obj: Member) -> str:
        return obj.guild.code

    def tenant_filter(self, tenant: str) -> Q:
        return Q(guild__code=tenant)

    def all_tenants(self) -> list[str]:
        return list(Guild.objects.values_list("code", flat=True))

    @contextmanager
    def tenant_context(self, tenant: str) -> Iterator[None]:
        CONTEXTS.append(tenant)
        yield
