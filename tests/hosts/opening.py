"""A card in force on any host, from its text: for where nothing is installed that could fit one."""

from __future__ import annotations

from datetime import datetime

from crm_assist import flow
from crm_assist.scorecards import Scorecard
from crm_assist.types import Principal

BOSS = Principal(key="boss", permissions=frozenset({"change_product_catalogue", "declare_target", "publish_card"}))


def put_in_force(card: Scorecard, *, adapter: str, target: str = "buys", now: datetime) -> None:
    """Declare the one target of an adapter, whose score stands on the record, and publish its card."""
    declared = flow.declare_target(
        BOSS,
        name=target,
        adapter=adapter,
        labels={"en": "buys something"},
        products=[],
        horizon_days=90,
        is_main=True,
        now=now,
    )
    flow.publish_card(BOSS, declared, card, reason="first", now=now)
