"""What people call the things that the log keeps by code and key: products, teams, and the agents of a tenant."""

from __future__ import annotations

import logging
from collections.abc import Iterable
from dataclasses import dataclass, replace

from crm_assist import customers
from crm_assist.customers import people
from crm_assist.flow.errors import NotAllowed, require
from crm_assist.flow.looks import may_look
from crm_assist.flow.people import names
from crm_assist.flow.review import Filters
from crm_assist.recommending import catalogue
from crm_assist.recommending.models import Product
from crm_assist.types import Principal

logger = logging.getLogger("crm_assist.flow")

MOST_PRODUCTS = 500
MOST_TEAMS = 500
MOST_AGENTS = 25


class Ambiguous(ValueError):
    """A name that several bear; `field` is the filter it was given for."""

    def __init__(self, field: str, bearers: Iterable[str]) -> None:
        self.field, self.bearers = field, tuple(bearers)
        super().__init__(f"{field}: {', '.join(self.bearers)}")


@dataclass(frozen=True, kw_only=True, slots=True)
class Names:
    """The products and teams of a tenant, as far as they are few enough to be offered in a form."""

    products: tuple[Product, ...]
    teams: tuple[str, ...]

    def product(self, code: str) -> str:
        """The name of a product in the language in force; empty when the catalogue does not have it."""
        return next((row.text("name") for row in self.products if row.code == code), "")


def known_names(principal: Principal) -> Names:
    """What an analyst may call products and teams by; a tenant's own product stands for the common one."""
    require(principal, "view_log")
    return names_of_tenant(principal.tenant)


def names_of_tenant(tenant: str) -> Names:
    """The same, for callers that asked for a right of their own."""
    own: dict[str, Product] = {}
    for row in catalogue.catalogue(tenant)[:MOST_PRODUCTS]:
        own.setdefault(row.code, row)
    return Names(products=tuple(own.values()), teams=tuple(sorted(known_teams(tenant))[:MOST_TEAMS]))


def known_teams(tenant: str) -> frozenset[str]:
    """Every team that the host names; none where it names none, or cannot tell them all."""
    found: set[str] = set()
    for adapter in customers.adapters().values():
        try:
            found |= {str(team) for team in adapter.all_teams(tenant)}
        except Exception:
            logger.exception("The teams could not be told by %r", adapter)
            return frozenset()
    return frozenset(found - {""})


def team_names(principal: Principal) -> frozenset[str]:
    """The teams that an administrator may move, by the host's own names; none where it names none."""
    require(principal, "change_phase")
    return known_teams(principal.tenant)


def by_name(principal: Principal, filters: Filters, known: Names) -> Filters:
    """The filters with codes and keys in the place of names; Ambiguous for a name that several bear.

    What is a code or key already, and what nobody bears, stays as it is.
    """
    return replace(
        filters,
        product=_product(filters.product, known.products),
        team=_team(filters.team, known.teams),
        agent=_agent(principal, filters.agent),
    )


def product_of(text: str, known: Names) -> str:
    """The code of the product that the text means; Ambiguous where several bear the name."""
    return _product(text, known.products)


def team_of(text: str, known: Names) -> str:
    """The team that the text means, by the host's own name for it."""
    return _team(text, known.teams)


def _product(text: str, products: Iterable[Product]) -> str:
    wanted = text.casefold()
    called = {}
    for row in products:
        texts = (str(one.get("name", "")) for one in row.texts.values())
        if row.code == text:
            return text
        if wanted in (row.code, *(name.strip().casefold() for name in texts)):
            called[row.code] = f"{row.text('name')} ({row.code})"
    return _only("product", text, called)


def _team(text: str, teams: Iterable[str]) -> str:
    called = {team: team for team in teams if team.casefold() == text.casefold()}
    return text if text in called else _only("team", text, called)


def _agent(principal: Principal, text: str) -> str:
    if text and not may_look(principal, text):
        raise NotAllowed("view_agent")  # before anybody is looked for: who bears a name is nobody's business either
    # A key has a name that is not the key: then nobody need be looked for.
    if not text or names([text])[text] != text:
        return text
    called = _agents_called(principal, text)
    exact = {key: name for key, name in called.items() if name.casefold() == text.casefold()}
    return _only("agent", text, exact or called)


def _agents_called(principal: Principal, text: str) -> dict[str, str]:
    """The agents of the person's own tenant whom the search finds, by key; others are nobody's business here."""
    found, adapter = people.users(), next(iter(customers.adapters().values()), None)
    if found is None or adapter is None:
        return {}
    called = {}
    for user in people.named_like(found, text)[:MOST_AGENTS]:
        try:
            agent = adapter.agent(user)
        except Exception:
            logger.exception("An agent could not be told by %r", adapter)
            continue
        if agent.key and agent.tenant == principal.tenant:
            called[agent.key] = agent.name or agent.key
    return called


def _only(field: str, text: str, called: dict[str, str]) -> str:
    if len(called) > 1:
        raise Ambiguous(field, sorted(f"{name} ({key})" if name != key else key for key, name in called.items()))
    return next(iter(called), text)
