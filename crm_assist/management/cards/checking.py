"""Whether a card is sound: it loads, its golden rows hold, its adapter has its features, and every execution agrees."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from importlib.util import find_spec
from typing import Any

from crm_assist import customers, features
from crm_assist.customers import CustomerAdapter
from crm_assist.flow.card_roles import purpose_of
from crm_assist.learning.models import Target
from crm_assist.management.cards.choosing import Chosen
from crm_assist.management.doctor.finding import Finding, block, good, note
from crm_assist.scorecards import CardError, Scorecard
from crm_assist.scorecards.document import MAX_BYTES
from crm_assist.scorecards.purposes import check_purpose
from crm_assist.scorecards.scorecard import GOLDEN_TOLERANCE

LARGE_BYTES = MAX_BYTES // 10
"""A card beyond this is read slowly in every process."""


def examined(one: Chosen, *, sample: int, now: datetime) -> Iterator[Finding]:
    """Every finding about a card; the executions are compared on up to `sample` customers as of now."""
    try:
        card = one.card()
    except CardError as error:
        yield block(f"it does not load: {error}", "Take the card again from its source, or fit it again.", ends=True)
        return
    yield good(f"it loads; fingerprint {card.digest[:12]}")
    yield _golden(card)
    yield _size(card, one.text)
    if one.row is not None:
        yield from _row(one, card)
    adapter = customers.adapters().get(one.adapter or card.purpose.adapter)
    if adapter is None:
        name = one.adapter or card.purpose.adapter
        why = f"{name} is not registered" if name else "it names none"
        told = f"its features were not compared with an adapter: {why}"
        todo = "Name a registered model with --adapter app.Model."
        yield note(told, todo) if one.row is None else block(told, todo)
        return
    fitting = _features(card, adapter)
    yield fitting
    if not fitting.blocks:
        yield from _agreement(card, adapter, sample=sample, now=now)


def _golden(card: Scorecard) -> Finding:
    # Loading has tried them: whoever is here has rows that hold.
    if card.golden:
        return good(f"{len(card.golden)} golden rows hold to {GOLDEN_TOLERANCE:g}")
    return note("it has no golden rows, so that nothing is tried when it is loaded", "Fit it with this version.")


def _size(card: Scorecard, text: str) -> Finding:
    size = len(text.encode())
    told = f"{size / 1024:,.1f} KiB, {len(card.parts)} features, {sum(part.size for part in card.parts)} bins"
    if size > LARGE_BYTES:
        return note(f"it is large: {told}", "Leave out categories with many values, or pool them before the fit.")
    return good(told)


def _row(one: Chosen, card: Scorecard) -> Iterator[Finding]:
    """Whether the stored version is that of its row, and of its target as it is declared now."""
    row = one.row
    assert row is not None
    if row.digest != card.digest:
        yield block(
            f"its row says fingerprint {row.digest[:12]}, its text gives {card.digest[:12]}",
            "Verify the log with crm_assist_log verify, and restore an earlier version.",
        )
    target = Target.objects.filter(tenant=row.tenant, name=row.target).first()
    if target is None:
        yield note(f"target {row.target} is no longer declared", "Declare it again, or retire the card.")
        return
    try:
        check_purpose(card.purpose, purpose_of(target))
    except CardError as error:
        yield block(str(error), f"Run crm_assist_fit {target.name}.")
    else:
        yield good(f"its purpose is that of target {target.name}: {target.purpose}")


def _features(card: Scorecard, adapter: CustomerAdapter) -> Finding:
    declared = features.declared(adapter).values()
    try:
        card.check_features({one.name: one.kind for one in declared}, [one.name for one in declared if one.sensitive])
    except CardError as error:
        return block(f"{adapter.model_label}: {error}", "Declare the feature in assist.py, or fit the card again.")
    return good(f"{adapter.model_label} declares all {len(card.parts)} features, of the same kinds")


def _agreement(card: Scorecard, adapter: CustomerAdapter, *, sample: int, now: datetime) -> Iterator[Finding]:
    """One record in Python against the batch in NumPy and the expression in SQL, on customers as they are."""
    obstacle = next((name for name in card.features if features.is_computed(adapter, name)), "")
    queryset = adapter.queryset().order_by("pk")
    if not obstacle:
        columns = features.expressions(adapter, features.moment(now), card.features)
        queryset = queryset.annotate(assist_probability=card.expression(columns))
    rows = features.rows(queryset[: max(0, sample)], adapter, now, card.features)
    values = [features.values_of(adapter, row, card.features) for row in rows]
    if not values:
        yield note("no customer to compare the executions on", "Try again when there are customers.")
        return
    single = [card.one(row) for row in values]
    if find_spec("numpy"):
        batch = card.probability({name: [row[name] for row in values] for name in card.features})
        yield _compared("batch", single, batch.tolist())
    else:
        yield note("the batch was not compared: NumPy is not installed", "Install crm-assist[learn] to compare it.")
    if obstacle:
        yield note(f"SQL was not compared: feature {obstacle!r} is computed in Python", "Nothing: batches score it.")
    else:
        yield _compared("SQL", single, [row.assist_probability for row in rows])


def _compared(name: str, single: list[float], others: list[Any]) -> Finding:
    apart = [abs(one - other) for one, other in zip(single, others, strict=True)]
    told = f"row and {name} differ by at most {max(apart):.1e} on {len(apart):,} customers"
    if max(apart) <= GOLDEN_TOLERANCE:
        return good(told)
    return block(told, "Report it with the versions of Python, NumPy and the database; do not serve this card.")
