"""Scores in the host's lists: live on the visible page, and nothing at all below `score`."""

from __future__ import annotations

import logging
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from crm_assist import customers, features
from crm_assist.customers import CustomerAdapter
from crm_assist.flow.deciding import Serving
from crm_assist.flow.knowledge import published
from crm_assist.flow.policy import policy_now
from crm_assist.rollout.admission import admission as admission_of
from crm_assist.scorecards import Score
from crm_assist.scoring.live import band, is_thin
from crm_assist.types import Phase, Principal

logger = logging.getLogger("crm_assist.flow")


@dataclass(frozen=True, kw_only=True, slots=True)
class ListScore:
    """A customer's score in a list; a thin one stands for a customer of whom no screen may show a number."""

    probability: float
    band: str
    thin: bool = False


def main_of(principal: Principal, adapter: CustomerAdapter) -> tuple[str, Serving] | None:
    """The main target's name and card, if this person may see scores."""
    admission, revision = admission_of(principal)
    if not admission.phase.opens(Phase.SCORE):
        return None
    knowledge = published(principal.tenant, revision)
    target = knowledge.main_target(adapter.model_label, adapter.main_target)
    serving = knowledge.cards.get((adapter.model_label, target.name)) if target else None
    return (target.name, serving) if target and serving else None


def list_scores(
    principal: Principal, model_label: str, keys: Collection[str], *, now: datetime
) -> dict[str, ListScore]:
    """The live scores of the customers on a page, by key, in one statement; empty below `score`.

    Customers whom this person may not see, those in the traditional zone or no longer active, and those whose score
    fails are left out: what the record keeps silent, the list keeps silent. At most 500 keys.
    """
    adapter = customers.adapter_for(model_label)
    found = main_of(principal, adapter)
    if found is None or not keys:
        return {}
    return page_scores(principal, adapter, found[1], keys, now=now)


def page_scores(
    principal: Principal, adapter: CustomerAdapter, serving: Serving, keys: Collection[str], *, now: datetime
) -> dict[str, ListScore]:
    """The scores of a page by a card that the person may see."""
    values = [adapter.parse_key(key) for key in list(keys)[:500]]
    page = customers.visible_to(principal, adapter).filter(**{f"{adapter.key_path}__in": values})
    rows = features.rows(page, adapter, now, names=serving.card.features)
    silent = customers.silent_keys(adapter, rows)
    scores, policy = {}, policy_now()
    for obj in rows:
        score = None if adapter.key(obj) in silent else _score(adapter, serving, obj)
        if score is not None:
            probability, thin = score.probability, is_thin(score.evidence, serving.positives, policy)
            scores[adapter.key(obj)] = ListScore(
                probability=probability, band=band(probability, serving.base), thin=thin
            )
    return scores


def _score(adapter: CustomerAdapter, serving: Serving, obj: Any) -> Score | None:
    try:
        return serving.card.score(features.values_of(adapter, obj, names=serving.card.features))
    except Exception:  # one odd record must not empty the list
        logger.exception("A customer of %s in a list could not be scored", adapter.model_label)
        return None
