"""The data team learns: a declared target, rows from the past, a card that passes the gates, and its publication."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext as _

from crm_assist import customers, features
from crm_assist.customers import CustomerAdapter
from crm_assist.events import emit_on_commit
from crm_assist.flow.card_roles import publish_card
from crm_assist.flow.challenging import challenge, fit_card
from crm_assist.flow.drifting import moved_since
from crm_assist.flow.errors import require
from crm_assist.flow.learned_rows import MOST_ROWS, past_rows
from crm_assist.flow.past import Past
from crm_assist.flow.soundness import check_rows, refuse_unsound
from crm_assist.learning.models import Target
from crm_assist.rollout.moves import bump_revision
from crm_assist.scorecards.models import CardVersion
from crm_assist.types import OutcomeKind, Principal, Use


def declare_target(
    principal: Principal,
    *,
    name: str,
    adapter: str,
    labels: Mapping[str, str],
    products: Sequence[str],
    horizon_days: int,
    population: Mapping[str, Any] | None = None,
    outcome: str = "ordered",
    purpose: str = Use.MARKETING,
    is_main: bool = False,
    owner: str = "",
    attribution_days: int | None = None,
    sources: Sequence[str] = (),
    now: datetime,
) -> Target:
    """Declare a target of the person's tenant or change it; a new main one takes the place of the last.

    NotAllowed without `declare_target`; ValidationError names the field that cannot be taken.
    """
    require(principal, "declare_target")
    tenant = principal.tenant
    if not labels or not all(isinstance(text, str) and text.strip() for text in labels.values()):
        raise ValidationError({"labels": _('Say what it means in each language, such as {"en": "..."}.')})
    within, use = _population(customers.adapter_for(adapter), population or {}), _use(purpose)
    with transaction.atomic():
        target = Target.objects.select_for_update().filter(tenant=tenant, name=name).first()
        target = target or Target(tenant=tenant, name=name)
        target.adapter, target.labels, target.products = adapter, dict(labels), list(products)
        target.population = within
        target.outcome, target.horizon_days, target.is_main = _kind(outcome), horizon_days, is_main
        target.purpose, target.attribution_days, target.sources = use, attribution_days, list(sources)
        target.owner, target.changed_at, target.changed_by = owner, now, principal.key
        target.full_clean(validate_unique=False, validate_constraints=False)
        target.save()
        if is_main:
            others = Target.objects.filter(tenant=tenant, adapter=adapter, is_main=True)
            others.exclude(pk=target.pk).update(is_main=False)
        bump_revision(now=now)
        emit_on_commit("target.declared", tenant=tenant, target=name)
    return target


def _population(adapter: CustomerAdapter, population: Mapping[str, Any]) -> dict[str, Any]:
    """The values that features must have for a customer to be learned from, or ValidationError naming the feature."""
    declared = features.declared(adapter)
    for name in population:
        if name not in declared or not declared[name].looks_back:
            words = {"value": name, "known": ", ".join(n for n, f in declared.items() if f.looks_back)}
            raise ValidationError(
                {"population": _("“%(value)s” is not a feature that can look back; use %(known)s.") % words}
            )
    return dict(population)


def _kind(outcome: str) -> str:
    """What may be predicted, or ValidationError: nobody can learn what nobody knows."""
    known = [kind.value for kind in OutcomeKind if kind is not OutcomeKind.UNKNOWN]
    if outcome not in known:
        words = {"value": str(outcome)[:40], "known": ", ".join(known)}
        raise ValidationError({"outcome": _("“%(value)s” is not an outcome; use one of %(known)s.") % words})
    return outcome


def _use(purpose: str) -> str:
    """What the scores may be for, or ValidationError: some purposes are none of this product's."""
    if purpose not in list(Use):
        words = {"value": str(purpose)[:40], "known": ", ".join(Use)}
        raise ValidationError(
            {
                "purpose": _(
                    "“%(value)s” is no purpose of these scores; use %(known)s. They decide on no credit, no price, no "
                    "insurance and no job: such scores have rules of their own."
                )
                % words
            }
        )
    return Use(purpose).value


def learn(
    name: str,
    *,
    tenant: str = "",
    moments: int = 6,
    most: int = MOST_ROWS,
    by: str,
    reason: str,
    now: datetime,
    seed: int = 0,
    past: Past | None = None,
    accepted: Mapping[str, str] | None = None,
    in_force: str = "",
    monotonic: Mapping[str, int] | None = None,
) -> CardVersion:
    """Fit the card of a target on its past and publish it; FitError or CardError changes nothing.

    The rows are checked first: what blocks raises UnsoundData, a CardError, unless `accepted` says why for its key.
    Where a card serves already, the new one becomes champion only if it was better on later rows that neither had
    learned from; else it becomes the challenger, as its role says. `in_force` is why it is to serve whatever they say.
    `monotonic` maps a number's name to +1 (its points never fall) or -1 (never rise), in this fit alone.

    The rows stand at `moments` moments, 30 days apart, the newest one horizon ago, so that every outcome is known.
    Of a large base a random part is read, so that about `most` rows are learned from. Targets that are learned one
    after another with the same `now` and `past` read their customers once.
    """
    target, past = Target.objects.get(tenant=tenant, name=name), past or Past()
    rows = past_rows(target, past, moments=moments, most=most, now=now, seed=seed)
    findings = check_rows(rows, target, seed=seed)
    refuse_unsound(findings, accepted or {})
    card = fit_card(rows, monotonic=monotonic, seed=seed)
    judged: dict[str, Any] = {"most": most, "in_force": in_force, "monotonic": monotonic}
    comparison = challenge(target, rows, past, **judged, now=now, seed=seed)
    told: dict[str, Any] = {"findings": findings, "accepted": accepted, "comparison": comparison}
    told["moved"] = moved_since(target, rows)
    return publish_card(target, card, **told, by=by, reason=reason, now=now)
