"""The stored latest score of each customer, indexed for lists; live values never wait for it."""

from __future__ import annotations

from django.db import models
from django.db.models import Q


class LatestScore(models.Model):
    """The last stored score of one subject for one target, with typed copies of the key for joins without casts."""

    tenant = models.CharField(max_length=64, blank=True, default="")
    target = models.CharField(max_length=100)
    subject = models.ForeignKey("crm_assist.Subject", on_delete=models.CASCADE, related_name="+")
    model_label = models.CharField(max_length=100)
    key = models.CharField(max_length=255)
    key_int = models.BigIntegerField(null=True, blank=True)
    key_uuid = models.UUIDField(null=True, blank=True)
    probability = models.FloatField()
    previous = models.FloatField(null=True, blank=True)
    band = models.CharField(max_length=12)
    card = models.CharField(max_length=64)
    version = models.PositiveIntegerField()
    scored_at = models.DateTimeField()

    class Meta:
        default_permissions = ()
        constraints = [
            models.UniqueConstraint(fields=["target", "subject"], name="crm_assist_latest_score"),
            models.CheckConstraint(condition=Q(probability__gte=0, probability__lte=1), name="crm_assist_score_range"),
        ]
        indexes = [
            models.Index(fields=["target", "tenant", "-probability", "key_int"], name="crm_assist_score_int"),
            models.Index(fields=["target", "tenant", "-probability", "key_uuid"], name="crm_assist_score_uuid"),
            models.Index(fields=["target", "tenant", "-probability", "key"], name="crm_assist_score_text"),
        ]

    def __str__(self) -> str:
        return f"{self.target} {self.key}: {self.probability:.3f}"
