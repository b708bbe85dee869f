"""What customers did, as the host tells it: checked field by field before it may become a row of the log."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.utils.translation import gettext as _

from crm_assist.decisions.answers import BadAnswer
from crm_assist.decisions.models import Outcome
from crm_assist.journal.ids import uuid7
from crm_assist.types import OutcomeKind

LONGEST = {"product": 60, "source": 40, "external_id": 100}
"""The widths of the columns, which SQLite would not hold anybody to."""

EARLIEST_YEAR = 1900
"""An outcome of this year or before is taken for a mistake."""

AHEAD = timedelta(minutes=5)
"""How far the clock of another system may go ahead of ours; what lies further in the future is refused."""

NEXT = -1
"""The version of a telling that names none: the one after the latest known."""

MOST_VERSION = 2**53 - 1
"""The largest whole number that every JSON reader keeps exactly: milliseconds since 1970 fit."""


def checked_kind(kind: str) -> OutcomeKind:
    """The outcome as a value, or BadAnswer."""
    try:
        return OutcomeKind(kind)
    except ValueError:
        words = {"value": kind[:40], "known": ", ".join(OutcomeKind)}
        raise BadAnswer("kind", _("“%(value)s” is not an outcome; use one of %(known)s.") % words) from None


def checked_version(version: int | None, *, external_id: str) -> int:
    """The version of a telling, NEXT for none; BadAnswer for one out of bounds or of an outcome without an id."""
    if version is None:
        return NEXT
    if not 0 <= version <= MOST_VERSION:
        words = {"value": str(version)[:40], "most": MOST_VERSION}
        raise BadAnswer("version", _("“%(value)s” is not a version; use a whole number from 0 to %(most)d.") % words)
    if not external_id:
        raise BadAnswer("version", _("A version needs an external_id: it says which telling of one outcome counts."))
    return version


def checked_moment(occurred_at: datetime, *, now: datetime) -> datetime:
    """When it happened, or BadAnswer: without a time zone, in the future, or before anybody kept records."""
    if occurred_at.tzinfo is None:
        raise BadAnswer("occurred_at", _("The time has no time zone; give an aware one."))
    if occurred_at > now + AHEAD:
        raise BadAnswer("occurred_at", _("An outcome cannot lie in the future; give the time at which it happened."))
    if occurred_at.year <= EARLIEST_YEAR:
        message = _("An outcome cannot lie before %(year)d; give the time at which it happened.")
        raise BadAnswer("occurred_at", message % {"year": EARLIEST_YEAR + 1})
    return occurred_at


def checked_texts(**texts: str) -> None:
    """BadAnswer for a text that no column holds, by the name of its column."""
    for field, text in texts.items():
        if len(text) > LONGEST[field] or "\x00" in text:
            message = _("This text is too long: use at most %(longest)d characters.")
            raise BadAnswer(field, message % {"longest": LONGEST[field]})


def outcome_row(
    *,
    subject_id: int,
    tenant: str,
    product: str,
    kind: str,
    occurred_at: datetime,
    source: str,
    external_id: str,
    now: datetime,
    version: int | None = None,
) -> Outcome:
    """The row of one outcome, not yet recorded; BadAnswer names the field that cannot be taken."""
    checked_texts(product=product, source=source, external_id=external_id)
    return Outcome(
        id=uuid7(now),
        tenant=tenant,
        at=now,
        subject_id=subject_id,
        product=product,
        kind=checked_kind(kind).value,
        occurred_at=checked_moment(occurred_at, now=now),
        source=source,
        external_id=external_id,
        version=checked_version(version, external_id=external_id),
    )
