"""What is published now: champion cards, targets, products and rules, loaded once per revision and process."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from dataclasses import dataclass

from django.db import router
from django.db.models import Q

from crm_assist import customers, features
from crm_assist.eligibility.rules.applying import LiveRule
from crm_assist.flow.deciding import Serving
from crm_assist.flow.rule_terms import live_rules
from crm_assist.learning.models import Target
from crm_assist.recommending.catalogue import catalogue, facts_of
from crm_assist.recommending.models import Product
from crm_assist.scorecards.errors import CardError
from crm_assist.scorecards.scorecard import Scorecard
from crm_assist.scorecards.versions import champions
from crm_assist.types import ProductFacts

logger = logging.getLogger("crm_assist.flow")


@dataclass(frozen=True, kw_only=True, slots=True)
class Knowledge:
    """The cards by adapter and target, the targets by name, the products by code, the rules, as of one revision."""

    revision: int
    cards: Mapping[tuple[str, str], Serving]
    targets: Mapping[str, Target]
    products: Mapping[str, Product]
    facts: tuple[ProductFacts, ...]
    rules: tuple[LiveRule, ...] = ()

    def servings(self, adapter: str) -> dict[str, Serving]:
        """The serving cards of one adapter, by target."""
        return {target: serving for (label, target), serving in self.cards.items() if label == adapter}

    def rules_of(self, adapter: str) -> tuple[LiveRule, ...]:
        """The rules in force on customers of one adapter."""
        return tuple(rule for rule in self.rules if rule.facts.adapter == adapter)

    def main_target(self, adapter: str, named: str) -> Target | None:
        """The target whose score stands on the record: the one the adapter names, else the main one.

        A tenant's own main target comes before the one of all.
        """
        if named:
            return self.targets.get(named)
        mains = [target for target in self.targets.values() if target.is_main and target.adapter == adapter]
        return max(mains, key=lambda target: bool(target.tenant), default=None)


_loaded: dict[tuple[str, str], Knowledge] = {}


def published(tenant: str, revision: int) -> Knowledge:
    """What is published for a tenant at a revision; four statements when it changed, none otherwise."""
    place = (router.db_for_read(Target), tenant)
    known = _loaded.get(place)
    if known is None or known.revision != revision:
        known = _load(tenant, revision)
        _loaded[place] = known
    return known


def _check(card: Scorecard, label: str) -> None:
    """CardError for a card that could not be published today: the host may have marked a feature since then."""
    adapter = customers.adapters().get(label)
    if adapter is not None:
        declared = features.declared(adapter).values()
        sensitive = [feature.name for feature in declared if feature.sensitive]
        card.check_features({feature.name: feature.kind for feature in declared}, sensitive)


def _load(tenant: str, revision: int) -> Knowledge:
    cards: dict[tuple[str, str], Serving] = {}
    for version in champions(tenant):
        try:
            card = Scorecard.loads(version.text)
            _check(card, version.adapter)
        except CardError:
            logger.exception("crm_assist.card_refused", extra={"target": version.target})
            continue
        serving = Serving(card=card, digest=version.digest, version=version.version, id=version.pk)
        cards[version.adapter, version.target] = serving
    targets = Target.objects.filter(Q(tenant=tenant) | Q(tenant="")).order_by("tenant", "id")
    products: dict[str, Product] = {}
    for product in catalogue(tenant):  # the tenant's own version of a code comes before the one of all
        products.setdefault(product.code, product)
    return Knowledge(
        revision=revision,
        cards=cards,
        targets={target.name: target for target in targets},
        products=products,
        facts=tuple(facts_of(product) for product in products.values()),
        rules=live_rules(tenant),
    )
