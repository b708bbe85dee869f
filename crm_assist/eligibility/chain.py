"""Which products may be offered to this customer, and why not the others? Pure; what is unknown is closed."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime, timedelta

from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from crm_assist.types import (
    ConsentState,
    CustomerFacts,
    PastSuggestion,
    Policy,
    ProductFacts,
    Situation,
    Verdict,
    Zone,
)

OPEN = Verdict(open=True, code="ok")


def customer_verdict(facts: CustomerFacts, history: Iterable[PastSuggestion] = ()) -> Verdict:
    """May this customer be offered anything at all? Live, traditional zone, consent, objection, in this order.

    What silences the score as well comes first: a refused consent must not hide that the conversation is the agent's.
    """
    if not facts.is_live:
        return Verdict(open=False, code="not_live", message=_("This customer is no longer active."))
    verdicts = (_zone_verdict(facts), _consent_verdict(facts), _objection_verdict(facts, history), _known_zone(facts))
    return next((verdict for verdict in verdicts if not verdict.open), OPEN)


def _consent_verdict(facts: CustomerFacts) -> Verdict:
    state = facts.consent.state if facts.consent else ConsentState.UNKNOWN
    if state is ConsentState.REFUSED:
        return Verdict(open=False, code="no_consent", message=_("This customer does not wish to receive suggestions."))
    if state is not ConsentState.GRANTED:
        message = _("It is not known whether this customer agrees to suggestions.")
        return Verdict(open=False, code="consent_unknown", message=message)
    return OPEN


def _objection_verdict(facts: CustomerFacts, history: Iterable[PastSuggestion]) -> Verdict:
    """An objection told to an agent closes everything until the host records a consent that is newer."""
    renewed = facts.consent.at if facts.consent else None
    for past in history:
        if past.reason != "customer_objects" or past.answered_at is None:
            continue
        if renewed is None or renewed <= past.answered_at:
            words = {"date": _day(past.answered_at)}
            message = _("This customer objected to suggestions on %(date)s.") % words
            return Verdict(open=False, code="objected", message=message)
    return OPEN


def _zone_verdict(facts: CustomerFacts) -> Verdict:
    for situation in facts.situations or ():
        if situation.zone is Zone.TRADITIONAL:
            return Verdict(open=False, code="zone_traditional", message=_yours(situation))
    return OPEN


def _known_zone(facts: CustomerFacts) -> Verdict:
    if facts.situations is None:
        message = _("The customer's situation could not be read, so nothing is suggested.")
        return Verdict(open=False, code="facts_unknown", message=message)
    return OPEN


def _yours(situation: Situation) -> str:
    if situation.since is None:
        return _("This conversation is yours: %(situation)s.") % {"situation": situation.label}
    since = _day(situation.since)
    words = {"situation": situation.label, "date": since}
    return _("This conversation is yours: %(situation)s since %(date)s.") % words


def product_verdicts(
    product: ProductFacts,
    *,
    adapter: str,
    facts: CustomerFacts,
    history: Iterable[PastSuggestion],
    policy: Policy,
    now: datetime,
    rules: tuple[Verdict, ...] = (),
) -> tuple[Verdict, ...]:
    """Every verdict on one product, the closed ones too, so that "why not" has its full answer.

    `rules` are what the business rules said of it: they come before the contact policy, which asks last.
    """
    past = [suggestion for suggestion in history if suggestion.product == product.code]
    return (
        _kind_verdict(product, adapter),
        _validity_verdict(product, now),
        _held_verdict(product, facts),
        *rules,
        _contact_verdict(past, policy, now),
    )


def _kind_verdict(product: ProductFacts, adapter: str) -> Verdict:
    if product.adapter and product.adapter != adapter:
        return Verdict(open=False, code="wrong_adapter", message=_("Not meant for this kind of customer."))
    return OPEN


def _validity_verdict(product: ProductFacts, now: datetime) -> Verdict:
    if now < product.valid_from:
        return Verdict(open=False, code="not_yet_valid", message=_("Not on offer yet."))
    if product.valid_until is not None and now >= product.valid_until:
        return Verdict(open=False, code="expired", message=_("No longer on offer."))
    return OPEN


def _held_verdict(product: ProductFacts, facts: CustomerFacts) -> Verdict:
    if facts.holdings is None:
        message = _("What the customer holds could not be read.")
        return Verdict(open=False, code="facts_unknown", message=message)
    if product.code in facts.holdings:
        return Verdict(open=False, code="already_held", message=_("The customer has it already."))
    return OPEN


def _contact_verdict(past: list[PastSuggestion], policy: Policy, now: datetime) -> Verdict:
    pause = timedelta(days=policy.rejection_pause_days)
    for suggestion in past:
        answered = suggestion.answered_at
        if answered is None:
            continue
        if suggestion.state in ("rejected", "dismissed") and now < answered + pause:
            words = {"date": _day(answered)}
            return Verdict(open=False, code="recently_rejected", message=_("Declined on %(date)s.") % words)
        if suggestion.state == "later" and suggestion.until and now < suggestion.until:
            words = {"date": _day(suggestion.until)}
            return Verdict(open=False, code="put_off", message=_("Put off until %(date)s.") % words)
        if suggestion.state in ("accepted", "escalated") and now < answered + pause:
            words = {"date": _day(answered)}
            return Verdict(open=False, code="in_hand", message=_("Taken up on %(date)s.") % words)
    return OPEN


def _day(moment: date) -> str:
    """The day in words, on the calendar of the time zone in force: late evening in UTC is the next day elsewhere."""
    if isinstance(moment, datetime) and timezone.is_aware(moment):
        moment = timezone.localtime(moment)
    return date_format(moment, "DATE_FORMAT")
