"""Which outcomes follow from which decision: of the same customer and a suggested product, and soon enough."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping
from datetime import timedelta
from uuid import UUID

from crm_assist.conf import settings
from crm_assist.customers.models import Subject
from crm_assist.decisions.models import Decision, Outcome


def outcomes_of(rows: Collection[Decision]) -> Mapping[UUID, tuple[Outcome, ...]]:
    """By decision, what the customer did about products of the slate within `ATTRIBUTION_DAYS`, oldest first.

    Corrections stand in place of mistakes, and a merged customer is the one that stays. What came later is kept in the
    log and follows from nothing. The rows need their subjects; two statements however many there are.
    """
    ends = {row.pk: row.subject.merged_into_id or row.subject_id for row in rows}
    told = _by_customer(set(ends.values()))
    return {row.pk: tuple(_following(row, told[ends[row.pk]])) for row in rows}


def _following(row: Decision, told: list[Outcome]) -> Iterator[Outcome]:
    products, last = row.slate.split(","), row.at + timedelta(days=settings.ATTRIBUTION_DAYS)
    return (item for item in told if item.product in products and row.at <= item.occurred_at <= last)


def _by_customer(ends: set[int]) -> Mapping[int, list[Outcome]]:
    """The outcomes in force of these customers and of those merged into them, oldest first."""
    merged = dict(Subject.objects.filter(merged_into__in=ends).values_list("pk", "merged_into"))
    whose = merged | {end: end for end in ends}
    outcomes = list(Outcome.objects.filter(subject_id__in=list(whose)).order_by("occurred_at", "id"))
    mistaken = {outcome.corrects for outcome in outcomes}
    found: dict[int, list[Outcome]] = defaultdict(list)
    for outcome in outcomes:
        if outcome.pk not in mistaken and outcome.product:
            found[whose[outcome.subject_id]].append(outcome)
    return found
