"""Which outcomes follow from which decision: of the same customer and a suggested product, and soon enough."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping
from datetime import timedelta
from uuid import UUID

from django.db.models import (
    DateTimeField,
    DurationField,
    Exists,
    ExpressionWrapper,
    OuterRef,
    Q,
    QuerySet,
    Value,
)
from django.db.models.functions import Coalesce

from crm_assist.conf import settings
from crm_assist.customers.models import Subject
from crm_assist.decisions.models import Decision, Outcome, Suggestion
from crm_assist.decisions.standing import in_force
from crm_assist.learning.models import Target
from crm_assist.recommending.catalogue import catalogue

Owned = tuple[str, str]
"""Tenant and code of a product."""


class Windows:
    """How long after a suggestion of a product an outcome follows from it: as its target declares, else the setting."""

    def __init__(self, declared: Mapping[Owned, Target]) -> None:
        self._declared = declared

    def of(self, tenant: str, product: str) -> timedelta:
        """The window of one product of a tenant."""
        target = self._declared.get((tenant, product))
        return timedelta(days=(target and target.attribution_days) or settings.ATTRIBUTION_DAYS)


def windows(tenants: Collection[str]) -> Windows:
    """The windows in force for these tenants: one statement, and one more for each where a target declares its own."""
    if not tenants:
        return Windows({})
    return Windows(targets_of_products(tenants, Target.objects.filter(attribution_days__isnull=False)))


def targets_of_products(tenants: Collection[str], among: QuerySet[Target]) -> dict[Owned, Target]:
    """By tenant and product the target that predicts it, of those in `among`."""
    rows = among.filter(Q(tenant__in=tenants) | Q(tenant=""))
    named, found = {(row.tenant, row.name): row for row in rows}, dict[Owned, Target]()
    for tenant in tenants if named else ():
        # The catalogue gives a tenant's own product before the one of all tenants: read backwards, its own stays.
        for product in reversed(list(catalogue(tenant))):
            target = named.get((tenant, product.target)) or named.get(("", product.target))
            found.pop((tenant, product.code), None)
            if target is not None:
                found[tenant, product.code] = target
    return found


def outcomes_of(rows: Collection[Decision]) -> Mapping[UUID, tuple[Outcome, ...]]:
    """By decision, what the customer did about products of the slate within their windows, oldest first.

    Corrections stand in place of mistakes, and a merged customer is the one that stays. What came later is kept in the
    log and follows from nothing. The rows need their subjects; a few statements however many there are.
    """
    ends = {row.pk: row.subject.merged_into_id or row.subject_id for row in rows}
    told = outcomes_by_customer(set(ends.values()))
    within = windows({row.tenant for row in rows} if told else ())
    return {row.pk: tuple(_following(row, told[ends[row.pk]], within)) for row in rows}


def _following(row: Decision, told: list[Outcome], within: Windows) -> Iterator[Outcome]:
    last = {product: row.at + within.of(row.tenant, product) for product in row.slate.split(",")}
    return (item for item in told if item.product in last and row.at <= item.occurred_at <= last[item.product])


def outcomes_by_customer(ends: set[int]) -> Mapping[int, list[Outcome]]:
    """The outcomes in force of these customers and of those merged into them, oldest first; two statements."""
    whose = family_of(ends)
    found: dict[int, list[Outcome]] = defaultdict(list)
    for outcome in in_force().filter(subject_id__in=list(whose)).exclude(product="").order_by("occurred_at", "id"):
        found[whose[outcome.subject_id]].append(outcome)
    return found


def count_following(tenant: str) -> int:
    """How many outcomes in force of a tenant follow from a suggestion; the others are kept and matched to none."""
    within = windows([tenant])
    by_window: dict[timedelta, list[str]] = defaultdict(list)
    offered = Suggestion.objects.filter(tenant=tenant)
    for product in offered.order_by().values_list("product", flat=True).distinct():
        by_window[within.of(tenant, product)].append(product)
    rows = in_force().filter(tenant=tenant).annotate(end=Coalesce("subject__merged_into_id", "subject_id"))
    return sum(
        rows.filter(Exists(_before(offered, window)), product__in=products).count()
        for window, products in by_window.items()
    )


def _before(offered: QuerySet[Suggestion], window: timedelta) -> QuerySet[Suggestion]:
    """The suggestions from which the outer outcome follows: of its product, to its customer under any name, in time."""
    family = Subject.objects.filter(Q(pk=OuterRef(OuterRef("end"))) | Q(merged_into=OuterRef(OuterRef("end"))))
    first = ExpressionWrapper(
        OuterRef("occurred_at") - Value(window, output_field=DurationField()), output_field=DateTimeField()
    )
    time = {"opened_at__lte": OuterRef("occurred_at"), "opened_at__gte": first}
    return offered.filter(subject__in=family.values("pk"), product=OuterRef("product"), **time)


def family_of(ends: Collection[int]) -> dict[int, int]:
    """By subject the customer who stands for it, for these customers and all who were merged into them."""
    merged = dict(Subject.objects.filter(merged_into__in=ends).values_list("pk", "merged_into"))
    return merged | {end: end for end in ends}
