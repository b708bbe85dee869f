"""A past in which who has been with us longer orders more often, and cards that know that or its opposite."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from functools import cache
from random import Random

from crm_assist import flow
from crm_assist.flow import ToldOutcome
from crm_assist.learning import fit_scorecard
from crm_assist.learning.dataset import TrainingSet
from crm_assist.learning.models import Target
from crm_assist.scorecards import Scorecard
from crm_assist.scorecards.models import CardVersion
from tests.hosts.desk.models import Client
from tests.story import BOSS, NOW

LABEL = "desk.Client"
LONGEST = 4000
LONG_AGO = NOW - timedelta(days=400)
"""When the champion was published: it knows none of the rows that a refit reads."""


def a_past(clients: int = 900) -> Target:
    """Clients with a year of orders, and the target of them, which has no card yet."""
    chance, told = Random(5), []
    rows = [Client(name=f"C{n}", since=NOW - timedelta(days=chance.randint(400, LONGEST))) for n in range(clients)]
    for client in Client.objects.bulk_create(rows):
        assert client.since is not None
        for quarter in range(4):
            if chance.random() < 0.05 + 0.5 * (NOW - client.since).days / LONGEST:
                at = NOW - timedelta(days=90 * quarter + chance.randint(1, 90))
                told.append(ToldOutcome(key=str(client.pk), product="deposit", kind="ordered", occurred_at=at))
    flow.record_outcomes(LABEL, told, source="test", now=NOW)
    return flow.declare_target(
        BOSS, name="orders", adapter=LABEL, labels={"en": "orders"}, products=[], horizon_days=90, now=NOW
    )


@cache
def knowing(*, upside_down: bool = False, until: str | None = None) -> Scorecard:
    """A card that learned from many customers how orders follow from tenure, or the very opposite."""
    chance = Random(2)
    tenure = [chance.uniform(0, LONGEST) for _row in range(6000)]
    y = [int(chance.random() < 0.05 + 0.5 * days / LONGEST) for days in tenure]
    card = fit_scorecard({"tenure": tenure}, [1 - each for each in y] if upside_down else y, seed=1)
    return replace(card, trained=replace(card.trained, until=until))


@cache
def of_the_young() -> Scorecard:
    """A card that knows how orders follow from tenure, from customers of which nobody was there for long."""
    chance = Random(3)
    tenure = [chance.uniform(0, 1500) for _row in range(6000)]
    return fit_scorecard(
        {"tenure": tenure}, [int(chance.random() < 0.05 + 0.5 * days / LONGEST) for days in tenure], seed=1
    )


def served(target: Target, card: Scorecard) -> CardVersion:
    """The card as champion, since long ago."""
    return flow.publish_card(BOSS, target, card, reason="first", now=LONG_AGO, accepted={"unlike:balance": "no matter"})


def flipped(rows: TrainingSet) -> TrainingSet:
    """The same rows as somebody got them wrong: who ordered did not, and who did not ordered."""
    return replace(rows, y=[1 - outcome for outcome in rows.y])
