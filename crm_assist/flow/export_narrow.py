"""The narrow view: one line for each decision, of the row's own columns alone; many, fast, and never changed again."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from crm_assist.decisions.models import Decision
from crm_assist.flow.export_people import RELATED, customers_named, named
from crm_assist.journal.pseudonyms import Names
from crm_assist.journal.views import PEOPLE, Column, Copied, Kind, View

COLUMNS = (
    Column(name="id", kind=Kind.ID, meaning="the decision; a UUID of version 7, which sorts by time"),
    Column(name="model", kind=Kind.TEXT, meaning="the host's kind of customer, as `app.Model`"),
    Column(
        name="customer",
        kind=Kind.TEXT,
        meaning="the customer by pseudonym, or by the host's key in an export with names; a merged customer is the one "
        "that stays; empty once erased",
    ),
    Column(
        name="agent",
        kind=Kind.TEXT,
        meaning="the agent by pseudonym, or by the key of the principal in an export with names",
    ),
    Column(name="at", kind=Kind.MOMENT, meaning="when it was made, in UTC"),
    Column(name="tenant", kind=Kind.TEXT, meaning="for which tenant; empty where there is only one"),
    Column(name="team", kind=Kind.TEXT, meaning="the agent's team, by which the agent was admitted"),
    Column(name="phase", kind=Kind.CODE, meaning="the phase in force: `shadow`, `score` or `recommend`"),
    Column(name="admission", kind=Kind.CODE, meaning="why that phase was in force, as a code"),
    Column(name="target", kind=Kind.TEXT, meaning="what the score predicts; empty without a score"),
    Column(name="probability", kind=Kind.NUMBER, meaning="the raw calibrated score, 0 to 1"),
    Column(name="card", kind=Kind.CODE, meaning="fingerprint of the card that gave the score"),
    Column(name="revision", kind=Kind.WHOLE, meaning="mark of what was published then: cards, targets, products"),
    Column(name="code_version", kind=Kind.CODE, meaning="version of crm_assist"),
    Column(name="offered", kind=Kind.WHOLE, meaning="how many products were offered"),
    Column(name="slate", kind=Kind.TEXT, meaning="codes of the products offered, best first, with commas between"),
    Column(name="silence", kind=Kind.CODE, meaning="why nothing was offered, as a code; empty where something was"),
    Column(name="fallback", kind=Kind.CODE, meaning="`live`, `stored` or `none`: how the score came about"),
    Column(name="latency_ms", kind=Kind.NUMBER, meaning="how long it took until the row was written, in milliseconds"),
)
PLAIN = tuple(column.name for column in COLUMNS if column.name not in PEOPLE)
"""The columns that are the row's own."""


def narrow_records(rows: Sequence[Decision], names: Names) -> Iterator[dict[str, Any]]:
    """One record for each decision."""
    for row in rows:
        yield {**{name: getattr(row, name) for name in PLAIN}, **named(row, names)}


NARROW = View(
    name="narrow",
    meaning="One row for each decision, silence included: what the log's own row says. It never changes, so that what "
    "was exported since a mark stays as it is.",
    model=Decision,
    columns=COLUMNS,
    records=narrow_records,
    related=RELATED,
    rows=50_000,
    copied=Copied(
        columns={name: f'"{Decision._meta.db_table}"."{name}"' for name in PLAIN},
        customers=customers_named,
    ),
)
