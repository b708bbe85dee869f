"""The declared features as business rules see them, and the rules that are read with them."""

from __future__ import annotations

from collections.abc import Collection, Mapping

from crm_assist import customers, features
from crm_assist.customers import CustomerAdapter
from crm_assist.eligibility import rulebook
from crm_assist.eligibility.rules.applying import LiveRule, again, live
from crm_assist.eligibility.rules.terms import Barred, Kind, Term, Terms
from crm_assist.features import Age, Category, Feature, Flag
from crm_assist.features.computed import is_computed


def terms_of(adapter: CustomerAdapter) -> dict[str, Term]:
    """Every feature of the adapter as a term; those that no rule may use say why."""
    return {name: _term(adapter, feature) for name, feature in features.declared(adapter).items()}


def all_terms() -> dict[str, Terms]:
    """The terms of every registered adapter, by its model."""
    return {label: terms_of(adapter) for label, adapter in customers.adapters().items()}


def live_rules(tenant: str) -> tuple[LiveRule, ...]:
    """The rules in force of a tenant, read; those that cannot be read close what they concern."""
    known = all_terms()
    return tuple(live(facts, known.get(facts.adapter, {})) for facts in rulebook.in_force(tenant))


def rules_then(ids: Mapping[str, str], unread: Collection[str]) -> tuple[LiveRule, ...] | None:
    """The rules as a decision of the past asked them, by the ids of their versions; None where one is not there."""
    found = rulebook.versions(ids.values())
    if len(found) < len(ids):
        return None
    return tuple(again(facts, is_readable=facts.code not in unread) for facts in found)


def _term(adapter: CustomerAdapter, feature: Feature) -> Term:
    return Term(
        name=feature.name,
        kind=_kind(feature),
        label=feature.label,
        words=feature.display,
        names=feature.labels if isinstance(feature, Category) else {},
        barred=_barred(adapter, feature),
    )


def _kind(feature: Feature) -> Kind:
    if isinstance(feature, Category):
        return Kind.NAME
    if isinstance(feature, Flag):
        return Kind.YES_NO
    return Kind.AGE if isinstance(feature, Age) else Kind.NUMBER


def _barred(adapter: CustomerAdapter, feature: Feature) -> Barred | None:
    if feature.sensitive:
        return Barred.SENSITIVE
    if is_computed(adapter, feature.name):
        return Barred.COMPUTED
    return None if feature.rules else Barred.NOT_DECLARED
