"""Holds on data that must be kept for a legal claim or an authority, and who looked at one agent alone."""

from __future__ import annotations

from typing import Any, ClassVar

from django.db import models
from django.db.models import Exists, OuterRef, Q
from django.utils.translation import gettext_lazy as _

from crm_assist.journal.models import LogQuerySet, LogRow


class HoldEventQuerySet(LogQuerySet):
    """Reads of holds; what is in force follows from the rows, and is kept nowhere else."""

    def in_force(self, now: Any) -> LogQuerySet:
        """Holds that were placed, that nobody lifted, and that have not come to their end."""
        lifted = HoldEvent.objects.filter(hold_id=OuterRef("pk"), kind=HoldEvent.Kind.LIFTED)
        placed = self.filter(kind=HoldEvent.Kind.PLACED).filter(Q(ends_at=None) | Q(ends_at__gt=now))
        return placed.filter(~Exists(lifted))


class HoldEvent(LogRow):
    """A hold that was placed or lifted, or an erasure that it put off: rows of the log, which nobody can take back.

    Without a subject a hold is about everything of its tenant, or about the rows written in a period.
    """

    class Kind(models.TextChoices):
        """What happened."""

        PLACED = "placed", _("Placed")
        LIFTED = "lifted", _("Lifted")
        DEFERRED = "deferred", _("Erasure put off")

    kind = models.CharField(max_length=8, choices=Kind.choices)
    hold_id = models.UUIDField(null=True, blank=True, db_index=True)
    subject = models.ForeignKey(
        "crm_assist.Subject", null=True, blank=True, on_delete=models.PROTECT, related_name="+", db_index=False
    )
    rows_from = models.DateTimeField(null=True, blank=True)
    rows_until = models.DateTimeField(null=True, blank=True)
    ends_at = models.DateTimeField(null=True, blank=True)
    by = models.CharField(max_length=150)
    reason = models.CharField(max_length=500, blank=True, default="")

    objects: ClassVar[Any] = HoldEventQuerySet.as_manager()

    class Meta(LogRow.Meta):
        permissions = [
            ("manage_holds", _("Can hold data back from retention and erasure")),
            ("view_dossier", _("Can put together a customer’s dossier")),
            ("view_agent", _("Can review the decisions of one agent")),
        ]
        indexes = [*LogRow.Meta.indexes, models.Index(fields=["tenant", "at", "id"], name="crm_assist_hold_event_at")]

    def __str__(self) -> str:
        return f"{self.kind} {self.hold_id or self.pk}"


class AgentLook(LogRow):
    """Somebody reviewed the decisions of one agent alone."""

    agent_key = models.CharField(max_length=150)
    by = models.CharField(max_length=150)

    class Meta(LogRow.Meta):
        indexes = [
            *LogRow.Meta.indexes,
            models.Index(fields=["tenant", "agent_key", "-at"], name="crm_assist_agent_look_of"),
        ]

    def __str__(self) -> str:
        return f"{self.agent_key} by {self.by}"
