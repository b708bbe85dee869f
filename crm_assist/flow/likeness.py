"""Are the customers of today those that a card from elsewhere was learned for? Asked before a person publishes it.

A card that was learned from a column in another unit fits its features by name and kind, and scores everybody alike:
nearly all customers fall beyond its first or its last edge, or are missing to it.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Any

from crm_assist import customers, features
from crm_assist.customers import CustomerAdapter
from crm_assist.flow.payload import plain
from crm_assist.learning.findings import Finding
from crm_assist.learning.models import Target
from crm_assist.scorecards import Scorecard
from crm_assist.scorecards.binning import number_bin
from crm_assist.scorecards.errors import CardError

SAMPLE, LEAST = 300, 50
"""How many customers of today are looked at, and below how many nothing is said."""

NEARLY_ALL, FEW = 0.9, 0.5
"""A feature is unlike when this share of today's customers has the end of it that no more than so many had then."""


def unlike(card: Scorecard, target: Target, *, now: datetime) -> tuple[Finding, ...]:
    """A finding that blocks for each number of the card of which today's customers have one end alone."""
    adapter = customers.adapter_for(target.adapter)
    declared = features.declared(adapter)
    names = [part.name for part in card.parts if part.kind == "number" and part.edges and part.name in declared]
    rows = _today(adapter, target.tenant, names, now) if names else []
    return tuple(_of_each(card, names, rows)) if len(rows) >= LEAST else ()


def _today(adapter: CustomerAdapter, tenant: str, names: Sequence[str], now: datetime) -> list[dict[str, Any]]:
    """The features of some customers, the newest: they are read in the order of their keys."""
    with adapter.tenant_context(tenant):
        base = adapter.queryset().filter(adapter.tenant_filter(tenant)).order_by("-pk")[:SAMPLE]
        return [features.values_of(adapter, row, names) for row in features.rows(base, adapter, now, names)]


def _of_each(card: Scorecard, names: Sequence[str], rows: Sequence[dict[str, Any]]) -> Iterator[Finding]:
    for part in card.parts:
        if part.name not in names:
            continue
        try:
            bins = Counter(number_bin(plain(row[part.name]), part.edges, part.name) for row in rows)
        except CardError:
            continue  # a value of another kind: the check of the features tells it
        for end in (0, len(part.edges), len(part.edges) + 1):
            share, then = bins[end] / len(rows), part.share[end]
            if share >= NEARLY_ALL and then <= FEW:
                evidence = {"share": share, "then": then, "seen": len(rows)}
                yield Finding(code="unlike", severity="blocks", feature=part.name, evidence=evidence)
