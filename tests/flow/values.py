"""Hypothesis strategies for everything that a decision depends on, unknown facts included."""

from __future__ import annotations

from datetime import UTC, datetime

from hypothesis import strategies as st

from crm_assist.flow.deciding import Inputs, Stored
from crm_assist.types import (
    Consent,
    ConsentState,
    CustomerFacts,
    PastSuggestion,
    Phase,
    Policy,
    ProductFacts,
    Situation,
    Snapshot,
    Zone,
)

ADAPTER = "bank.Customer"
CODES = ("deposit", "card", "loan", "fund", "cover")
TARGETS = ("orders", "wants_deposit", "wants_card")
STATES = ("open", "accepted", "later", "rejected", "dismissed", "escalated", "expired", "withdrawn")

TEXTS = st.text(st.characters(exclude_categories=["Cs"]), max_size=12)
MOMENTS = st.datetimes(datetime(2025, 6, 1), datetime(2026, 12, 31), timezones=st.just(UTC))
PROBABILITIES = st.floats(0, 1)
CONSENTS = st.builds(Consent, state=st.sampled_from(list(ConsentState)), source=TEXTS, at=st.none() | MOMENTS)
SITUATIONS = st.builds(
    Situation,
    code=TEXTS,
    label=TEXTS,
    zone=st.sampled_from(list(Zone)),
    since=st.none() | st.dates() | MOMENTS,
)
FACTS = st.builds(
    CustomerFacts,
    consent=st.none() | CONSENTS,
    holdings=st.none() | st.frozensets(st.sampled_from(CODES)),
    situations=st.none() | st.lists(SITUATIONS, max_size=2).map(tuple),
    team=TEXTS,
    is_live=st.booleans(),
)
PRODUCTS = st.builds(
    ProductFacts,
    code=st.sampled_from(CODES),
    version=st.integers(1, 9),
    adapter=st.sampled_from(["", ADAPTER, "bank.Company"]),
    target=st.sampled_from([*TARGETS, "unpublished"]),
    value=st.floats(0, 1e6),
    group=TEXTS,
    valid_from=MOMENTS,
    valid_until=st.none() | MOMENTS,
)
HISTORIES = st.lists(
    st.builds(
        PastSuggestion,
        product=st.sampled_from(CODES),
        state=st.sampled_from(STATES),
        opened_at=MOMENTS,
        answered_at=st.none() | MOMENTS,
        until=st.none() | MOMENTS,
    ),
    max_size=4,
).map(tuple)
FEATURE_VALUES = st.none() | st.booleans() | st.integers(-(2**53), 2**53) | st.floats(allow_nan=False)
SNAPSHOTS = st.builds(
    Snapshot,
    model_label=st.just(ADAPTER),
    key=TEXTS,
    tenant=TEXTS,
    at=MOMENTS,
    values=st.fixed_dictionaries({"balance": FEATURE_VALUES}, optional={"job": st.none() | TEXTS}),
)
INPUTS = st.builds(
    Inputs,
    snapshot=SNAPSHOTS,
    facts=FACTS,
    history=HISTORIES,
    products=st.lists(PRODUCTS, max_size=5, unique_by=lambda product: product.code).map(tuple),
    phase=st.sampled_from(list(Phase)),
    target=st.sampled_from(["", "orders", "unpublished"]),
    label=TEXTS,
    horizon_days=st.none() | st.integers(1, 1095),
    stored=st.none() | st.builds(Stored, probability=PROBABILITIES, scored_at=MOMENTS, same_card=st.booleans()),
    policy=st.builds(Policy, max_suggestions=st.integers(1, 3), rejection_pause_days=st.integers(0, 400)),
    seed=TEXTS,
    cards=st.dictionaries(st.sampled_from(TARGETS), st.text("0123456789abcdef", max_size=64)),
    versions=st.dictionaries(st.sampled_from(TARGETS), st.integers(1, 99)),
)
"""Inputs as `flow` makes them, and stranger ones."""
