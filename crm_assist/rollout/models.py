"""Where each team stands on the ladder, the kill switch, and the log of every move."""

from __future__ import annotations

from django.core.validators import MaxValueValidator
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from crm_assist.journal.models import LogRow
from crm_assist.types import Phase

PHASES = [
    (Phase.OFF.value, _("Off")),
    (Phase.SHADOW.value, _("Shadow")),
    (Phase.SCORE.value, _("Score")),
    (Phase.RECOMMEND.value, _("Recommend")),
]


class TeamPhase(models.Model):
    """The phase in force for one team of one tenant; the empty team is the default for all others."""

    tenant = models.CharField(max_length=64, blank=True, default="")
    team = models.CharField(max_length=100, blank=True, default="")
    phase = models.CharField(max_length=12, choices=PHASES, default=Phase.OFF.value)
    percent = models.PositiveSmallIntegerField(default=100, validators=[MaxValueValidator(100)])
    outside = models.CharField(max_length=12, choices=PHASES, default=Phase.OFF.value)
    changed_at = models.DateTimeField()
    changed_by = models.CharField(max_length=150, blank=True, default="")

    class Meta:
        verbose_name = _("phase of a team")
        verbose_name_plural = _("phases")
        default_permissions = ()
        permissions = [("change_phase", _("Can move teams through the phases and use the kill switch"))]
        constraints = [
            models.UniqueConstraint(fields=["tenant", "team"], name="crm_assist_team_phase"),
            models.CheckConstraint(condition=Q(percent__lte=100), name="crm_assist_team_percent"),
            models.CheckConstraint(
                condition=Q(phase__in=[phase.value for phase in Phase]), name="crm_assist_team_phase_known"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.team or '*'}: {self.phase}"


class Control(models.Model):
    """One row per tenant: the kill switch; the row of the empty tenant holds for all and counts revisions."""

    tenant = models.CharField(max_length=64, blank=True, default="", unique=True)
    killed = models.BooleanField(default=False)
    revision = models.PositiveBigIntegerField(default=0)
    changed_at = models.DateTimeField()
    changed_by = models.CharField(max_length=150, blank=True, default="")

    class Meta:
        default_permissions = ()
        permissions = [("view_health", _("Can see the details of readiness and the metrics"))]

    def __str__(self) -> str:
        return f"{self.tenant or '*'}: {'killed' if self.killed else 'running'}"


class PhaseChange(LogRow):
    """One move of a team, or one throw of the kill switch, with who and why."""

    team = models.CharField(max_length=100, blank=True, default="")
    before = models.CharField(max_length=12, blank=True, default="")
    after = models.CharField(max_length=12)
    percent = models.PositiveSmallIntegerField(default=100)
    by = models.CharField(max_length=150)
    reason = models.CharField(max_length=500)

    class Meta(LogRow.Meta):
        indexes = [*LogRow.Meta.indexes, models.Index(fields=["tenant", "at", "id"], name="crm_assist_phase_change_at")]

    def __str__(self) -> str:
        return f"{self.team or '*'}: {self.before} > {self.after}"
