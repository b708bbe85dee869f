"""Whether there is anything to show: a target, a card, products, and a team that may see it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import datetime
from importlib.util import find_spec

from crm_assist import customers
from crm_assist.learning.models import Target
from crm_assist.management.doctor.finding import Finding, block, good, note
from crm_assist.packages import remedy
from crm_assist.recommending.models import Product
from crm_assist.rollout.models import Control, TeamPhase
from crm_assist.scorecards.models import CardVersion, Role
from crm_assist.types import Phase

Question = Callable[[datetime], Iterator[Finding]]


def targets(now: datetime) -> Iterator[Finding]:
    """Whether every adapter has a target whose score stands on the record, and a card for it.

    A kind of customer without one blocks only where no kind has one: a host may learn of one kind after another.
    """
    found = {label: (adapter, _main(adapter, label)) for label, adapter in customers.adapters().items()}
    for label, (adapter, target) in found.items():
        if target is None:
            tell = note if any(one for _adapter, one in found.values()) else block
            yield tell(f"{label}: no target for the record", f"Declare one: {_declaration(adapter, label)}")
            continue
        cards = CardVersion.objects.filter(adapter=label, target=target.name, role=Role.CHAMPION)
        if card := cards.first():
            yield good(f"{label}: target {target.name}, card version {card.version}")
        else:
            extra = "" if find_spec("sklearn") else f" (first {remedy('learn')})"
            then = f"then run: python manage.py crm_assist_fit {target.name}{extra}"
            todo = f"Record outcomes with flow.record_outcomes, {then}"
            yield block(f"{label}: target {target.name} has no card", todo)


def _main(adapter: customers.CustomerAdapter, label: str) -> Target | None:
    wanted = {"name": adapter.main_target} if adapter.main_target else {"is_main": True}
    return Target.objects.filter(adapter=label, **wanted).first()


def _declaration(adapter: customers.CustomerAdapter, label: str) -> str:
    name = adapter.main_target or "buys"
    return f"flow.declare_target(principal, name={name!r}, adapter={label!r}, is_main={not adapter.main_target}, ...)"


def products(now: datetime) -> Iterator[Finding]:
    """Whether there is anything to recommend where somebody is to get recommendations."""
    count = Product.objects.filter(valid_from__lte=now).exclude(valid_until__lte=now).count()
    if count:
        yield good(f"{count} products can be recommended")
        return
    todo = "Save some with flow.save_products."
    if TeamPhase.objects.filter(phase=Phase.RECOMMEND).exists():
        yield block("a team is to get recommendations, but there is no product", todo)
    else:
        yield note("no product yet; the score needs none", todo)


def teams(now: datetime) -> Iterator[Finding]:
    """Whether anybody sees anything."""
    if Control.objects.filter(killed=True).exists():
        todo = "Restore it on the phases page, or with flow.restore."
        yield block("the kill switch is thrown", todo)
    shown = TeamPhase.objects.filter(phase__in=[Phase.SCORE, Phase.RECOMMEND], percent__gt=0)
    rows = [f"{row.team or 'all other teams'}: {row.phase}, {row.percent} %" for row in shown.order_by("team")]
    if rows:
        yield good("; ".join(rows))
    else:
        todo = 'Move a team up on the phases page, or with flow.change_phase(..., phase="score").'
        yield block("no team sees a score yet", todo)


PUBLICATION: tuple[Question, ...] = (targets, products, teams)
