"""The data team's cards: every version of every target, one of them whole, and another one put in force."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.core.exceptions import ValidationError
from django.db.models import JSONField, OuterRef, Q, QuerySet, Subquery
from django.utils.translation import gettext as _

from crm_assist.customers import NotRegistered
from crm_assist.flow.card_names import CardNames, Features, card_names
from crm_assist.flow.card_roles import publish_card as put_first
from crm_assist.flow.card_roles import put_in_force
from crm_assist.flow.comparison import Comparison, comparison_in
from crm_assist.flow.errors import BadMove, CardNotFound, NotAllowed, require
from crm_assist.flow.moved import Moved, moved_in
from crm_assist.flow.publishing import publish_card
from crm_assist.flow.soundness import FoundThen, findings_in, logged_at_first
from crm_assist.learning.models import Target
from crm_assist.rollout.moves import reason_given
from crm_assist.scorecards import CardError, Scorecard
from crm_assist.scorecards.models import CardEvent, CardVersion, Role
from crm_assist.types import Principal

READERS = ("publish_card", "declare_target", "view_log")
"""Any of these permissions opens cards and targets to read."""


@dataclass(frozen=True, kw_only=True, slots=True)
class CardView:
    """One version with the card itself and the changes of its role; `card` is None when the text is damaged."""

    row: CardVersion
    card: Scorecard | None
    events: tuple[CardEvent, ...]
    findings: tuple[FoundThen, ...]
    """What was found in its training data when it was stored, and what of it was accepted why."""
    comparison: Comparison | None
    """How it did against the champion of then; None where it had no rival, or a person published it."""
    moved: Moved | None
    """What had moved since the champion of then learned; None where nothing had."""
    target: Target | None
    """What it predicts, where that is still declared."""
    called: CardNames

    @property
    def declared(self) -> Features:
        """The features that the card's adapter declares, by name."""
        return self.called.features.get(self.row.adapter, {})


def targets(principal: Principal) -> QuerySet[Target]:
    """The targets of the person's tenant and of all tenants, by name."""
    _may_read(principal)
    return Target.objects.filter(_theirs(principal)).order_by("name", "tenant")


def names_of_cards(principal: Principal, *, products: bool = True) -> CardNames:
    """What people call kinds of customers, features and, by one statement more, products."""
    _may_read(principal)
    return card_names(principal.tenant, products=products)


def cards(principal: Principal, *, target: str = "", role: str = "") -> QuerySet[CardVersion]:
    """Every version, without its text: by target, the newest first; `target_labels` is what people call the target."""
    _may_read(principal)
    wanted = {name: value for name, value in (("target", target), ("role", role)) if value}
    labels = Target.objects.filter(tenant=OuterRef("tenant"), name=OuterRef("target")).values("labels")[:1]
    rows = CardVersion.objects.filter(_theirs(principal), **wanted).defer("text")
    rows = rows.annotate(target_labels=Subquery(labels, output_field=JSONField()))
    return rows.order_by("target", "adapter", "-version", "id")


def card(principal: Principal, card_id: int) -> CardView:
    """One version whole; CardNotFound for one of another tenant as for none."""
    _may_read(principal)
    row = _row(principal, card_id)
    mine: dict[str, Any] = {"tenant": row.tenant, "adapter": row.adapter, "target": row.target, "version": row.version}
    try:
        found = Scorecard.loads(row.text)
    except CardError:
        found = None
    events = tuple(CardEvent.objects.filter(**mine).order_by("at", "id"))
    logged = logged_at_first(events)
    target = Target.objects.filter(tenant=row.tenant, name=row.target).first()
    called = card_names(row.tenant or principal.tenant, products=bool(target and target.products))
    return CardView(
        row=row,
        card=found,
        events=events,
        findings=findings_in(logged),
        comparison=comparison_in(logged),
        moved=moved_in(logged),
        target=target,
        called=called,
    )


