"""Business rules: who writes them, what they say, and whom they would leave out."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import Count
from django.utils.translation import gettext as _

from crm_assist import customers, features
from crm_assist.eligibility import rulebook
from crm_assist.eligibility.models import RuleVersion
from crm_assist.eligibility.rules.constants import how_for, wanted
from crm_assist.eligibility.rules.document import read_rule
from crm_assist.eligibility.rules.faults import RuleRefused
from crm_assist.eligibility.rules.lint import Reach, Remark, remarks
from crm_assist.eligibility.rules.query import rule_expression
from crm_assist.eligibility.rules.terms import safe
from crm_assist.eligibility.rules.tree import Rule, features_of
from crm_assist.eligibility.rules.words import sentence
from crm_assist.flow.errors import NotAllowed, require
from crm_assist.flow.rule_terms import all_terms, terms_of
from crm_assist.recommending.catalogue import catalogue
from crm_assist.recommending.models import Product
from crm_assist.registry import NotRegistered
from crm_assist.rollout import moves
from crm_assist.types import Principal

READERS = ("change_rules", "change_product_catalogue", "view_log")
"""Any of these permissions opens the rulebook to read."""


class RuleNotFound(LookupError):
    """No such rule for this person; whether it exists for others is not told."""


@dataclass(frozen=True, kw_only=True, slots=True)
class RuleView:
    """One version of a rule with its sentence, in the language in force; empty where it cannot be read today."""

    version: RuleVersion
    sentence: str

    @property
    def is_readable(self) -> bool:
        """Whether the rule can be asked; if not, it closes what it concerns."""
        return bool(self.sentence)


@dataclass(frozen=True, kw_only=True, slots=True)
class Effect:
    """What a rule would do today: its sentence, whom it keeps, and what is to be thought over."""

    sentence: str
    reach: Reach
    remarks: tuple[Remark, ...]


def rules(principal: Principal, *, search: str = "", start: int = 0, most: int = 500) -> tuple[RuleView, ...]:
    """The newest version of each rule of the person's tenant and of all tenants, withdrawn ones too, by code."""
    _may_read(principal)
    rows = RuleVersion.objects.known_to(principal.tenant).newest()
    rows = rows.filter(code__icontains=search) if search else rows
    return tuple(_viewed(row) for row in rows[start : start + most])


def rule_versions(principal: Principal, code: str, *, most: int = 100) -> tuple[RuleView, ...]:
    """Every version of one rule, the newest first; RuleNotFound where there is none."""
    _may_read(principal)
    rows = RuleVersion.objects.known_to(principal.tenant).filter(code=code).order_by("-tenant", "-version")[:most]
    found = tuple(_viewed(row) for row in rows)
    if not found:
        raise RuleNotFound
    return found


def ruled_products(principal: Principal, *, most: int = 500) -> tuple[Product, ...]:
    """The products that a rule can concern, by code, for whoever may read the rulebook."""
    _may_read(principal)
    return tuple(catalogue(principal.tenant)[:most])


def save_rules(principal: Principal, rows: Iterable[Mapping[str, Any]], *, reason: str, now: datetime) -> int:
    """Write new versions of rules of the person's tenant by code, all or none; says how many.

    Raises NotAllowed, BadMove for want of a reason, or ValidationError by field.
    """
    require(principal, "change_rules")
    why, given = moves.reason_given(reason), [dict(row) for row in rows]
    _check_scopes(principal.tenant, given)
    with transaction.atomic():
        moves.bump_revision(now=now)  # first: it locks, so that two editors wait for each other
        return rulebook.save_rules(
            tenant=principal.tenant, rows=given, terms=all_terms(), by=principal.key, reason=why, now=now
        )


def withdraw_rule(principal: Principal, code: str, *, reason: str, now: datetime) -> RuleVersion:
    """Take a rule of the person's tenant out of force; NotAllowed, BadMove or ValidationError, and nothing changes."""
    require(principal, "change_rules")
    why = moves.reason_given(reason)
    with transaction.atomic():
        moves.bump_revision(now=now)
        return rulebook.withdraw_rule(tenant=principal.tenant, code=code, by=principal.key, reason=why, now=now)


