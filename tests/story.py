"""A small bank made in a few lines: a target, a fitted card, products and a phase, on any registered host model."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from functools import cache
from random import Random
from typing import Any

from crm_assist import flow
from crm_assist.learning import fit_scorecard
from crm_assist.rollout.moves import change_phase
from crm_assist.scorecards import Scorecard
from crm_assist.types import Principal

NOW = datetime(2026, 6, 1, 9, 0, tzinfo=UTC)
BOSS = Principal(
    key="boss",
    permissions=frozenset(
        {
            "change_phase",
            "change_product_catalogue",
            "change_rules",
            "view_log",
            "export_log",
            "declare_target",
            "publish_card",
        }
    ),
)


@cache
def fitted(kind: str = "balance") -> Scorecard:
    """A real card on the feature `balance`: the more money, the likelier the order."""
    chance = Random(1)
    values = [chance.uniform(0, 10_000) for _ in range(2000)]
    outcomes = [int(chance.random() < 0.05 + 0.6 * value / 10_000) for value in values]
    return fit_scorecard({kind: values}, outcomes, seed=1)


def publish(adapter: str, *, tenant: str = "", feature: str = "balance", now: datetime = NOW) -> None:
    """A main target and one target per product, each with the same fitted card."""
    boss = Principal(key="boss", tenant=tenant, permissions=BOSS.permissions)
    for name, is_main in (("orders", True), ("wants_deposit", False), ("wants_card", False)):
        target = flow.declare_target(
            boss,
            name=name,
            adapter=adapter,
            labels={"en": "orders something", "fr": "commande quelque chose"},
            products=[],
            horizon_days=90,
            is_main=is_main,
            now=now,
        )
        flow.publish_card(boss, target, fitted(feature), reason="first card", now=now)


def stock(
    adapter: str = "", *, tenant: str = "", codes: Sequence[str] = ("deposit", "card"), now: datetime = NOW
) -> None:
    """Products with texts in two languages; the first is worth most."""
    boss = Principal(key="boss", tenant=tenant, permissions=BOSS.permissions)
    rows: list[dict[str, Any]] = [
        {
            "code": code,
            "adapter": adapter,
            "target": f"wants_{code}" if code in ("deposit", "card") else "orders",
            "value": 100 - place,
            "valid_from": now - timedelta(days=30),
            "texts": {
                "en": {"name": code.title(), "benefit": f"Good {code}"},
                "fr": {"name": f"{code.title()} FR", "benefit": f"Bon {code}"},
            },
        }
        for place, code in enumerate(codes)
    ]
    flow.save_products(boss, rows, now=now)


def open_phase(phase: str, *, team: str = "", tenant: str = "", percent: int = 100, now: datetime = NOW) -> None:
    """Move a team, with a reason."""
    change_phase(tenant=tenant, team=team, phase=phase, percent=percent, by="boss", reason="test", now=now)


def open_bank(adapter: str, phase: str = "recommend", *, tenant: str = "", feature: str = "balance") -> None:
    """Cards, products and a phase, ready for the first customer."""
    publish(adapter, tenant=tenant, feature=feature)
    stock(tenant=tenant)
    open_phase(phase, tenant=tenant)
