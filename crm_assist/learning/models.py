"""Targets: what a card predicts, for whom, within which time, and who answers for it."""

from __future__ import annotations

from collections.abc import Mapping

from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.utils import timezone
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from crm_assist.types import Use


class Target(models.Model):
    """An outcome of a product within a horizon, declared before anything is learned from it."""

    tenant = models.CharField(max_length=64, blank=True, default="")
    name = models.SlugField(max_length=100)
    adapter = models.CharField(max_length=100)
    labels = models.JSONField()
    products = models.JSONField(default=list, blank=True)
    population = models.JSONField(default=dict, blank=True)
    outcome = models.CharField(max_length=12, default="ordered")
    purpose = models.CharField(max_length=12, default=Use.MARKETING.value)
    horizon_days = models.PositiveSmallIntegerField(validators=[MinValueValidator(1), MaxValueValidator(1095)])
    attribution_days = models.PositiveSmallIntegerField(
        null=True, blank=True, validators=[MinValueValidator(1), MaxValueValidator(3650)]
    )
    """How long after a suggestion of its products an outcome follows from it; `ATTRIBUTION_DAYS` where it is None."""
    sources = models.JSONField(default=list, blank=True)
    """The host's systems that tell of its outcomes; every one that said how far it is complete where none is named."""
    is_main = models.BooleanField(default=False)
    owner = models.CharField(max_length=150, blank=True, default="")
    changed_at = models.DateTimeField(default=timezone.now)
    changed_by = models.CharField(max_length=150, blank=True, default="")

    class Meta:
        verbose_name = _("target")
        verbose_name_plural = _("targets")
        default_permissions = ()
        permissions = [("declare_target", _("Can declare targets"))]
        constraints = [models.UniqueConstraint(fields=["tenant", "name"], name="crm_assist_target_name")]

    def __str__(self) -> str:
        return self.name

    @property
    def label(self) -> str:
        """What it means in the language in force, else in English, else its name."""
        return label_of(self.labels, self.name)


def label_of(labels: Mapping[str, str], name: str) -> str:
    """What people call a target, in the language in force, else in English; its name where nobody says."""
    language = (get_language() or "en").split("-")[0]
    return str(labels.get(language) or labels.get("en") or name)