def rule_effect(principal: Principal, *, adapter: str, document: object, now: datetime) -> Effect:
    """Whom a rule would keep and leave out today, over the tenant's whole base, in one query.

    Raises NotAllowed, or ValidationError by field; nothing is written.
    """
    require(principal, "change_rules")
    try:
        known = customers.adapter_for(adapter)
        terms = terms_of(known)
        rule = read_rule(document, terms)
    except NotRegistered as error:
        words = {"value": adapter[:100], "known": ", ".join(sorted(customers.adapters())) or "-"}
        message = _("“%(value)s” is no kind of customer here; use one of: %(known)s.") % words
        raise ValidationError({"adapter": message}) from error
    except RuleRefused as refused:
        faults = [f"{fault.path}: {fault.message}" for fault in refused.faults]
        raise ValidationError({"document": faults}) from refused
    reach = reach_of(rule, known, tenant=principal.tenant, now=now)
    return Effect(sentence=sentence(rule, terms), reach=reach, remarks=remarks(rule, terms, reach))


@dataclass(frozen=True, kw_only=True, slots=True)
class SafeFeature:
    """A feature that rules may use, in words: what it is called, and what it is compared by and with."""

    name: str
    label: str
    comparisons: str
    wanted: str


@dataclass(frozen=True, kw_only=True, slots=True)
class RuledKind:
    """A kind of customer with what rules may ask of it."""

    label: str
    name: str
    features: tuple[SafeFeature, ...]


def rule_features(principal: Principal) -> tuple[RuledKind, ...]:
    """What rules may ask, by kind of customer, those of whom nothing may be asked last; in the language in force."""
    require(principal, "change_rules")
    kinds = [_kind(label, adapter) for label, adapter in customers.adapters().items()]
    return tuple(sorted(kinds, key=lambda kind: (not kind.features, kind.label)))


def _kind(label: str, adapter: customers.CustomerAdapter) -> RuledKind:
    terms = terms_of(adapter)
    found = (
        SafeFeature(
            name=name,
            label=str(terms[name].label),
            comparisons=" ".join(how_for(terms[name].kind)),
            wanted=wanted(terms[name].kind),
        )
        for name in safe(terms)
    )
    return RuledKind(label=label, name=str(adapter.model._meta.verbose_name), features=tuple(found))


def reach_of(rule: Rule, adapter: customers.CustomerAdapter, *, tenant: str, now: datetime) -> Reach:
    """How many customers of the tenant the rule keeps, leaves out and cannot tell of: one query."""
    with adapter.tenant_context(tenant):
        base = adapter.queryset().filter(adapter.tenant_filter(tenant))
        holds = rule_expression(rule, features.expressions(adapter, now, features_of(rule)))
        counted = base.order_by().annotate(assist_holds=holds).values("assist_holds").annotate(assist_n=Count("pk"))
        found = {row["assist_holds"]: row["assist_n"] for row in counted}
    return Reach(kept=found.get(True, 0), removed=found.get(False, 0), unknown=found.get(None, 0))


def _may_read(principal: Principal) -> None:
    if not any(principal.may(permission) for permission in READERS):
        raise NotAllowed(READERS[0])


def _viewed(row: RuleVersion) -> RuleView:
    try:
        terms = terms_of(customers.adapter_for(row.adapter))
        return RuleView(version=row, sentence=sentence(read_rule(row.document, terms), terms))
    except (NotRegistered, RuleRefused):
        return RuleView(version=row, sentence="")


def _check_scopes(tenant: str, rows: list[dict[str, Any]]) -> None:
    """ValidationError for a product or group that is not in the catalogue: the rule would concern nothing."""
    wanted = {name: {str(row.get(name) or "") for row in rows} for name in ("product", "group")}
    if not any(found - {""} for found in wanted.values()):
        return
    known = catalogue(tenant).values_list("code", "group")
    have = {"product": {code for code, _group in known}, "group": {group for _code, group in known}}
    for name, found in wanted.items():
        for value in sorted(found - have[name] - {""}):
            message = _("“%(value)s” is not in the catalogue.") % {"value": value[:60]}
            raise ValidationError({name: message})
