"""Scores in the host's lists: live on the visible page, in stored or live order, and nothing at all below `score`."""

from __future__ import annotations

import logging
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import F, QuerySet

from crm_assist import customers, features
from crm_assist.customers import CustomerAdapter
from crm_assist.flow.deciding import Serving
from crm_assist.flow.knowledge import published
from crm_assist.rollout.admission import admission as admission_of
from crm_assist.scoring.live import band
from crm_assist.scoring.ordered import by_stored
from crm_assist.scoring.stored import joins
from crm_assist.types import Phase, Principal

logger = logging.getLogger("crm_assist.flow")


@dataclass(frozen=True, kw_only=True, slots=True)
class ListScore:
    """A customer's score in a list."""

    probability: float
    band: str


def _main(principal: Principal, adapter: CustomerAdapter) -> tuple[str, Serving] | None:
    """The main target's name and card, if this person may see scores."""
    admission, revision = admission_of(principal)
    if not admission.phase.opens(Phase.SCORE):
        return None
    knowledge = published(principal.tenant, revision)
    target = knowledge.main_target(adapter.model_label, adapter.main_target)
    serving = knowledge.cards.get((adapter.model_label, target.name)) if target else None
    return (target.name, serving) if target and serving else None


def list_scores(
    principal: Principal, model_label: str, keys: Collection[str], *, now: datetime
) -> dict[str, ListScore]:
    """The live scores of the customers on a page, by key, in one statement; empty below `score`.

    Customers whom this person may not see, and those whose score fails, are left out. At most 500 keys.
    """
    adapter = customers.adapter_for(model_label)
    found = _main(principal, adapter)
    if found is None or not keys:
        return {}
    serving = found[1]
    values = [adapter.parse_key(key) for key in list(keys)[:500]]
    page = customers.visible_to(principal, adapter).filter(**{f"{adapter.key_path}__in": values})
    rows = features.annotate(page, adapter, now, names=serving.card.features)
    scores = {}
    for obj in rows:
        probability = _score(adapter, serving, obj)
        if probability is not None:
            scores[adapter.key(obj)] = ListScore(probability=probability, band=band(probability, serving.base))
    return scores


def _score(adapter: CustomerAdapter, serving: Serving, obj: Any) -> float | None:
    try:
        return serving.card.one(features.values_of(adapter, obj, names=serving.card.features))
    except Exception:  # one odd record must not empty the list
        logger.exception("A customer of %s in a list could not be scored", adapter.model_label)
        return None


def order_by_score(
    principal: Principal, queryset: QuerySet[Any], *, live: bool = False, now: datetime
) -> QuerySet[Any] | None:
    """The queryset highest score first, or None where this person may see no score: keep the host's own order then.

    By stored score it is an indexed join that leaves out the unscored; live evaluates the card for every row.
    """
    adapter = customers.adapter_for(queryset.model)
    found = _main(principal, adapter)
    if found is None:
        return None
    name, serving = found
    # A key of several columns meets no column of ours: its order is live, whatever was asked.
    if not live and joins(adapter):
        return by_stored(queryset, adapter, target=name, tenant=principal.tenant)
    expression = serving.card.expression(features.expressions(adapter, now, serving.card.features))
    ordered: QuerySet[Any] = queryset.annotate(live_score=expression)
    return ordered.order_by(F("live_score").desc(nulls_last=True), "pk")
