"""Scores in the host's lists: live on the visible page, in stored or live order, and nothing at all below `score`."""

from __future__ import annotations

import logging
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import router
from django.db.models import F, QuerySet

from crm_assist import customers, features
from crm_assist.customers import CustomerAdapter
from crm_assist.customers.keys import field_names, typed_column
from crm_assist.flow.deciding import Serving
from crm_assist.flow.knowledge import published
from crm_assist.rollout.admission import admission as admission_of
from crm_assist.scoring.live import band
from crm_assist.scoring.models import LatestScore
from crm_assist.scoring.stored import by_stored
from crm_assist.types import Phase, Principal

logger = logging.getLogger("crm_assist.flow")
MOST_KEYS = 500


@dataclass(frozen=True, kw_only=True, slots=True)
class ListScore:
    """A customer's score in a list."""

    probability: float
    band: str


@dataclass(frozen=True, kw_only=True, slots=True)
class ListSight:
    """What one person may see of the scores of one kind of customer, asked once for a whole page."""

    principal: Principal
    adapter: CustomerAdapter
    target: str
    serving: Serving

    @property
    def can_order(self) -> bool:
        """Whether stored scores can be joined to the customers: one key column, one database."""
        ours = router.db_for_read(LatestScore) == router.db_for_read(self.adapter.model)
        return ours and not field_names(self.adapter.field())

    def scores(self, keys: Collection[str], *, now: datetime) -> dict[str, ListScore]:
        """The live scores of at most 500 customers by key, in one statement; the invisible and failed are left out."""
        values = [self.adapter.parse_key(key) for key in list(keys)[:MOST_KEYS]]
        page = customers.visible_to(self.principal, self.adapter).filter(**{f"{self.adapter.key_path}__in": values})
        scores = {}
        for obj in features.annotate(page, self.adapter, now, names=self.serving.card.features) if values else ():
            probability = _score(self.adapter, self.serving, obj)
            if probability is not None:
                found = ListScore(probability=probability, band=band(probability, self.serving.base))
                scores[self.adapter.key(obj)] = found
        return scores

    def joined(self, queryset: QuerySet[Any]) -> QuerySet[Any]:
        """The visible, scored customers of a queryset, annotated `stored_score` and highest first: an indexed join."""
        return by_stored(
            self._visible(queryset),
            target=self.target,
            model_label=self.adapter.model_label,
            field=self.adapter.field(),
            copy=typed_column(self.adapter.field()),
            tenant=self.principal.tenant,
        )

    def scored(self, queryset: QuerySet[Any], *, band: str = "") -> QuerySet[Any]:
        """The same customers, or those of one band, in the queryset's own order: safe to count, update and combine."""
        stored = LatestScore.objects.filter(
            target=self.target, tenant=self.principal.tenant, model_label=self.adapter.model_label
        )
        stored = stored.filter(band=band) if band else stored
        keys = stored.values(typed_column(self.adapter.field()))
        return self._visible(queryset).filter(**{f"{self.adapter.key_path}__in": keys})

    def _visible(self, queryset: QuerySet[Any]) -> QuerySet[Any]:
        # The order and the filter of a list must not tell of customers whose score the person may not see.
        if self.principal.is_superuser and not self.adapter.tenant_filter(self.principal.tenant):
            return queryset
        return queryset.filter(pk__in=customers.visible_to(self.principal, self.adapter).values("pk"))


def list_sight(principal: Principal, model_label: str) -> ListSight | None:
    """What this person may see of scores in lists, or None below `score` and where no card is published."""
    adapter = customers.adapter_for(model_label)
    admission, revision = admission_of(principal)
    if not admission.phase.opens(Phase.SCORE):
        return None
    knowledge = published(principal.tenant, revision)
    target = knowledge.main_target(adapter.model_label, adapter.main_target)
    serving = knowledge.cards.get((adapter.model_label, target.name)) if target else None
    if target is None or serving is None:
        return None
    return ListSight(principal=principal, adapter=adapter, target=target.name, serving=serving)


def list_scores(
    principal: Principal, model_label: str, keys: Collection[str], *, now: datetime
) -> dict[str, ListScore]:
    """The live scores of the customers on a page, by key, in one statement; empty below `score`.

    Customers whom this person may not see, and those whose score fails, are left out. At most 500 keys.
    """
    sight = list_sight(principal, model_label)
    return sight.scores(keys, now=now) if sight else {}


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
    sight = list_sight(principal, adapter.model_label)
    if sight is None:
        return None
    # A key of several columns meets none of our columns: its order is live, whatever was asked.
    if not live and not field_names(adapter.field()):
        return by_stored(
            queryset,
            target=sight.target,
            model_label=adapter.model_label,
            field=adapter.field(),
            copy=typed_column(adapter.field()),
            tenant=principal.tenant,
        )
    expression = sight.serving.card.expression(features.expressions(adapter, now, sight.serving.card.features))
    ordered: QuerySet[Any] = queryset.annotate(live_score=expression)
    return ordered.order_by(F("live_score").desc(nulls_last=True), "pk")
