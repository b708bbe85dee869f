"""Not too often: how much of one kind of contact a product, a group, a customer or a household bears. Pure.

A policy counts what it tracks within a moving window; when the count reaches the threshold, whatever it covers rests
for a pause from that contact on. Agents who skip, customers who decline and customers who object are counted apart, so
that an agent's haste does not close a customer.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from django.utils.translation import ngettext


class ContactKind(StrEnum):
    """What happened between the bank and the customer, as far as it can tire a customer."""

    DISPLAYED = "displayed"
    """An agent had it on the screen."""
    SKIPPED = "skipped"
    """The agent passed over it: the customer does not know of it."""
    DECLINED = "declined"
    """The customer said no."""
    OBJECTED = "objected"
    """The customer wants no more of it at all."""
    ACCEPTED = "accepted"


class Scope(StrEnum):
    """What rests when a policy closes."""

    PRODUCT = "product"
    GROUP = "group"
    CUSTOMER = "customer"
    HOUSEHOLD = "household"


@dataclass(frozen=True, kw_only=True, slots=True)
class Contact:
    """One contact; `own` False: it was with another member of the household."""

    kind: ContactKind
    product: str
    group: str = ""
    channel: str = ""
    at: datetime
    own: bool = True


@dataclass(frozen=True, kw_only=True, slots=True)
class ContactPolicy:
    """So many contacts of a kind within so many days, then a pause of so many days; "" is every channel."""

    code: str
    version: int = 1
    tracked: ContactKind
    scope: Scope
    channel: str = ""
    window_days: int
    threshold: int
    pause_days: int


@dataclass(frozen=True, kw_only=True, slots=True)
class Rest:
    """Why something rests, and until when."""

    policy: ContactPolicy
    count: int
    until: datetime


LIMITS = {"window_days": (1, 3650), "threshold": (1, 1000), "pause_days": (1, 3650)}


def check(policy: ContactPolicy) -> None:
    """ValidationError by field for a number that is out of range: each such policy would close all or nothing."""
    wrong = {
        name: _("Give a whole number from %(low)s to %(high)s, not %(value)s.")
        % {"low": str(low), "high": str(high), "value": str(getattr(policy, name))}
        for name, (low, high) in LIMITS.items()
        if not low <= getattr(policy, name) <= high
    }
    if wrong:
        raise ValidationError(wrong)


def resting(
    *, product: str, group: str, contacts: Sequence[Contact], policies: Iterable[ContactPolicy], now: datetime
) -> tuple[Rest, ...]:
    """The policies for which the product rests now, each with what it counted; in the order of the policies."""
    found = []
    for policy in policies:
        if policy.scope is Scope.GROUP and not group:
            continue  # a product without a group shares no counter with others
        tracked = [contact for contact in contacts if _counts(contact, policy, product, group, now)]
        rest = _rest(tracked, policy, now)
        if rest is not None:
            found.append(rest)
    return tuple(found)


def worded(rest: Rest) -> str:
    """Why it rests, in the language in force."""
    count, days = rest.count, rest.policy.window_days
    within = ngettext("within %(days)s day", "within %(days)s days", days) % {"days": days}
    match rest.policy.tracked:
        case ContactKind.DISPLAYED:
            text = ngettext("Shown %(count)s time %(within)s.", "Shown %(count)s times %(within)s.", count)
        case ContactKind.SKIPPED:
            text = ngettext("Skipped %(count)s time %(within)s.", "Skipped %(count)s times %(within)s.", count)
        case ContactKind.DECLINED:
            text = ngettext(
                "The customer declined %(count)s time %(within)s.",
                "The customer declined %(count)s times %(within)s.",
                count,
            )
        case ContactKind.OBJECTED:
            text = ngettext(
                "The customer objected %(count)s time %(within)s.",
                "The customer objected %(count)s times %(within)s.",
                count,
            )
        case ContactKind.ACCEPTED:
            text = ngettext("Taken up %(count)s time %(within)s.", "Taken up %(count)s times %(within)s.", count)
    return text % {"count": count, "within": within}


def _counts(contact: Contact, policy: ContactPolicy, product: str, group: str, now: datetime) -> bool:
    if contact.kind is not policy.tracked or contact.at > now:
        return False
    if policy.channel and contact.channel != policy.channel:
        return False
    if not contact.own and policy.scope is not Scope.HOUSEHOLD:
        return False
    match policy.scope:
        case Scope.PRODUCT:
            return contact.product == product
        case Scope.GROUP:
            return contact.group == group
        case _:
            return True


def _rest(tracked: Iterable[Contact], policy: ContactPolicy, now: datetime) -> Rest | None:
    """The rest that lasts longest, if one lasts: from the latest contact that filled the window on."""
    moments = sorted(contact.at for contact in tracked)
    window, pause = timedelta(days=policy.window_days), timedelta(days=policy.pause_days)
    for last in range(len(moments) - 1, policy.threshold - 2, -1):
        until = moments[last] + pause
        if until <= now:
            return None  # every earlier one ended before
        if moments[last] - moments[last - policy.threshold + 1] < window:
            count = sum(1 for at in moments[: last + 1] if moments[last] - at < window)
            return Rest(policy=policy, count=count, until=until)
    return None
