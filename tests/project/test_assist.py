"""The demo bank says of each of its features whether customer or agent can do something about it."""

from __future__ import annotations

from fixtures.products import product_codes
from project.crm.assist import BankCustomer

CHANGEABLE = {"balance", "last_statement", "visits_30d", "open_case", *(f"holds_{code}" for code in product_codes())}


def test_features__states_can_change__and_nature_and_the_past_cannot() -> None:
    said = {feature.name: feature.changeable for feature in BankCustomer.features if not feature.sensitive}
    assert None not in said.values()
    assert {name for name, changeable in said.items() if changeable} == CHANGEABLE
    assert {"age", "customer_for", "contacts_90d", "asked_about"} <= set(said) - CHANGEABLE
