"""What happens, told to those who run the site: names that stay, through Python's logging and to whoever counts.

Nothing personal is in an event: no key or name of a customer or an agent, no feature, no free text. The id of a
decision or a suggestion is, with which those who may read the log find the rest there.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any

from django.db import transaction

Listener = Callable[[str, Mapping[str, Any]], None]

logger = logging.getLogger("crm_assist.events")
faults = logging.getLogger("crm_assist")
_listeners: list[Listener] = []


@dataclass(frozen=True, kw_only=True, slots=True)
class Event:
    """One kind of thing that happens: what it means, how serious it is, and the fields it always has."""

    says: str
    fields: tuple[str, ...] = ()
    level: int = logging.INFO


FIELDS: Mapping[str, str] = {
    "about": "the `app.Model` or the target that a run is about; empty for the whole log",
    "adapter": "the kind of customer, as `app.Model`",
    "attempt": "which attempt at the run, from 1",
    "after": "the phase after",
    "before": "the phase before",
    "changed": "how many were changed",
    "count": "how many",
    "decision_id": "the decision, by its id in the log",
    "done": "how far the run is: customers, rows or targets done",
    "fallback": "`live`, `stored` or `none`: how the score came about",
    "fault": "the class of the error, never its text",
    "faults": "how many faults were found",
    "field": "the field that could not be taken, by its name",
    "format": "`csv`, `jsonl` or `parquet`",
    "hook": "the adapter's method that failed",
    "kind": "what was answered or done, or the kind of run, as a code",
    "latency_ms": "how long it took until the row was written, in milliseconds",
    "month": "a calendar month in UTC, as `2026-03`",
    "offered": "how many products were suggested",
    "percent": "percent of the team's agents who are admitted",
    "phase": "the phase in force",
    "product": "code of the product",
    "reason": "the coded reason of an answer",
    "rows": "how many rows of the log",
    "run_id": "the run of background work, by its number",
    "silence": "why nothing was suggested, as a code; empty where something was",
    "source": "who told it, as the host names it",
    "suggestion_id": "the suggestion, by its id",
    "surface": "`script`, `page` or `api`: where the answer was missing",
    "table": "the table of the log, as `app.model`",
    "target": "name of the target",
    "team": "the team, by the host's name for it; empty for all others",
    "tenant": "the tenant; empty where there is only one",
    "version": "number of the card's version",
}
"""Every field that an event may have, and what it means."""

RUN = ("tenant", "run_id", "kind", "about", "attempt", "done")

EVENTS: Mapping[str, Event] = {
    "decision.made": Event(
        says="An agent opened a customer and a decision was logged, silence included.",
        fields=("tenant", "decision_id", "phase", "silence", "offered", "fallback", "latency_ms"),
    ),
    "decision.slow": Event(
        says="A decision took `SLOW_MS` or longer.",
        fields=("tenant", "decision_id", "latency_ms"),
        level=logging.WARNING,
    ),
    "decision.displayed": Event(
        says="A browser confirmed that it showed a decision.", fields=("tenant", "decision_id")
    ),
    "log.gap": Event(
        says="A decision could not be logged; nothing was suggested.", fields=("tenant", "fault"), level=logging.ERROR
    ),
    "log.resumed": Event(says="The log can be written again; `count` decisions are missing in it.", fields=("count",)),
    "log.sealed": Event(says="Settled rows of the log were sealed.", fields=("tenant", "rows")),
    "log.verified": Event(says="A tenant's log was verified without a fault.", fields=("tenant",)),
    "month.made": Event(says="A partition for a month was made ahead of time.", fields=("table", "month")),
    "month.missing": Event(
        says="Partitions could not be made ahead of time; rows go to the partition of all other ids.",
        fields=("table",),
        level=logging.ERROR,
    ),
    "month.dropped": Event(says="Retention dropped the payloads of a whole month.", fields=("month", "rows")),
    "log.faulty": Event(says="The log is not as it was sealed.", fields=("tenant", "faults"), level=logging.CRITICAL),
    "help.away": Event(
        says="Something of ours broke; the screen said that help is away.",
        fields=("surface", "fault"),
        level=logging.ERROR,
    ),
    "hook.failed": Event(
        says="A hook of the host's adapter failed; its answer counts as unknown, which is closed.",
        fields=("adapter", "hook", "fault"),
        level=logging.ERROR,
    ),
    "help.stopped": Event(says="All help of a tenant was stopped.", fields=("tenant",), level=logging.WARNING),
    "help.restored": Event(says="The stop was lifted.", fields=("tenant",), level=logging.WARNING),
    "phase.changed": Event(says="A team moved on the ladder.", fields=("tenant", "team", "before", "after", "percent")),
    "suggestion.answered": Event(
        says="An agent answered a suggestion.",
        fields=("tenant", "suggestion_id", "decision_id", "product", "kind", "reason"),
    ),
    "suggestion.undone": Event(
        says="An agent took an answer back.", fields=("tenant", "suggestion_id", "decision_id", "product")
    ),
    "score.answered": Event(says="An agent said what the score is worth.", fields=("tenant", "decision_id", "kind")),
    "offer.noted": Event(says="An agent offered something of their own.", fields=("tenant", "decision_id", "product")),
    "outcome.recorded": Event(
        says="The host told what a customer did.", fields=("tenant", "product", "kind", "source")
    ),
    "outcomes.recorded": Event(says="The host told many outcomes; `count` were new.", fields=("source", "count")),
    "outcomes.contradicted": Event(
        says="`count` outcomes say something else than the same version did before; none of both counts.",
        fields=("tenant", "source", "count"),
        level=logging.WARNING,
    ),
    "outcomes.refused": Event(
        says="`count` outcomes could not be taken, for one on account of `field`; whoever told them was told why.",
        fields=("tenant", "source", "field", "count"),
        level=logging.WARNING,
    ),
    "outcome.settled": Event(
        says="Somebody said which of two contradicting outcomes is right.", fields=("tenant", "source")
    ),
    "outcomes.complete": Event(says="A source said until when it has told everything.", fields=("tenant", "source")),
    "target.declared": Event(says="A target was declared or changed.", fields=("tenant", "target")),
    "card.published": Event(
        says="A card serves from the next request on.", fields=("tenant", "adapter", "target", "version")
    ),
    "card.withheld": Event(
        says="A refit's card was stored as challenger: it was not better than the champion, which stays.",
        fields=("tenant", "adapter", "target", "version"),
    ),
    "card.drifted": Event(
        says="The world has moved since the card that serves learned: a refit saw `count` signs of it.",
        fields=("tenant", "adapter", "target", "version", "count"),
        level=logging.WARNING,
    ),
    "products.saved": Event(says="Products were created or changed.", fields=("tenant", "changed")),
    "rules.saved": Event(says="New versions of rules were written.", fields=("tenant", "changed")),
    "rule.withdrawn": Event(says="A rule was taken out of force.", fields=("tenant",)),
    "dossier.made": Event(says="Somebody put together a customer's dossier.", fields=("tenant", "adapter")),
    "export.started": Event(says="Somebody takes decisions out of the log.", fields=("tenant", "format")),
    "export.named": Event(
        says="They hold the keys of customers and agents instead of pseudonyms.",
        fields=("tenant", "format"),
        level=logging.WARNING,
    ),
    "run.started": Event(
        says="A process took a run of background work; from the second attempt on it goes on with it.", fields=RUN
    ),
    "run.done": Event(says="A run was done to its end.", fields=RUN),
    "run.paused": Event(says="A run was interrupted, to be gone on with.", fields=RUN, level=logging.WARNING),
    "run.failed": Event(says="A run cannot be done.", fields=(*RUN, "fault"), level=logging.ERROR),
    "customer.erased": Event(says="A customer was forgotten; `rows` payloads were erased.", fields=("adapter", "rows")),
    "erasure.deferred": Event(
        says="A customer is to be forgotten as soon as the hold is over that stands in the way.",
        fields=("adapter",),
        level=logging.WARNING,
    ),
    "hold.placed": Event(says="Data is held back from retention and erasure.", fields=("tenant",)),
    "hold.lifted": Event(
        says="A hold is over; `count` customers whose erasure it put off were forgotten.", fields=("tenant", "count")
    ),
    "customer.merged": Event(says="Two customers became one.", fields=("adapter",)),
    "customers.gone": Event(says="Customers vanished in the host.", fields=("adapter", "count")),
}
"""Every event by its name. Names and fields stay; what is new comes beside them."""


def emit(name: str, **fields: Any) -> None:
    """Tell of an event now: one log record of `crm_assist.events` with the fields in `extra`, and all listeners.

    Never raises on account of a listener. The name must be one of EVENTS, with exactly its fields.
    """
    event = EVENTS[name]
    for listener in _listeners:
        try:
            listener(name, fields)
        except Exception:
            faults.exception("crm_assist.listener_failed", extra={"event": name})
    if logger.isEnabledFor(event.level):
        told = (f"{field}={fields[field]}" for field in event.fields if fields[field] != "")
        logger.log(event.level, "%s", " ".join([name, *told]), extra={"event": name, **fields})


def emit_on_commit(name: str, **fields: Any) -> None:
    """Tell of an event once what it tells of is committed; at once outside a transaction, never after a rollback."""
    transaction.on_commit(partial(emit, name, **fields), robust=True)


def listen(listener: Listener) -> None:
    """Call `listener(name, fields)` at every event from now on; the same one twice is called once."""
    if listener not in _listeners:
        _listeners.append(listener)


def stop_listening(listener: Listener) -> None:
    """Call it no more."""
    if listener in _listeners:
        _listeners.remove(listener)
