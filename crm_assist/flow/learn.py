"""The data team learns: a declared target, rows from the past, a card that passes the gates, and its publication."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from random import Random
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import Q
from django.utils.translation import gettext as _

from crm_assist import customers, features
from crm_assist.customers import CustomerAdapter
from crm_assist.events import emit_on_commit
from crm_assist.flow.completeness import completeness
from crm_assist.flow.errors import require
from crm_assist.flow.happened import happened
from crm_assist.flow.past import Past
from crm_assist.flow.soundness import Findings, check_rows, refuse_unsound, to_log
from crm_assist.learning import FitError, fit_scorecard
from crm_assist.learning.dataset import TrainingSet, training_set
from crm_assist.learning.models import Target
from crm_assist.rollout.moves import bump_revision
from crm_assist.scorecards import Purpose, Scorecard
from crm_assist.scorecards.models import CardVersion
from crm_assist.scorecards.versions import publish
from crm_assist.types import OutcomeKind, Principal, Use

STEP = timedelta(days=30)
MOST_ROWS = 20_000


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
) -> CardVersion:
    """Fit the card of a target on its past and publish it as champion; FitError or CardError changes nothing.

    The rows are checked first: what blocks raises UnsoundData, a CardError, unless `accepted` says why for its key.

    The rows stand at `moments` moments, 30 days apart, the newest one horizon ago, so that every outcome is known.
    Of a large base a random part is read, so that about `most` rows are learned from. Targets that are learned one
    after another with the same `now` and `past` read their customers once.
    """
    target = Target.objects.get(tenant=tenant, name=name)
    rows = past_rows(target, past or Past(), moments=moments, most=most, now=now, seed=seed)
    findings = check_rows(rows, population=target.population, seed=seed)
    told: dict[str, Any] = {"findings": findings, "accepted": accepted, "by": by, "reason": reason}
    return publish_card(target, fit_card(rows, seed=seed), **told, now=now)


def fit_card(rows: TrainingSet, *, seed: int = 0) -> Scorecard:
    """The card that these rows teach; FitError if it would not pass the gates."""
    return fit_scorecard(rows.X, rows.y, time=rows.at, seed=seed)


def purpose_of(target: Target) -> Purpose:
    """What a card of this target is for."""
    return Purpose(
        target=target.name,
        label=target.label,
        horizon_days=target.horizon_days,
        adapter=target.adapter,
        use=target.purpose,
    )


def publish_card(
    target: Target,
    card: Scorecard,
    *,
    by: str,
    reason: str,
    now: datetime,
    findings: Findings = (),
    accepted: Mapping[str, str] | None = None,
) -> CardVersion:
    """Publish a fitted card for a target, in force from the next request; CardError refuses and changes nothing.

    Refused too is a card that says it was fitted for another target, kind of customer, horizon or use. `findings` are
    those of its training data; each that blocks is refused unless `accepted` says why for its key.
    """
    refuse_unsound(findings, accepted or {})
    declared = features.declared(customers.adapter_for(target.adapter))
    with transaction.atomic():
        bump_revision(now=now)  # first: it locks, so that two publications wait for each other
        return publish(
            tenant=target.tenant,
            adapter=target.adapter,
            target=target.name,
            card=card.with_purpose(purpose_of(target)),
            declared={feature.name: feature.kind for feature in declared.values()},
            sensitive=[feature.name for feature in declared.values() if feature.sensitive],
            by=by,
            reason=reason,
            now=now,
            beside=to_log(findings, accepted or {}),
        )


def past_rows(target: Target, past: Past, *, moments: int, most: int, now: datetime, seed: int = 0) -> TrainingSet:
    """What was known of the target's population at past moments, and what followed within the horizon.

    The newest moment is one horizon before the outcomes are complete: later, silence would not yet be a no.
    """
    adapter = customers.adapter_for(target.adapter)
    horizon, random = timedelta(days=target.horizon_days), Random(seed)
    until, told = _complete_until(target, now), happened(target)
    # A target of one tenant is learned from that tenant alone; one without a tenant is everybody's.
    theirs = adapter.tenant_filter(target.tenant) if target.tenant else Q()
    everyone = list(adapter.queryset().filter(theirs).order_by("pk").values_list("pk", flat=True))
    some = min(len(everyone), -(-most // moments))
    return training_set(
        lambda moment: _within(target, past.read(adapter, sorted(random.sample(everyone, some)), moment)),
        [until - horizon - STEP * place for place in range(moments)],
        outcomes=told.sure,
        unsure=told.unsure,
        horizon=horizon,
        until=until,
        most=most,
        random=random,
    )


def _within(target: Target, rows: Iterable[tuple[str, Mapping[str, Any]]]) -> Iterator[tuple[str, Mapping[str, Any]]]:
    """The rows of the target's population as of their moment."""
    wanted = target.population.items()
    return (row for row in rows if all(row[1].get(name) == value for name, value in wanted))


def _complete_until(target: Target, now: datetime) -> datetime:
    """Until when all that happened was told; FitError where a source that the target names never said."""
    until = completeness(target, now=now).until
    if until is None:
        words = {"target": target.name, "sources": ", ".join(map(str, target.sources))}
        raise FitError(
            _(
                "Target %(target)s is told by %(sources)s, and not each of them has said until when its outcomes are "
                "complete: say it with `crm_assist_outcomes complete`."
            )
            % words
        )
    return until
