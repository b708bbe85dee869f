"""Runs: what works in the background, how far it has come, and who may go on with it."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any, Self

from django.db import models
from django.db.models import Max, Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy


class Kind(models.TextChoices):
    """What a run does."""

    RESCORE = "rescore", _("Stored scores")
    SWEEP = "sweep", _("Search for silent changes")
    REFIT = "refit", _("New scorecard")
    SEAL = "seal", _("Seals of the log")
    RETAIN = "retain", _("Retention")
    COUNT = "count", _("Counts for review")


class RunState(models.TextChoices):
    """Whether there is more to do; who does it now is a question of the heart-beat."""

    RUNNING = "running", pgettext_lazy("background work", "Running")
    DONE = "done", _("Done")
    FAILED = "failed", _("Failed")


class RunQuerySet(models.QuerySet[Any]):
    """Reads of runs."""

    def named(self, kind: str, about: str, tenant: str) -> Self:
        """The runs that do the same thing."""
        return self.filter(kind=kind, about=about, tenant=tenant)

    def running(self) -> Self:
        """Those with more to do."""
        return self.filter(state=RunState.RUNNING)

    def stale(self, now: datetime, *, seconds: int) -> Self:
        """Those with more to do that nobody works on: never taken, let go, or without a heart-beat for so long."""
        return self.running().filter(Q(beat_at__isnull=True) | Q(beat_at__lt=now - timedelta(seconds=seconds)))

    def for_tenant(self, tenant: str) -> Self:
        """What people of this tenant may see: its own runs, and those of the whole house."""
        return self.filter(tenant__in=["", tenant]) if tenant else self

    def latest_of_each(self) -> Self:
        """The newest run of each kind, subject matter and tenant."""
        newest = self.order_by().values("kind", "about", "tenant").annotate(newest=Max("pk")).values("newest")
        return self.filter(pk__in=newest).order_by("kind", "about", "tenant")


class Run(models.Model):
    """One piece of work: `attempt` is the fencing number of whoever holds it, `cursor` where to go on from."""

    kind = models.CharField(max_length=20, choices=Kind.choices)
    about = models.CharField(max_length=100, blank=True, default="")
    tenant = models.CharField(max_length=64, blank=True, default="")
    state = models.CharField(max_length=10, choices=RunState.choices, default=RunState.RUNNING)
    cursor = models.TextField(blank=True, default="")
    done = models.PositiveBigIntegerField(default=0)
    total = models.PositiveBigIntegerField(null=True, blank=True)
    note = models.CharField(max_length=300, blank=True, default="")
    attempt = models.PositiveIntegerField(default=0)
    idle = models.PositiveIntegerField(default=0)
    asked_at = models.DateTimeField()
    started_at = models.DateTimeField(null=True, blank=True)
    beat_at = models.DateTimeField(null=True, blank=True)
    finished_at = models.DateTimeField(null=True, blank=True)
    fault = models.CharField(max_length=1000, blank=True, default="")
    by = models.CharField(max_length=150, blank=True, default="")
    options = models.JSONField(default=dict, blank=True)

    objects = RunQuerySet.as_manager()

    class Meta:
        verbose_name = _("background work")
        verbose_name_plural = _("background work")
        default_permissions = ()
        permissions = [("manage_runs", _("Can see, start and resume background work"))]
        constraints = [
            models.UniqueConstraint(
                fields=["kind", "about", "tenant"],
                condition=Q(state="running"),
                name="crm_assist_one_run",
            ),
        ]
        indexes = [models.Index(fields=["kind", "about", "tenant", "-id"], name="crm_assist_run_latest")]

    def __str__(self) -> str:
        return " ".join(part for part in (self.kind, self.about, self.tenant) if part)


class RunRequest(models.Model):
    """A message that asked for a run and must ask for no other, however often it is delivered."""

    key = models.CharField(max_length=200, primary_key=True)
    run = models.ForeignKey(Run, on_delete=models.CASCADE, related_name="requests")

    class Meta:
        default_permissions = ()

    def __str__(self) -> str:
        return self.key
