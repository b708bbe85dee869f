"""A host's list highest score first; in the host's own order below `score`, and while help is away."""

from __future__ import annotations

import logging
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import Case, Exists, F, FloatField, OuterRef, QuerySet, Value, When
from django.utils.translation import gettext as _

from crm_assist import customers, features
from crm_assist.flow.shielding import savepoint
from crm_assist.flow.sight import ListSight, list_sight
from crm_assist.scoring.stored import rows_of
from crm_assist.types import Principal

logger = logging.getLogger("crm_assist.flow")


@dataclass(frozen=True, kw_only=True, slots=True)
class ScoreOrder:
    """The rows to show, whether they stand by score, and what to tell the reader when help is away."""

    queryset: QuerySet[Any]
    by_score: bool = False
    note: str = ""


def score_order(principal: Principal, queryset: QuerySet[Any], *, live: bool = False, now: datetime) -> ScoreOrder:
    """The queryset highest score first; unchanged where this person may see no score, or when help is away.

    By stored score it is an indexed join that leaves out the unscored; live evaluates the card for every row, the
    unscored last. Customers whom this person may not see or whom the adapter's `silent_filter` names count as
    unscored, whatever the queryset holds. Nothing of ours that is broken reaches the host: a failure is logged, and
    `note` says that the order is the host's own.
    """
    adapter = customers.adapter_for(queryset.model)
    try:
        with savepoint():
            sight = list_sight(principal, adapter.model_label)
            ordered = None if sight is None else _ordered(sight, queryset, live, now)
    except Exception:
        logger.exception("crm_assist.order_failed")
        note = _("The order by score is away for the moment: this list stands in its own order.")
        return ScoreOrder(queryset=queryset, note=note)
    return ScoreOrder(queryset=queryset) if ordered is None else ScoreOrder(queryset=ordered, by_score=True)


def order_by_score(
    principal: Principal, queryset: QuerySet[Any], *, live: bool = False, now: datetime
) -> QuerySet[Any] | None:
    """The queryset of `score_order`, or None where the host's own order stays."""
    order = score_order(principal, queryset, live=live, now=now)
    return order.queryset if order.by_score else None


def _ordered(sight: ListSight, queryset: QuerySet[Any], live: bool, now: datetime) -> QuerySet[Any]:
    # Where no stored score can be joined the order is live, whatever was asked.
    if live or not sight.can_order:
        return _live(sight, queryset, now)
    _ask_for_stored(sight)
    return sight.joined(queryset)


def _live(sight: ListSight, queryset: QuerySet[Any], now: datetime) -> QuerySet[Any]:
    card, adapter = sight.serving.card, sight.adapter
    score = card.expression(features.expressions(adapter, now, card.features))
    silent = When(adapter.silent_filter(), then=Value(None, output_field=FloatField()))
    if sight.sees_all:
        shown = Case(silent, default=score, output_field=FloatField())
    else:
        # Looked up row by row: a list of those who may be seen is too long to be kept beside a million rows.
        seen = customers.visible_to(sight.principal, adapter).using(queryset.db).filter(pk=OuterRef("pk"))
        shown = Case(silent, When(Exists(seen), then=score), output_field=FloatField())
    ordered: QuerySet[Any] = queryset.annotate(live_score=shown)
    return ordered.order_by(F("live_score").desc(nulls_last=True), "pk")


def _ask_for_stored(sight: ListSight) -> None:
    """Read the first of the stored scores: the host evaluates the list later, where no failure can be held back."""
    rows = rows_of(sight.adapter, target=sight.target, tenant=sight.principal.tenant)
    list(rows.order_by("-probability").values_list("probability", "key")[:1])
