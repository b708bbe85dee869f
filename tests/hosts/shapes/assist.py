"""What the CRMs with unusual keys tell crm_assist."""

from __future__ import annotations

from typing import Any

from django.db.models import QuerySet

from crm_assist import customers
from crm_assist import features as f
from crm_assist.types import Consent, ConsentState, Principal
from tests.hosts.shapes.models import Dossier, Person, Policy, Seat


class Shape(customers.CustomerAdapter):
    """Everybody who is logged in sees everything here."""

    def visible(self, principal: Principal, queryset: QuerySet[Any]) -> QuerySet[Any]:
        return queryset

    def consent(self, obj: Any) -> Consent:
        return Consent(state=ConsentState.GRANTED, source="shapes")


def window(relation: str) -> Any:
    """How many rows in the 90 days before a moment."""
    return lambda at: f.count(relation, f.between("at", at - f.days(90), at))


@customers.register(Person)
class ShapePerson(Shape):
    """The key is the link to the parent table, and so is what the remarks point to."""

    features = [
        f.Age("known_for", "created", label="Known for"),
        f.Number("remarks_90d", window("remarks"), label="Remarks in 90 days"),
    ]


@customers.register(Policy)
class ShapePolicy(Shape):
    """The key is a text."""

    features = [
        f.Number("premium", "premium", label="Premium", unit="EUR", history=False),
        f.Number("claims_90d", window("claims"), label="Claims in 90 days"),
    ]


@customers.register(Seat)
class ShapeSeat(Shape):
    """The key is two columns."""

    features = [f.Number("price", "price", label="Price", unit="EUR", history=False)]


@customers.register(Dossier)
class ShapeDossier(Shape):
    """The key is a unique field, not the primary key."""

    key_field = "reference"
    features = [f.Number("steps_90d", window("steps"), label="Steps in 90 days")]
