"""Scorecards over the wire: which serve, what is in them, publishing one from its text, going back to an older one."""

from __future__ import annotations

from datetime import datetime

from django.db.models import Q, QuerySet
from django.utils.translation import gettext as _

from crm_assist.decisions.answers import BadAnswer
from crm_assist.flow.errors import CardNotFound, NotAllowed, require
from crm_assist.flow.learn import publish_card
from crm_assist.learning.models import Target
from crm_assist.scorecards import CardError, Scorecard
from crm_assist.scorecards.models import CardVersion
from crm_assist.types import Principal

READERS = ("publish_card", "declare_target", "view_log")
"""Any of these permissions opens the cards to read."""

LONGEST_REASON = 500


def cards(principal: Principal, *, target: str = "", role: str = "") -> QuerySet[CardVersion]:
    """The cards of the person's tenant and those of all tenants, newest first, without their texts."""
    _may_read(principal)
    rows = _of(principal).filter(**({"target": target} if target else {}), **({"role": role} if role else {}))
    return rows.defer("text").order_by("-id")


def card(principal: Principal, card_id: int) -> CardVersion:
    """One card with its text; CardNotFound for any that is not of the tenant."""
    _may_read(principal)
    found = _of(principal).filter(pk=card_id).first()
    if found is None:
        raise CardNotFound(str(card_id))
    return found


def publish_text(principal: Principal, *, target: str, text: str, reason: str, now: datetime) -> CardVersion:
    """Make the card in `text` the champion of a target of the person's tenant, from the next request on.

    Raises NotAllowed, or BadAnswer naming the field and the fault; nothing changes then.
    """
    require(principal, "publish_card")
    why = _why(reason)
    declared = Target.objects.filter(tenant=principal.tenant, name=target).first()
    if declared is None:
        message = _("“%(value)s” is not a target; declare it first.")
        raise BadAnswer("target", message % {"value": target[:60]})
    try:
        return publish_card(declared, Scorecard.loads(text), by=principal.key, reason=why, now=now)
    except CardError as error:
        raise BadAnswer("card", str(error)) from error


def revert_card(principal: Principal, card_id: int, *, reason: str, now: datetime) -> CardVersion:
    """Put an earlier card in force again, as a new version; the log keeps both moves."""
    require(principal, "publish_card")
    earlier = CardVersion.objects.filter(pk=card_id, tenant=principal.tenant).first()
    if earlier is None:
        raise CardNotFound(str(card_id))
    return publish_text(principal, target=earlier.target, text=earlier.text, reason=reason, now=now)


def _of(principal: Principal) -> QuerySet[CardVersion]:
    return CardVersion.objects.filter(Q(tenant=principal.tenant) | Q(tenant=""))


def _may_read(principal: Principal) -> None:
    if not any(principal.may(permission) for permission in READERS):
        raise NotAllowed(READERS[0])


def _why(reason: str) -> str:
    why = reason.strip()
    if not why or len(why) > LONGEST_REASON:
        raise BadAnswer("reason", _("Say why, in at most %(longest)d characters.") % {"longest": LONGEST_REASON})
    return why
