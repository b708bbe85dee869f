"""The counts that rates are made of: exact, made anew for each day that anything happened to."""

from __future__ import annotations

from datetime import date
from typing import Any, Self

from django.db import models
from django.db.models import Q, Sum
from django.db.models.functions import TruncWeek
from django.utils.translation import gettext_lazy as _

DIMENSIONS = ("team", "product", "product_version", "card", "phase")
"""By what the suggestions of a day are counted apart; and by their answer and its reason."""


class DayCountQuerySet(models.QuerySet[Any]):
    """Reads of counts."""

    def within(self, tenant: str, since: date, until: date) -> Self:
        """Those of suggestions opened from `since` to `until`, both days included."""
        return self.filter(tenant=tenant, day__gte=since, day__lte=until)

    def weekly(self) -> Self:
        """With the Monday of each day's week as `week`."""
        return self.annotate(week=TruncWeek("day"))

    def summed(self, *names: str) -> models.QuerySet[Any, Any]:
        """One entry for each value of the named columns: `offered`, `seen`, and how many got which answer."""
        kinds = ("accepted", "later", "rejected")
        answers = {kind: Sum("count", filter=Q(answer=kind), default=0) for kind in kinds}
        seen = Sum("count", filter=Q(is_seen=True), default=0)
        rows: models.QuerySet[Any, Any] = self.order_by().values(*names)
        summed: models.QuerySet[Any, Any] = rows.annotate(offered=Sum("count", default=0), seen=seen, **answers)
        return summed


class DayCount(models.Model):
    """How many of one day's suggestions have all of this in common; `answer` is empty where nobody answered."""

    tenant = models.CharField(max_length=64, blank=True, default="")
    day = models.DateField()
    team = models.CharField(max_length=100, blank=True, default="")
    product = models.CharField(max_length=60)
    product_version = models.PositiveIntegerField(default=1)
    card = models.CharField(max_length=64, blank=True, default="")
    phase = models.CharField(max_length=12)
    is_seen = models.BooleanField()
    answer = models.CharField(max_length=12, blank=True, default="")
    reason = models.CharField(max_length=30, blank=True, default="")
    count = models.PositiveIntegerField()

    objects = DayCountQuerySet.as_manager()

    class Meta:
        verbose_name = _("result")
        verbose_name_plural = _("results")
        default_permissions = ()
        constraints = [
            models.UniqueConstraint(
                fields=["tenant", "day", *DIMENSIONS, "is_seen", "answer", "reason"], name="crm_assist_day_count"
            )
        ]

    def __str__(self) -> str:
        return f"{self.day} {self.product}: {self.count}"


class SilenceCount(models.Model):
    """How many of one day's decisions were silent for this reason; those that offered something have none."""

    tenant = models.CharField(max_length=64, blank=True, default="")
    day = models.DateField()
    team = models.CharField(max_length=100, blank=True, default="")
    phase = models.CharField(max_length=12)
    silence = models.CharField(max_length=40, blank=True, default="")
    count = models.PositiveIntegerField()

    class Meta:
        default_permissions = ()
        constraints = [
            models.UniqueConstraint(
                fields=["tenant", "day", "team", "phase", "silence"], name="crm_assist_silence_count"
            )
        ]

    def __str__(self) -> str:
        return f"{self.day} {self.silence}: {self.count}"


class CountMark(models.Model):
    """Up to where in the log a tenant's suggestions are counted, as of when, and by days of which time zone."""

    tenant = models.CharField(max_length=64, primary_key=True)
    marks = models.JSONField(default=dict)
    zone = models.CharField(max_length=64, blank=True, default="")
    counted_at = models.DateTimeField(null=True)

    class Meta:
        default_permissions = ()

    def __str__(self) -> str:
        return f"{self.tenant}: {self.counted_at}"
