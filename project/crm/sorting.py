"""The order of a list: by a column of the bank's own, or by score where this person may see scores."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import QuerySet
from django.http import HttpRequest

from crm_assist import customers, flow

BY_SCORE = {"score": False, "live": True}


@dataclass(frozen=True, kw_only=True, slots=True)
class Sorted:
    """The rows, the name of the order they stand in, and a note where that is not the one asked for."""

    rows: QuerySet[Any]
    sort: str
    note: str = ""


def sorted_page(
    request: HttpRequest, rows: QuerySet[Any], orders: Mapping[str, tuple[str, ...]], *, default: str, now: datetime
) -> Sorted:
    """The rows in the order that the request asks for; in the default order for any that is not known.

    `score` reads the stored scores, `live` computes every one; who may see no score gets the default order.
    """
    wanted = request.GET.get("sort", default)
    name = wanted if wanted in orders else default
    own = rows.order_by(*orders[name])
    if wanted not in BY_SCORE:
        return Sorted(rows=own, sort=name)
    principal = customers.principal_of(request, customers.adapter_for(rows.model))
    order = flow.score_order(principal, own, live=BY_SCORE[wanted], now=now)
    return Sorted(rows=order.queryset, sort=wanted if order.by_score else name, note=order.note)
