"""crm_assist in the demo bank: its products, what its cards predict, what customers did, and who stands where."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from django.apps import apps

from crm_assist import customers, flow
from crm_assist.types import Principal
from fixtures.products import products
from fixtures.rules import bank_rules
from project.crm.models import Order

CUSTOMER = "crm.Customer"
HORIZON_DAYS = 90
SETTER_UP = Principal(key="demo", name="Demo", is_superuser=True)
PHASES = {
    "": ("off", "Nobody starts without a decision"),
    "PAR-REP": ("recommend", "Pilot branch"),
    "LYO-PDI": ("score", "Second branch, scores first"),
    "LIL-CEN": ("score", "Second branch, scores first"),
    "NAN-GRA": ("shadow", "Measured before anything is shown"),
}


def target_of(code: str) -> str:
    """The name of the target that the card of a product predicts."""
    return f"orders_{code}"


def save_catalogue(now: datetime) -> int:
    """The bank's products as products of crm_assist; says how many changed."""
    rows = [
        {
            "code": product.code,
            "adapter": CUSTOMER,
            "group": product.line,
            "target": target_of(product.code),
            "value": str(product.value_eur),
            "valid_from": datetime(2020, 1, 1, tzinfo=now.tzinfo),
            "texts": {
                language: {"name": product.name[language], "benefit": product.benefit[language]}
                for language in product.name
            },
        }
        for product in products()
    ]
    return flow.save_products(SETTER_UP, rows, now=now)


def save_rules(now: datetime) -> int:
    """The bank's ten business rules; says how many changed."""
    since = datetime(2020, 1, 1, tzinfo=now.tzinfo)
    rows = [{**rule.row(CUSTOMER), "valid_from": since} for rule in bank_rules()]
    return flow.save_rules(SETTER_UP, rows, reason="The demo bank's own rules", now=now)


def declare_targets(now: datetime) -> None:
    """One target for the record's score and one for each product, all within 90 days."""
    flow.declare_target(
        SETTER_UP,
        name="orders_any",
        adapter=CUSTOMER,
        labels={"en": "Orders a product", "fr": "Souscrit un produit"},
        products=[product.code for product in products()],
        horizon_days=HORIZON_DAYS,
        is_main=True,
        now=now,
    )
    for product in products():
        flow.declare_target(
            SETTER_UP,
            name=target_of(product.code),
            adapter=CUSTOMER,
            labels={"en": f"Orders: {product.name['en']}", "fr": f"Souscrit : {product.name['fr']}"},
            products=[product.code],
            population={f"holds_{product.code}": 0},
            horizon_days=HORIZON_DAYS,
            now=now,
        )


def tell_outcomes(now: datetime) -> int:
    """Every order as an outcome, known again by its key; says how many were new."""
    orders = Order.objects.filter(at__lte=now).order_by("at", "pk")
    told = (
        flow.ToldOutcome(
            key=str(order.customer_id),
            product=order.product_code,
            kind="ordered",
            occurred_at=order.at,
            external_id=f"order-{order.pk}",
        )
        for order in orders.iterator()
    )
    return flow.record_outcomes(CUSTOMER, told, source="demo bank", now=now).recorded


def set_phases(now: datetime) -> None:
    """Where the branches stand at the beginning; nothing is moved once somebody has moved anything."""
    if apps.get_model("crm_assist", "TeamPhase").objects.exists():
        return
    for team, (phase, reason) in PHASES.items():
        flow.change_phase(SETTER_UP, team=team, phase=phase, percent=100, reason=reason, now=now)


def store_scores(now: datetime) -> Iterator[int]:
    """Store every customer's score anew, saying how many are done."""
    return (step.done for step in flow.rescore(customers.adapter_for(CUSTOMER), now=now))


def missing_cards() -> list[str]:
    """The names of the customers' targets that have no card yet."""
    targets = apps.get_model("crm_assist", "Target").objects.filter(adapter=CUSTOMER).order_by("pk")
    cards = apps.get_model("crm_assist", "CardVersion").objects.filter(adapter=CUSTOMER)
    return list(targets.exclude(name__in=cards.values("target")).values_list("name", flat=True))