def card_before(principal: Principal, view: CardView) -> CardView | None:
    """The version with which this one is to be compared: the champion of then, else the last one that had served."""
    row = view.row
    mine = CardVersion.objects.filter(tenant=row.tenant, adapter=row.adapter, target=row.target)
    if view.comparison is not None:
        earlier = mine.filter(version=view.comparison.champion).exclude(pk=row.pk).first()
    else:
        whose = {"tenant": row.tenant, "adapter": row.adapter, "target": row.target}
        served = CardEvent.objects.filter(**whose, after=Role.CHAMPION, version__lt=row.version).values("version")
        earlier = mine.filter(version__in=served).order_by("-version").first()
    return None if earlier is None else card(principal, earlier.pk)


def publish_text(
    principal: Principal,
    *,
    target: str,
    text: str,
    reason: str,
    accepted: Mapping[str, str] | None = None,
    now: datetime,
) -> CardVersion:
    """Make the card in `text` the champion of a target of the person's tenant, from the next request on.

    Raises NotAllowed, or BadMove naming the field and the fault; nothing changes then. A feature of which today's
    customers have one end alone is such a fault, unless `accepted` says why under its key, as `unlike:age`.
    """
    require(principal, "publish_card")
    why = reason_given(reason)
    declared = Target.objects.filter(tenant=principal.tenant, name=target).first()
    if declared is None:
        raise BadMove("target", _("“%(value)s” is not a target; declare it first.") % {"value": target[:60]})
    try:
        card = Scorecard.loads(text)
        return publish_card(principal, declared, card, reason=why, accepted=accepted, now=now)
    except (CardError, NotRegistered, ValidationError) as error:
        raise BadMove("card", str(error)) from error


def restore_card(principal: Principal, card_id: int, *, reason: str, now: datetime) -> CardVersion:
    """Publish an earlier version's card anew, as the next version: nothing of the past is edited.

    NotAllowed, CardNotFound, or BadMove for a card that serves or waits already or that fits its features no more.
    """
    target, row, why = _steered(principal, card_id, reason)
    if row.role == Role.CHALLENGER:
        raise BadMove("card", _("This version waits as the challenger: put it in force as it is."))
    return _published(target, row.text, by=principal.key, reason=why, now=now)


def promote_card(principal: Principal, card_id: int, *, reason: str, now: datetime) -> CardVersion:
    """Put the challenger that waits in force, whatever its comparison said; the champion before it is retired.

    NotAllowed, CardNotFound, or BadMove for a version that is no challenger or that fits its features no more.
    """
    target, row, why = _steered(principal, card_id, reason)
    if row.role != Role.CHALLENGER:
        raise BadMove("card", _("This version does not wait as a challenger; let an earlier one serve again instead."))
    try:
        return put_in_force(target, row, by=principal.key, reason=why, now=now)
    except (CardError, NotRegistered) as error:
        raise BadMove("card", str(error)) from error


def _steered(principal: Principal, card_id: int, reason: str) -> tuple[Target, CardVersion, str]:
    """A version that is to serve, with its target and the reason; refused unless it is the person's to decide."""
    require(principal, "publish_card")
    row, why = _row(principal, card_id), reason_given(reason)
    if row.tenant != principal.tenant:
        raise NotAllowed("publish_card")
    if row.role == Role.CHAMPION:
        raise BadMove("card", _("This version serves already."))
    target = Target.objects.filter(tenant=row.tenant, name=row.target, adapter=row.adapter).first()
    if target is None:
        raise BadMove("card", _("Its target is no longer declared."))
    return target, row, why


def _published(target: Target, text: str, *, by: str, reason: str, now: datetime) -> CardVersion:
    try:
        return put_first(target, Scorecard.loads(text), by=by, reason=reason, now=now)
    except (CardError, NotRegistered, ValidationError) as error:
        raise BadMove("card", str(error)) from error


def _may_read(principal: Principal) -> None:
    if not any(principal.may(permission) for permission in READERS):
        raise NotAllowed(READERS[0])


def _theirs(principal: Principal) -> Q:
    return Q(tenant=principal.tenant) | Q(tenant="")


def _row(principal: Principal, card_id: int) -> CardVersion:
    row = CardVersion.objects.filter(_theirs(principal), pk=card_id).first()
    if row is None:
        raise CardNotFound(str(card_id))
    return row
