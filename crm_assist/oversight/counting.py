"""Writes of the counts: one day at a time as a whole, so that a day is never counted twice or by half."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date, datetime
from typing import Any

from django.db import router, transaction

from crm_assist.oversight.models import CountMark, DayCount, SilenceCount

AT_ONCE = 2_000


def marked(tenant: str) -> CountMark:
    """The tenant's mark; one that says that nothing is counted yet where there is none."""
    return CountMark.objects.filter(tenant=tenant).first() or CountMark(tenant=tenant)


def replace_day(
    *, tenant: str, day: date, rows: Iterable[Mapping[str, Any]], silences: Iterable[Mapping[str, Any]] = ()
) -> int:
    """Put these counts in the place of the day's; returns how many suggestions they count."""
    using = router.db_for_write(DayCount)
    fresh = [DayCount(tenant=tenant, day=day, **row) for row in rows]
    quiet = [SilenceCount(tenant=tenant, day=day, **row) for row in silences]
    with transaction.atomic(using):
        _alone(tenant, using)
        DayCount.objects.using(using).filter(tenant=tenant, day=day).delete()
        DayCount.objects.using(using).bulk_create(fresh, batch_size=AT_ONCE)
        SilenceCount.objects.using(using).filter(tenant=tenant, day=day).delete()
        SilenceCount.objects.using(using).bulk_create(quiet, batch_size=AT_ONCE)
    return sum(row.count for row in fresh)


def forget_days(*, tenant: str) -> None:
    """Leave out all counts of the tenant: its days begin at another hour from now on."""
    using = router.db_for_write(DayCount)
    with transaction.atomic(using):
        _alone(tenant, using)
        for counts in (DayCount, SilenceCount):
            counts._default_manager.using(using).filter(tenant=tenant).delete()


def move_mark(*, tenant: str, marks: Mapping[str, Any], zone: str, now: datetime) -> None:
    """Say up to where the tenant's suggestions are counted now."""
    told = {"marks": dict(marks), "zone": zone, "counted_at": now}
    CountMark.objects.update_or_create(tenant=tenant, defaults=told)


def _alone(tenant: str, using: str) -> None:
    """Two who count the same day wait for each other: the second one's counts are the newer ones."""
    CountMark.objects.using(using).get_or_create(tenant=tenant)
    CountMark.objects.using(using).select_for_update().get(tenant=tenant)
