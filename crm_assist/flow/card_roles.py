"""Which card serves: publishing one, or keeping it as the challenger that waits, or putting that one in force."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.db import transaction

from crm_assist import customers, features
from crm_assist.events import emit_on_commit
from crm_assist.flow.comparison import Comparison
from crm_assist.flow.soundness import Findings, refuse_unsound, to_log
from crm_assist.learning.models import Target
from crm_assist.rollout.moves import bump_revision
from crm_assist.scorecards import Purpose, Scorecard
from crm_assist.scorecards.models import CardVersion, Role
from crm_assist.scorecards.versions import locked, promote, publish


def purpose_of(target: Target) -> Purpose:
    """What a card of this target is for."""
    return Purpose(
        target=target.name,
        label=target.label,
        horizon_days=target.horizon_days,
        adapter=target.adapter,
        use=target.purpose,
    )


def declared_of(target: Target) -> dict[str, Any]:
    """What a card of this target may use: the kind of each declared feature, and the sensitive ones apart."""
    declared = features.declared(customers.adapter_for(target.adapter)).values()
    return {
        "declared": {feature.name: feature.kind for feature in declared},
        "sensitive": [feature.name for feature in declared if feature.sensitive],
    }


def champion_of(target: Target) -> CardVersion | None:
    """The version that serves the target's own tenant now."""
    return CardVersion.objects.filter(**_mine(target), role=Role.CHAMPION).first()


def usable(version: CardVersion, target: Target) -> Scorecard:
    """The card of a version, if it could be published today; CardError says why not."""
    card = Scorecard.loads(version.text).with_purpose(purpose_of(target))
    card.check_features(**declared_of(target))
    return card


def publish_card(
    target: Target,
    card: Scorecard,
    *,
    by: str,
    reason: str,
    now: datetime,
    findings: Findings = (),
    accepted: Mapping[str, str] | None = None,
    comparison: Comparison | None = None,
) -> CardVersion:
    """Publish a fitted card for a target, in force from the next request; CardError refuses and changes nothing.

    Refused too is a card that says it was fitted for another target, kind of customer, horizon or use. `findings` are
    those of its training data; each that blocks is refused unless `accepted` says why for its key. A card that did not
    win its `comparison` with the champion becomes the challenger instead: it waits, and the champion stays.
    """
    refuse_unsound(findings, accepted or {})
    with transaction.atomic():
        bump_revision(now=now)  # first: it locks, so that two publications wait for each other
        if comparison is not None:
            comparison = comparison.still(locked(**_mine(target)))
        wins = comparison is None or comparison.promotes
        version = publish(
            **_mine(target),
            card=card.with_purpose(purpose_of(target)),
            **declared_of(target),
            by=by,
            reason=reason,
            now=now,
            beside=_beside(findings, accepted, comparison),
            role=Role.CHAMPION if wins else Role.CHALLENGER,
        )
        if not wins:
            emit_on_commit("card.withheld", **_mine(target), version=version.version)
    return version


def put_in_force(target: Target, version: CardVersion, *, by: str, reason: str, now: datetime) -> CardVersion:
    """Let the challenger that waits serve from the next request; CardError if it waits no more or could not serve."""
    usable(version, target)
    with transaction.atomic():
        bump_revision(now=now)
        return promote(version, by=by, reason=reason, now=now)


def _beside(
    findings: Findings, accepted: Mapping[str, str] | None, comparison: Comparison | None
) -> dict[str, Any] | None:
    told = to_log(findings, accepted or {}) or {}
    if comparison is not None:
        told["comparison"] = comparison.plain()
    return told or None


def _mine(target: Target) -> dict[str, Any]:
    return {"tenant": target.tenant, "adapter": target.adapter, "target": target.name}
