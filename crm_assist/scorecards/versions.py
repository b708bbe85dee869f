"""Versions of cards: one champion per target, one challenger at most, each role logged, no text ever edited."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import datetime
from typing import Any

from django.db import transaction
from django.db.models import Max, Q, QuerySet

from crm_assist.events import emit_on_commit
from crm_assist.journal.ids import uuid7
from crm_assist.journal.writer import record
from crm_assist.scorecards.errors import CardError
from crm_assist.scorecards.models import CardEvent, CardVersion, Role
from crm_assist.scorecards.scorecard import Scorecard


def champions(tenant: str) -> QuerySet[CardVersion]:
    """The cards that serve this tenant: those of all first, so that its own, which come later, take their place."""
    return CardVersion.objects.filter(Q(tenant=tenant) | Q(tenant=""), role=Role.CHAMPION).order_by("tenant", "id")


def by_digest(digests: Collection[str]) -> dict[str, str]:
    """The texts of cards by digest, for replay; missing ones are absent."""
    return dict(CardVersion.objects.filter(digest__in=digests).values_list("digest", "text"))


def publish(
    *,
    tenant: str,
    adapter: str,
    target: str,
    card: Scorecard,
    declared: Mapping[str, str],
    sensitive: Collection[str],
    by: str,
    reason: str,
    now: datetime,
    beside: Mapping[str, Any] | None = None,
    role: Role = Role.CHAMPION,
) -> CardVersion:
    """Store this card as the next version of its target, in a role; CardError refuses and changes nothing.

    A champion serves, and the one before it is retired; a challenger waits, and the champion stays. Only the newest
    version waits: an older challenger is retired. `beside` is logged with it: what was found in the training data,
    what of it was accepted why, and how it did against the champion.
    """
    card.check_features(declared, sensitive)
    text = card.dumps()
    Scorecard.loads(text)
    mine = {"tenant": tenant, "adapter": adapter, "target": target}
    with transaction.atomic():
        locked(**mine)
        newest = CardVersion.objects.filter(**mine).aggregate(newest=Max("version"))["newest"] or 0
        _retire(mine, {Role.CHALLENGER, role}, by=by, reason=reason, now=now)
        version = CardVersion.objects.create(
            **mine,
            version=newest + 1,
            role=role,
            text=text,
            digest=card.digest,
            published_at=now,
            published_by=by,
        )
        _log(version, before="", by=by, reason=reason, now=now, beside=beside)
        if role == Role.CHAMPION:
            emit_on_commit("card.published", **mine, version=version.version)
    return version


def promote(version: CardVersion, *, by: str, reason: str, now: datetime) -> CardVersion:
    """Make the challenger that waits the champion of its target and retire the one before it.

    CardError, and nothing changes, for a version that waits no more.
    """
    mine = {"tenant": version.tenant, "adapter": version.adapter, "target": version.target}
    with transaction.atomic():
        locked(**mine)
        waiting = CardVersion.objects.filter(pk=version.pk, role=Role.CHALLENGER).first()
        if waiting is None:
            raise CardError(f"version {version.version} is no challenger any more; choose the one that waits")
        _retire(mine, {Role.CHAMPION}, by=by, reason=reason, now=now)
        waiting.role = Role.CHAMPION
        waiting.save(update_fields=["role"])
        _log(waiting, before=Role.CHALLENGER, by=by, reason=reason, now=now)
        emit_on_commit("card.published", **mine, version=waiting.version)
    return waiting


def locked(*, tenant: str, adapter: str, target: str) -> CardVersion | None:
    """The champion of a target, whose versions nobody else changes until the surrounding transaction ends."""
    mine = CardVersion.objects.filter(tenant=tenant, adapter=adapter, target=target)
    list(mine.select_for_update().values_list("id"))
    return mine.filter(role=Role.CHAMPION).first()


def _retire(mine: Mapping[str, str], roles: Collection[str], *, by: str, reason: str, now: datetime) -> None:
    for old in CardVersion.objects.filter(**mine, role__in=roles).order_by("version"):
        before, old.role = old.role, Role.RETIRED
        old.save(update_fields=["role"])
        _log(old, before=before, by=by, reason=reason, now=now)


def _log(
    version: CardVersion,
    *,
    before: str,
    by: str,
    reason: str,
    now: datetime,
    beside: Mapping[str, Any] | None = None,
) -> None:
    event = CardEvent(
        id=uuid7(now),
        tenant=version.tenant,
        at=now,
        adapter=version.adapter,
        target=version.target,
        version=version.version,
        before=before,
        after=version.role,
        card=version.digest,
        by=by,
        reason=reason[:500],
    )
    record(event, beside)
