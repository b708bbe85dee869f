"""The order of a list: by a column of the bank's own, or by score where this person may see scores."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any, TypeVar

from django.db.models import Model, QuerySet
from django.http import HttpRequest

from crm_assist import customers, flow

M = TypeVar("M", bound=Model)
BY_SCORE = {"score": False, "live": True}


def sorted_page(
    request: HttpRequest, rows: QuerySet[M], orders: Mapping[str, tuple[str, ...]], *, default: str, now: datetime
) -> tuple[QuerySet[Any], str]:
    """The rows in the order that the request asks for, and the name of that order; the default for any other.

    `score` reads the stored scores, `live` computes every one; who may see no score gets the default order.
    """
    wanted = request.GET.get("sort", default)
    if wanted in BY_SCORE:
        principal = customers.principal_of(request, customers.adapter_for(rows.model))
        by_score = flow.order_by_score(principal, rows, live=BY_SCORE[wanted], now=now)
        if by_score is not None:
            return by_score, wanted
    name = wanted if wanted in orders else default
    return rows.order_by(*orders[name]), name
