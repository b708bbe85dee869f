"""Suggestions and silences counted for review: each day that anything happened to since the last time, as a whole."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import datetime
from uuid import UUID

from django.db import router, transaction
from django.utils.timezone import get_default_timezone, get_default_timezone_name
from django.utils.translation import gettext as _

from crm_assist.decisions.models import Decision, Display, Response
from crm_assist.decisions.tallies import days_touched, silences, tally
from crm_assist.journal.models import Seal
from crm_assist.journal.order import Marks, order_for
from crm_assist.journal.sealing import tenants
from crm_assist.oversight import counting
from crm_assist.types import Step

FOLLOWED = (Decision, Display, Response)
Beat = Callable[[Step], object]


def count(*, now: datetime, tenant: str | None = None, beat: Beat | None = None) -> Iterator[Step]:
    """Count what is settled in the log and was not counted yet, of every tenant or of one; a step for each day.

    It needs no cursor: a day counted again has the same counts. `beat` is called in each day's own transaction.
    """
    done = 0
    for name in tenants() if tenant is None else [tenant]:
        for step in _counted(name, done, now, beat):
            done = step.done
            yield step


def _counted(tenant: str, done: int, now: datetime, beat: Beat | None) -> Iterator[Step]:
    zone, using = get_default_timezone(), router.db_for_write(Seal)
    mark = counting.marked(tenant)
    # Days that begin at another hour are other days.
    is_new_zone = mark.zone != get_default_timezone_name()
    order = order_for(using, tenant)
    order.look(None)
    reached = order.reached()
    after: Marks = {} if is_new_zone else _read(mark.marks)
    new = {model._meta.label_lower: order.between(model, after, reached) for model in FOLLOWED}
    days = sorted(days_touched(tenant, new, zone))
    if is_new_zone:
        counting.forget_days(tenant=tenant)
    for place, day in enumerate(days, start=1):
        with transaction.atomic(using):
            quiet = silences(tenant, day, zone)
            counting.replace_day(tenant=tenant, day=day, rows=tally(tenant, day, zone), silences=quiet)
            step = Step(
                done=done + place, total=done + len(days), note=_("counted to %(day)s") % {"day": day.isoformat()}
            )
            if beat is not None:
                beat(step)
        yield step
    counting.move_mark(tenant=tenant, marks=_written(reached), zone=get_default_timezone_name(), now=now)


def _written(marks: Marks) -> dict[str, list[str]]:
    """As JSON keeps them: a number of 64 bits is more than some readers take."""
    return {name: [str(place), str(row_id)] for name, (place, row_id) in marks.items()}


def _read(marks: dict[str, list[str]]) -> Marks:
    return {name: (int(place), UUID(row_id)) for name, (place, row_id) in marks.items()}
