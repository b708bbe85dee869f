"""What the desk's CRM tells crm_assist."""

from __future__ import annotations

from typing import Any

from django.db.models import F, Q, QuerySet

from crm_assist import customers
from crm_assist import features as f
from crm_assist.types import Consent, ConsentState, Principal, Situation, Zone
from tests.hosts.desk.models import Client


@customers.register(Client)
class DeskClient(customers.CustomerAdapter):
    """Whole-number keys; an agent sees the clients that are the agent's own."""

    features = [
        f.Number("balance", F("balance"), label="Balance", unit="EUR", rules=True, history=False, changeable=True),
        f.Category("segment", "segment", label="Segment", history=False),
        f.Flag("is_vip", "is_vip", label="VIP", history=False),
        f.Flag("is_private", Q(segment="private"), label="Private client", history=False),
        f.Age("age", "birth_date", label="Age", changeable=False),
        f.Age("tenure", "since", label="Client for"),
        f.Number("notice", "notice", label="Notice period", history=False),
        f.Number(
            "calls_90d",
            lambda at: f.count("contacts", Q(channel="phone"), f.between("at", at - f.days(90), at)),
            label="Calls in 90 days",
        ),
        f.Number(
            "minutes_90d",
            lambda at: f.total("contacts", "minutes", f.between("at", at - f.days(90), at)),
            label="Minutes in 90 days",
        ),
        f.Number(
            "orders_365d",
            lambda at: f.count("orders", f.between("at", at - f.days(365), at)),
            label="Orders in a year",
        ),
        f.Number("days_quiet", f.days_since_last("contacts", "at"), label="Days since last contact"),
    ]

    def queryset(self) -> QuerySet[Any]:
        return Client.objects.filter(is_deleted=False)

    def visible(self, principal: Principal, queryset: QuerySet[Any]) -> QuerySet[Any]:
        return queryset.filter(owner__pk=int(principal.key))

    def consent(self, obj: Client) -> Consent:
        return Consent(state=ConsentState(obj.consent), source="desk")

    def holdings(self, obj: Client) -> frozenset[str]:
        return frozenset(obj.orders.filter(closed_at=None).values_list("product", flat=True))

    def situations(self, obj: Client) -> tuple[Situation, ...]:
        return (Situation(code="bereavement", label="Bereavement", zone=Zone.TRADITIONAL),) * obj.bereaved

    def team(self, obj: Client) -> str:
        return obj.branch

    def all_teams(self, tenant: str) -> set[str]:
        return set(Client.objects.values_list("branch", flat=True))

    def is_live(self, obj: Client) -> bool:
        return not obj.closed
