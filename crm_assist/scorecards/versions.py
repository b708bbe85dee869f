"""Publishing versions of cards: one champion per target, every change of role logged, no text ever edited."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import datetime
from typing import Any

from django.db import transaction
from django.db.models import Max, Q, QuerySet

from crm_assist.events import emit_on_commit
from crm_assist.journal.ids import uuid7
from crm_assist.journal.writer import record
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
) -> CardVersion:
    """Make this card the champion of its target and retire the one before it; CardError refuses and changes nothing.

    `beside` is logged with the publication: what was found in the training data, and what of it was accepted why.
    """
    card.check_features(declared, sensitive)
    text = card.dumps()
    Scorecard.loads(text)
    mine = {"tenant": tenant, "adapter": adapter, "target": target}
    with transaction.atomic():
        list(CardVersion.objects.select_for_update().filter(**mine).values_list("id"))
        newest = CardVersion.objects.filter(**mine).aggregate(newest=Max("version"))["newest"] or 0
        for old in CardVersion.objects.filter(**mine, role=Role.CHAMPION):
            old.role = Role.RETIRED
            old.save(update_fields=["role"])
            _log(old, before=Role.CHAMPION, by=by, reason=reason, now=now)
        version = CardVersion.objects.create(
            **mine,
            version=newest + 1,
            role=Role.CHAMPION,
            text=text,
            digest=card.digest,
            published_at=now,
            published_by=by,
        )
        _log(version, before="", by=by, reason=reason, now=now, beside=beside)
        emit_on_commit("card.published", **mine, version=version.version)
    return version


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
