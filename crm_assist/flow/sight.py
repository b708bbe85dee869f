"""The scores of one kind of customer for one person on one page: asked once, for cells, order and filter alike."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import router
from django.db.models import QuerySet

from crm_assist import customers
from crm_assist.customers import CustomerAdapter
from crm_assist.flow.deciding import Serving
from crm_assist.flow.lists import ListScore, main_of, page_scores
from crm_assist.scoring.live import BANDS, band_range
from crm_assist.scoring.ordered import by_stored
from crm_assist.scoring.stored import joins, rows_of, table_of
from crm_assist.types import Principal


@dataclass(frozen=True, kw_only=True, slots=True)
class ListSight:
    """What one person may see of the scores of one kind of customer."""

    principal: Principal
    adapter: CustomerAdapter
    target: str
    serving: Serving

    @property
    def can_order(self) -> bool:
        """Whether stored scores can be joined to the customers: one key column, one database."""
        ours = router.db_for_read(table_of(self.adapter)) == router.db_for_read(self.adapter.model)
        return ours and joins(self.adapter)

    @property
    def sees_all(self) -> bool:
        """Whether no customer is hidden from the person: a superuser where there is one tenant."""
        return self.principal.is_superuser and not self.adapter.tenant_filter(self.principal.tenant)

    def scores(self, keys: Collection[str], *, now: datetime) -> dict[str, ListScore]:
        """As `list_scores`, without asking again what the person may see."""
        return page_scores(self.principal, self.adapter, self.serving, keys, now=now)

    def joined(self, queryset: QuerySet[Any]) -> QuerySet[Any]:
        """The visible, scored customers of a queryset, annotated `stored_score` and highest first: an indexed join."""
        return by_stored(self._visible(queryset), self.adapter, target=self.target, tenant=self.principal.tenant)

    def scored(self, queryset: QuerySet[Any], *, band: str = "") -> QuerySet[Any]:
        """The same customers, or those of one band, in the queryset's own order: safe to count, update and combine."""
        stored = rows_of(self.adapter, target=self.target, tenant=self.principal.tenant)
        if band in BANDS:
            first, end = band_range(band, self.serving.base)
            stored = stored.filter(probability__gte=first)
            stored = stored.filter(probability__lt=end) if end < 1 else stored
        keys = stored.values("key")
        return self._visible(queryset).filter(**{f"{self.adapter.key_path}__in": keys})

    def _visible(self, queryset: QuerySet[Any]) -> QuerySet[Any]:
        # The order and the filter of a list must not tell of customers whose score the person may not see.
        told = queryset.exclude(self.adapter.silent_filter())
        if self.sees_all:
            return told
        seen = customers.visible_to(self.principal, self.adapter).using(queryset.db)
        return told.filter(pk__in=seen.values("pk"))


def list_sight(principal: Principal, model_label: str) -> ListSight | None:
    """What this person may see of the scores in lists, or None below `score` and where no card is published."""
    adapter = customers.adapter_for(model_label)
    found = main_of(principal, adapter)
    if found is None:
        return None
    target, serving = found
    return ListSight(principal=principal, adapter=adapter, target=target, serving=serving)
