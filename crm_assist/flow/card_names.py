"""What people call the things that cards, targets and runs keep by code: products, kinds of customers, features."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from django.db.models import Q

from crm_assist import customers, features
from crm_assist.learning.models import Target
from crm_assist.recommending import catalogue

Features = Mapping[str, features.Feature]


@dataclass(frozen=True, kw_only=True, slots=True)
class CardNames:
    """Names in the language in force, by code; what is not here keeps its code."""

    adapters: Mapping[str, str] = field(default_factory=dict)
    """What customers of an adapter are called, by the label of their model."""
    products: Mapping[str, str] = field(default_factory=dict)
    features: Mapping[str, Features] = field(default_factory=dict)
    """The features that each adapter declares, by the label of its model."""


def adapters_called() -> dict[str, str]:
    """What the customers of each registered model are called."""
    return {label: str(one.model._meta.verbose_name_plural) for label, one in customers.adapters().items()}


def card_names(tenant: str, *, products: bool) -> CardNames:
    """The names that cards and targets of a tenant need; those of `products` cost a statement."""
    called: dict[str, str] = {}
    for row in catalogue.catalogue(tenant) if products else ():
        called.setdefault(row.code, row.text("name"))
    declared = {label: features.declared(adapter) for label, adapter in customers.adapters().items()}
    return CardNames(adapters=adapters_called(), products=called, features=declared)


def run_names(tenant: str) -> dict[str, str]:
    """What runs are about, by their code: customers of a kind, and targets of a tenant and of all."""
    targets = Target.objects.filter(Q(tenant=tenant) | Q(tenant="")).order_by("tenant")
    return {**{target.name: target.label for target in targets}, **adapters_called()}
