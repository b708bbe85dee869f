"""The simulated bank into the tables, all or nothing."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import fields
from decimal import Decimal
from typing import TypeVar

from django.contrib.auth.hashers import make_password
from django.contrib.auth.models import User
from django.db import models, transaction

from fixtures.rows import Bank, CustomerRow
from project.crm.models import AgentProfile, Branch, Case, Contact, Customer, Holding, Order, Statement
from project.inserting import insert_all

T = TypeVar("T")
Insert = Callable[[type[models.Model], Iterable[models.Model]], None]
CHUNK = 2_000
_SAME_NAME = [f.name for f in fields(CustomerRow) if f.name not in ("branch", "owner", "balance", "savings", "income")]


class BankNotEmpty(Exception):
    """There are customers already; filling again would double them."""


def row_count(bank: Bank) -> int:
    """How many rows `fill` writes."""
    events = (bank.holdings, bank.contacts, bank.cases, bank.orders, bank.statements)
    return sum(map(len, (bank.branches, bank.agents, bank.agents, bank.customers, *events)))


def fill(bank: Bank, *, on_progress: Callable[[int], None] | None = None) -> None:
    """Write the whole bank in one transaction; BankNotEmpty if there is a customer already."""
    written = 0

    def insert(model: type[models.Model], rows: Iterable[models.Model]) -> None:
        nonlocal written
        for chunk in chunks(rows, CHUNK):
            insert_all(model, chunk)
            written += len(chunk)
            if on_progress:
                on_progress(written)

    with transaction.atomic():
        if Customer.objects.exists():
            raise BankNotEmpty("The bank has customers already; empty it first (manage.py flush) to fill it anew.")
        insert(Branch, (Branch(code=b.code, name=b.name) for b in bank.branches))
        branches = _keys(Branch, "code", (b.code for b in bank.branches))
        agents = _insert_agents(bank, branches, insert)
        insert(Customer, (_customer(row, branches, agents) for row in bank.customers))
        customers = _keys(Customer, "number", (row.number for row in bank.customers))
        _insert_events(bank, customers, agents, insert)


def _keys(model: type[models.Model], name: str, values: Iterable[str]) -> list[int]:
    """The key of each row, found by a field that is unique, in the order of the values."""
    found = dict(model._default_manager.values_list(name, "pk"))
    return [found[value] for value in values]


def _insert_agents(bank: Bank, branches: Sequence[int], insert: Insert) -> list[int]:
    locked = make_password(None)
    insert(
        User,
        (
            User(username=a.username, first_name=a.first_name, last_name=a.last_name, password=locked)
            for a in bank.agents
        ),
    )
    users = _keys(User, "username", (a.username for a in bank.agents))
    pairs = list(zip(users, bank.agents, strict=True))
    insert(AgentProfile, (AgentProfile(user_id=u, branch_id=branches[a.branch], is_lead=a.is_lead) for u, a in pairs))
    profiles = dict(AgentProfile.objects.values_list("user", "pk"))
    return [profiles[user] for user in users]


def _customer(row: CustomerRow, branches: Sequence[int], agents: Sequence[int]) -> Customer:
    return Customer(
        **{name: getattr(row, name) for name in _SAME_NAME},
        branch_id=branches[row.branch],
        owner_id=agents[row.owner],
        balance=_euros(row.balance),
        savings=_euros(row.savings),
        income=_euros(row.income),
    )


def _insert_events(bank: Bank, keys: Sequence[int], agents: Sequence[int], insert: Insert) -> None:
    insert(
        Holding,
        (
            Holding(
                customer_id=keys[h.customer], product_code=h.product_code, opened_on=h.opened_on, closed_on=h.closed_on
            )
            for h in bank.holdings
        ),
    )
    insert(
        Statement,
        (Statement(customer_id=keys[s.customer], at=s.at, balance=_euros(s.balance)) for s in bank.statements),
    )
    insert(Contact, _contacts(bank, keys, agents))
    insert(
        Case,
        (
            Case(customer_id=keys[c.customer], kind=c.kind, opened_at=c.opened_at, closed_at=c.closed_at)
            for c in bank.cases
        ),
    )
    insert(
        Order,
        (
            Order(customer_id=keys[o.customer], product_code=o.product_code, at=o.at, cancelled_at=o.cancelled_at)
            for o in bank.orders
        ),
    )


def _contacts(bank: Bank, keys: Sequence[int], agents: Sequence[int]) -> Iterator[Contact]:
    for c in bank.contacts:
        yield Contact(
            customer_id=keys[c.customer],
            at=c.at,
            channel=c.channel,
            direction=c.direction,
            topic=c.topic,
            agent_id=None if c.agent is None else agents[c.agent],
            product_code=c.product_code,
            note=c.note,
        )


def _euros(amount: float) -> Decimal:
    return Decimal(str(round(amount, 2)))


def chunks(rows: Iterable[T], size: int) -> Iterator[list[T]]:
    """`rows` in lists of at most `size`."""
    chunk: list[T] = []
    for row in rows:
        chunk.append(row)
        if len(chunk) == size:
            yield chunk
            chunk = []
    if chunk:
        yield chunk
