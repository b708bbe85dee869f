"""The months of a log that is parted: made ahead of time, and payloads of whole months dropped by retention."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import datetime

from django.db import router, transaction
from django.utils.translation import gettext as _

from crm_assist.conf import settings
from crm_assist.decisions.models import Decision
from crm_assist.events import emit
from crm_assist.journal.drops import drop, droppable
from crm_assist.journal.models import Payload
from crm_assist.journal.parting import AHEAD, make_ahead
from crm_assist.journal.table_shape import PartsError
from crm_assist.privacy import holds
from crm_assist.types import Step

PARTED = (Payload, Decision)
"""The tables that grow with every look at a customer and are read by time or emptied by age, the most worth first.

What follows a decision (displays, responses, outcomes) is looked up by that decision and never goes: parting it would
cost each look-up and free nothing.
"""


def keep_ahead(*, now: datetime) -> None:
    """Make the months that the parted tables lack; where that fails it is told, and rows go where they find room."""
    for model in PARTED:
        try:
            made = make_ahead(router.db_for_write(model), model, now=now, ahead=AHEAD)
        except PartsError:
            emit("month.missing", table=model._meta.label_lower)
        else:
            for month in made:
                emit("month.made", table=model._meta.label_lower, month=str(month))


def drop_months(
    *,
    now: datetime,
    before: datetime | None,
    after: str,
    done: int,
    beat: Callable[[Step], object] | None = None,
) -> Iterator[Step]:
    """Drop the payloads of each month that lies before this moment; a step for each, in its own transaction."""
    for part in droppable(before=before) if before is not None else ():
        with transaction.atomic(router.db_for_write(Payload)):
            gone = drop(part, kept=holds.covered(now=now), retention_days=settings.RETENTION_DAYS, now=now)
            if gone is None:
                continue
            done += gone.payloads
            note = _("payloads of %(month)s dropped; %(kept)s kept") % {"month": gone.month, "kept": gone.kept}
            step = Step(done=done, cursor=after, note=note)
            if beat is not None:
                beat(step)
        emit("month.dropped", month=str(gone.month), rows=gone.payloads)
        yield step
