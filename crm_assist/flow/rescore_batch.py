"""One batch of scores: whose, by which card, where they are kept, and which ways are open to it."""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import connections, router
from django.db.models import Exists, OuterRef, QuerySet, Subquery

from crm_assist import features
from crm_assist.customers import CustomerAdapter
from crm_assist.customers.keys import field_names, typed_column
from crm_assist.customers.models import Subject
from crm_assist.features.summing import tables
from crm_assist.flow.deciding import Serving
from crm_assist.flow.knowledge import published
from crm_assist.rollout.admission import revision_in_force
from crm_assist.scoring import exchange
from crm_assist.scoring.stored import Table, joins, scope_of, table_of
from crm_assist.signals import customer_scored

WAYS = ("auto", "swap", "in_place", "numpy")
FEW = 20_000
"""Below this many customers building a table anew is not worth it."""


class WayRefused(ValueError):
    """The batch cannot go the way that was asked for; the message says why and what to do."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Batch:
    """The customers of one tenant, to be scored by one card as of `now`."""

    adapter: CustomerAdapter
    tenant: str
    target: str
    scope: int
    """The number under which the scores are kept."""
    serving: Serving
    now: datetime
    keys: Collection[str] | None = None
    changed_only: bool = False
    confirm: Callable[[], object] | None = None
    """Called at the end of each transaction that no beat ends: raises when the work has another owner."""

    def confirmed(self) -> None:
        """Go on only if the work is still ours."""
        if self.confirm is not None:
            self.confirm()

    @property
    def table(self) -> Table:
        """Where the scores are kept."""
        return table_of(self.adapter)

    def base(self) -> QuerySet[Any]:
        """The host's customers of the tenant, or those of `keys`, each once."""
        rows = self.adapter.queryset().filter(self.adapter.tenant_filter(self.tenant))
        if len(rows.query.alias_map) > 1 or rows.query.distinct:  # a host's joins may repeat a customer
            rows = self.adapter.model._base_manager.using(rows.db).filter(pk__in=rows.order_by().values("pk"))
        if self.keys is not None:
            rows = rows.filter(**{f"{self.adapter.key_path}__in": [self.adapter.parse_key(key) for key in self.keys]})
        return rows

    def customers(self) -> QuerySet[Any]:
        """Whom to score."""
        return self._changed(self.base()) if self.changed_only and can_skip(self) else self.base()

    def _changed(self, rows: QuerySet[Any]) -> QuerySet[Any]:
        """Without those whose features the sweep has seen unchanged since this very card scored them."""
        outer = OuterRef(self.adapter.key_path)
        seen = Subject.objects.of_model(self.adapter.model_label, self.tenant).exclude(seen_hash="")
        own = seen.filter(**{typed_column(self.adapter.field()): OuterRef("key")})
        scores = self.table._default_manager.filter(scope_id=self.scope, card=self.serving.id, key=outer)
        return rows.exclude(Exists(scores.filter(scored_at__gte=Subquery(own.values("seen_at")))))


def batch_of(
    adapter: CustomerAdapter,
    tenant: str,
    *,
    now: datetime,
    keys: Collection[str] | None,
    changed_only: bool,
    confirm: Callable[[], object] | None = None,
) -> Batch | None:
    """The batch for a tenant's main target, nothing where no card serves it."""
    knowledge = published(tenant, revision_in_force())
    target = knowledge.main_target(adapter.model_label, adapter.main_target)
    serving = knowledge.cards.get((adapter.model_label, target.name)) if target else None
    if target is None or serving is None:
        return None
    return Batch(
        adapter=adapter,
        tenant=tenant,
        target=target.name,
        scope=scope_of(adapter, target=target.name, tenant=tenant),
        serving=serving,
        now=now,
        keys=keys,
        changed_only=changed_only,
        confirm=confirm,
    )


def can_skip(batch: Batch) -> bool:
    """Whether unchanged data mean an unchanged score: no feature of the card moves by time passing alone."""
    known = features.declared(batch.adapter)
    return not sql_refusal(batch) and not any(known[name].moves_with_time for name in batch.serving.card.features)


def sums_up(batch: Batch) -> bool:
    """Whether features of the card are sums of related rows."""
    return bool(tables(batch.adapter, batch.serving.card.features, features.moment(batch.now)))


def sql_refusal(batch: Batch) -> str:
    """Why the database cannot compute these scores, in words; empty when it can."""
    here, there = batch.adapter.queryset().db, router.db_for_write(batch.table)
    if here != there:
        return f"customers are in the database {here!r}, scores in {there!r}"
    if connections[there].vendor not in ("postgresql", "sqlite"):
        return f"a card has no exact form on {connections[there].vendor}"
    if field_names(batch.adapter.field()) or not joins(batch.adapter):
        return f"the key of {batch.adapter.model_label} is neither a whole number, a UUID nor a text"
    python = [name for name in batch.serving.card.features if features.is_computed(batch.adapter, name)]
    return f"{', '.join(python)}: computed in Python" if python else ""


def swap_refusal(batch: Batch) -> str:
    """Why the table cannot be exchanged, in words; empty when it can."""
    connection = connections[router.db_for_write(batch.table)]
    if batch.keys is not None or batch.changed_only:
        return "only some of the customers are to be scored"
    if connection.vendor != "postgresql":
        return f"tables are exchanged on PostgreSQL, not on {connection.vendor}"
    if customer_scored.has_listeners():
        return "somebody listens to customer_scored, and wants to be told of each customer"
    with connection.cursor() as cursor:
        return exchange.refusal(cursor, batch.table)


def way_for(batch: Batch, asked: str, *, total: int) -> str:
    """The way to go: the one asked for, or WayRefused; for `auto` the fastest that is open."""
    if asked not in WAYS:
        raise ValueError(f"way={asked!r}: choose one of {', '.join(WAYS)}.")
    if asked == "numpy":
        return asked
    refused = sql_refusal(batch)
    if refused and asked != "auto":
        raise WayRefused(f"way={asked!r}: {refused}; take way='numpy' or 'auto'.")
    if refused or asked == "in_place":
        return "numpy" if refused else asked
    small = asked == "auto" and (total < FEW or connections[router.db_for_write(batch.table)].in_atomic_block)
    refused = "not worth it here" if small else swap_refusal(batch)
    if refused and asked == "swap":
        raise WayRefused(f"way='swap': {refused}; take way='in_place' or 'auto'.")
    return "in_place" if refused else "swap"
