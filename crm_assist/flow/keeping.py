"""The log kept: what is settled is sealed, and what is older than retention allows loses its payload."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from pathlib import Path
from uuid import UUID

from django.db import router, transaction
from django.utils.translation import gettext as _

from crm_assist.conf import settings
from crm_assist.customers.models import Subject
from crm_assist.flow.heads import keep_heads
from crm_assist.flow.months import drop_months, keep_ahead
from crm_assist.flow.rights import erase_due
from crm_assist.journal import sealing
from crm_assist.journal.expiry import empty_expired, expired
from crm_assist.journal.models import Payload, Seal
from crm_assist.privacy import holds
from crm_assist.types import Step

Beat = Callable[[Step], object]


def seal(*, now: datetime, tenant: str | None = None, beat: Beat | None = None) -> Iterator[Step]:
    """Seal what is settled, of every tenant or of one; a step for each link.

    It needs no cursor: what is sealed is known from the seals. `beat` is called in each link's own transaction. At the
    end the heads are kept in `HEAD_FILE`, where one is named; HeadFileError says that they could not be.
    """
    chosen = sealing.tenants() if tenant is None else [tenant]
    total = sum(sealing.unsealed(name).count for name in chosen)
    done = links = 0
    for name in chosen:
        while True:
            with transaction.atomic(router.db_for_write(Seal)):
                link = sealing.seal(tenant=name, now=now)
                if link is None:
                    break
                done, links = done + link.rows, links + 1
                note = _("%(count)s seals") % {"count": links}
                step = Step(done=done, cursor=name, total=max(total, done), note=note)
                if beat is not None:
                    beat(step)
            yield step
    if settings.HEAD_FILE:
        keep_heads(Path(settings.HEAD_FILE), now=now, tenants=chosen)


def kept_from(now: datetime) -> datetime | None:
    """The moment before which retention empties payloads about customers; None where it keeps them all."""
    days = settings.RETENTION_DAYS
    return now - timedelta(days=days) if days > 0 else None


def retain(*, now: datetime, after: str = "", done: int = 0, beat: Beat | None = None) -> Iterator[Step]:
    """Drop or empty the payloads about customers older than `RETENTION_DAYS`, then forget those whose time has come.

    Where the log is parted by month, months are made ahead first, and whole months go as such.

    What a hold covers stays. Nothing is emptied where `RETENTION_DAYS` is 0; those who asked to be forgotten while a
    hold stood in the way are forgotten all the same once it is over. Rows, digests and seals stay, as after an erasure.
    `after` and `done` go on from a step; `beat` is called in each chunk's own transaction.
    """
    keep_ahead(now=now)
    for step in drop_months(now=now, before=kept_from(now), after=after, done=done, beat=beat):
        done = step.done
        yield step
    for step in _expired(now, after, done, beat):
        after, done = step.cursor, step.done
        yield step
    for pk in list(Subject.objects.due_for_erasure().order_by("pk").values_list("pk", flat=True)):
        with transaction.atomic(router.db_for_write(Payload)):
            rows = erase_due(pk, now=now)
            if rows is None:
                continue
            done += rows
            step = Step(done=done, cursor=after, note=_("customers forgotten after a hold"))
            if beat is not None:
                beat(step)
        yield step


def _expired(now: datetime, after: str, done: int, beat: Beat | None) -> Iterator[Step]:
    before, last = kept_from(now), UUID(after) if after else None
    if before is None:
        return
    note = _("payloads from before %(date)s emptied") % {"date": f"{before:%Y-%m-%d}"}
    total = done + expired(before=before, after=last, kept=holds.covered(now=now)).count()
    while True:
        with transaction.atomic(router.db_for_write(Payload)):
            emptied = empty_expired(before=before, after=last, now=now, kept=holds.covered(now=now))
            if emptied is None:
                break
            done, last = done + emptied.count, emptied.last
            step = Step(done=done, cursor=str(last), total=max(total, done), note=note)
            if beat is not None:
                beat(step)
        yield step
