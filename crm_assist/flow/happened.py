"""What customers of a target did, by customer: what stands, and what may have been and is no no."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db.models import QuerySet
from django.db.models.functions import Coalesce

from crm_assist.decisions.models import Outcome
from crm_assist.decisions.standing import contradicted, in_force
from crm_assist.learning.models import Target
from crm_assist.types import OutcomeKind

STANDING = ("subject__merged_into__merged_into__key", "subject__merged_into__key", "subject__key")
"""Whose an outcome is: the customer's into whom its own was merged, after up to two merges in a row."""

Moments = Mapping[str, Sequence[datetime]]


@dataclass(frozen=True, kw_only=True, slots=True)
class Happened:
    """By the key of the customer who stands for the one it was told of: what happened, and what may have (`unsure`)."""

    sure: Moments
    unsure: Moments


def happened(target: Target) -> Happened:
    """When customers did what the target predicts; told as unknown or contradicted, it may have been and may not."""
    sure = _moments(of_target(in_force(), target, target.outcome))
    unsure = _moments(of_target(in_force(), target, OutcomeKind.UNKNOWN))
    for key, moments in _moments(of_target(contradicted(), target, target.outcome, OutcomeKind.UNKNOWN)).items():
        unsure[key].extend(moments)
    return Happened(sure=sure, unsure=unsure)


def of_target(rows: QuerySet[Outcome], target: Target, *kinds: str) -> QuerySet[Outcome]:
    """Those of these outcomes that are of these kinds, and of the target's customers, products and tenant."""
    rows = rows.filter(kind__in=kinds, subject__model_label=target.adapter)
    rows = rows.filter(product__in=target.products) if target.products else rows
    return rows.filter(tenant=target.tenant) if target.tenant else rows


def _moments(rows: QuerySet[Outcome]) -> defaultdict[str, list[datetime]]:
    found: defaultdict[str, list[datetime]] = defaultdict(list)
    for key, occurred_at in rows.order_by().values_list(Coalesce(*STANDING), "occurred_at").iterator():
        found[key].append(occurred_at)
    return found
