"""Published versions of scorecards and the roles they play."""

from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from crm_assist.journal.models import LogRow


class Role(models.TextChoices):
    """What a version is used for: one champion serves, challengers wait, retired ones stay for replay."""

    CHAMPION = "champion", pgettext_lazy("card", "Champion")
    CHALLENGER = "challenger", pgettext_lazy("card", "Challenger")
    RETIRED = "retired", pgettext_lazy("card", "Retired")


class CardVersion(models.Model):
    """One version of the card of one target, as the exact text that was fitted; never edited."""

    tenant = models.CharField(max_length=64, blank=True, default="")
    adapter = models.CharField(max_length=100)
    target = models.CharField(max_length=100)
    version = models.PositiveIntegerField()
    role = models.CharField(max_length=12, choices=Role.choices, default=Role.CHALLENGER)
    text = models.TextField()
    digest = models.CharField(max_length=64)
    published_at = models.DateTimeField()
    published_by = models.CharField(max_length=150, blank=True, default="")

    class Meta:
        verbose_name = _("scorecard")
        verbose_name_plural = _("scorecards")
        default_permissions = ()
        permissions = [("publish_card", _("Can publish and retire scorecards"))]
        constraints = [
            models.UniqueConstraint(fields=["tenant", "adapter", "target", "version"], name="crm_assist_card_version"),
            models.UniqueConstraint(
                fields=["tenant", "adapter", "target"],
                condition=Q(role="champion"),
                name="crm_assist_one_champion",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.target} v{self.version}"


class CardEvent(LogRow):
    """One change of a version's role, with who and why."""

    adapter = models.CharField(max_length=100)
    target = models.CharField(max_length=100)
    version = models.PositiveIntegerField()
    before = models.CharField(max_length=12, blank=True, default="")
    after = models.CharField(max_length=12)
    card = models.CharField(max_length=64)
    by = models.CharField(max_length=150)
    reason = models.CharField(max_length=500)

    def __str__(self) -> str:
        return f"{self.target} v{self.version}: {self.after}"
