"""A person puts a card in force; commands and workers, which nobody asks for permissions, go through `learn`."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from crm_assist.flow.card_roles import publish_card as put_in_force
from crm_assist.flow.errors import NotAllowed, require
from crm_assist.flow.likeness import unlike
from crm_assist.flow.soundness import Findings
from crm_assist.learning.models import Target
from crm_assist.scorecards import Scorecard
from crm_assist.scorecards.models import CardVersion
from crm_assist.types import Principal


def publish_card(
    principal: Principal,
    target: Target,
    card: Scorecard,
    *,
    reason: str,
    now: datetime,
    findings: Findings = (),
    accepted: Mapping[str, str] | None = None,
) -> CardVersion:
    """Publish a fitted card for a target of the person's tenant, in force from the next request.

    NotAllowed without `publish_card` and for another tenant's target, CardError for a card that may not serve; neither
    changes anything. `findings` are what `check_training` said of its rows, and a feature of which today's customers
    have one end alone is another: one that blocks is refused (UnsoundData, a CardError) unless `accepted` gives the
    person's reason under the finding's key; both are logged.
    """
    require(principal, "publish_card")
    if target.tenant != principal.tenant:
        raise NotAllowed("publish_card")
    found = (*findings, *unlike(card, target, now=now))
    return put_in_force(target, card, by=principal.key, reason=reason, now=now, findings=found, accepted=accepted)
