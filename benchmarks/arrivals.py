"""Outcomes as systems really tell them: corrected, cancelled, contradicted; then late, doubled and out of order."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from random import Random

from crm_assist.labels import Question, Telling

NOW = datetime(2026, 6, 1, 9, 0, tzinfo=UTC)
WINDOW = timedelta(days=90)
PRODUCTS = ("deposit", "card", "loan")
KINDS = ("ordered", "ordered", "ordered", "declined", "cancelled", "complained", "unknown")


@dataclass(frozen=True, kw_only=True, slots=True)
class World:
    """Suggestions to label, every telling in the order in which things happened, and the same as they arrived."""

    questions: tuple[Question, ...]
    in_order: tuple[Telling, ...]
    arrived: tuple[Telling, ...]


def world(arrivals: int, *, seed: int = 0) -> World:
    """A world with so many arrivals, about a fifth of them doubled, of four times fewer customers."""
    chance = Random(seed)
    customers = max(1, arrivals // 4)
    questions = tuple(_question(chance, number) for number in range(customers))
    told: list[Telling] = []
    while len(told) < arrivals * 4 // 5:
        told += _history(chance, len(told), customers)
    again = chance.choices(told, k=max(0, arrivals - len(told)))
    arrived = [*told, *again]
    chance.shuffle(arrived)
    return World(questions=questions, in_order=tuple(told), arrived=tuple(arrived))


def _question(chance: Random, number: int) -> Question:
    start = NOW - timedelta(minutes=chance.randrange(60, 200 * 24 * 60))
    products = frozenset((chance.choice(PRODUCTS),))
    return Question(id=number, customer=number, products=products, start=start, end=start + WINDOW)


def _history(chance: Random, number: int, customers: int) -> Sequence[Telling]:
    """One outcome from its first telling on: corrected, corrections corrected, cancelled, now and then contradicted."""
    whose = chance.randrange(customers)
    first = Telling(
        place=("orders", f"order-{number}"),
        version=chance.randrange(3),
        customer=whose,
        product=chance.choice(PRODUCTS),
        kind=chance.choice(KINDS),
        occurred_at=NOW - timedelta(minutes=chance.randrange(200 * 24 * 60)),
    )
    told = [first]
    while chance.random() < 0.4 and len(told) < 5:
        version = told[-1].version + chance.randrange(1, 4)
        moved = timedelta(minutes=chance.randrange(-3000, 3000))
        told.append(
            chance.choice(
                (
                    replace(told[-1], version=version, kind="cancelled"),
                    replace(told[-1], version=version, kind=chance.choice(KINDS)),
                    replace(told[-1], version=version, occurred_at=min(NOW, told[-1].occurred_at + moved)),
                    replace(told[-1], version=version, product=chance.choice(PRODUCTS)),
                )
            )
        )
    if chance.random() < 0.03:
        told.append(replace(told[-1], product=PRODUCTS[0], customer=(whose + 1) % customers))
    return told
