"""Subjects: our rows that stand for the host's customers, without any foreign key to them."""

from __future__ import annotations

from typing import Any

from django.db import models
from django.db.models import Q


class SubjectQuerySet(models.QuerySet[Any]):
    """Subjects, always asked for within one tenant."""

    def of(self, model_label: str, key: str, tenant: str) -> SubjectQuerySet:
        """The subject of one customer: at most one row, merged or not."""
        return self.filter(tenant=tenant, model_label=model_label, key=key)

    def of_model(self, model_label: str, tenant: str) -> SubjectQuerySet:
        """The subjects of one of a tenant's models."""
        return self.filter(model_label=model_label, tenant=tenant)

    def for_tenant(self, tenant: str) -> SubjectQuerySet:
        """The subjects of one tenant."""
        return self.filter(tenant=tenant)

    def resolved(self) -> SubjectQuerySet:
        """Those that stand for themselves: not merged into another."""
        return self.filter(merged_into__isnull=True)

    def united(self, subject_id: int) -> SubjectQuerySet:
        """A subject and those merged into it, for `subject__in`: joined instead, a large table would be read whole."""
        return self.filter(models.Q(pk=subject_id) | models.Q(merged_into=subject_id)).order_by()

    def due_for_erasure(self) -> SubjectQuerySet:
        """Those who asked to be forgotten while a hold stood in the way, and still are known."""
        return self.filter(erasure_due_at__isnull=False, erased_at__isnull=True)

    def live(self) -> SubjectQuerySet:
        """Those whose customer is there: not merged, not gone, not erased."""
        return self.resolved().filter(gone_at__isnull=True, erased_at__isnull=True)


class Subject(models.Model):
    """One customer of the host, known by tenant, model and key; it outlives merges and deletions there."""

    tenant = models.CharField(max_length=64, blank=True, default="")
    model_label = models.CharField(max_length=100)
    key = models.CharField(max_length=255)
    key_int = models.BigIntegerField(null=True, blank=True)
    key_uuid = models.UUIDField(null=True, blank=True)
    merged_into = models.ForeignKey("self", null=True, blank=True, on_delete=models.PROTECT, related_name="merged")
    gone_at = models.DateTimeField(null=True, blank=True)
    erased_at = models.DateTimeField(null=True, blank=True)
    erasure_due_at = models.DateTimeField(null=True, blank=True)
    seen_hash = models.CharField(max_length=64, blank=True, default="")
    seen_at = models.DateTimeField(null=True, blank=True)
    created_at = models.DateTimeField()

    objects = SubjectQuerySet.as_manager()

    class Meta:
        default_permissions = ()
        constraints = [
            models.UniqueConstraint(fields=["tenant", "model_label", "key"], name="crm_assist_subject_key"),
        ]
        indexes = [
            models.Index(
                fields=["model_label", "key_int"],
                condition=Q(key_int__isnull=False),
                name="crm_assist_subject_int",
            ),
            models.Index(
                fields=["model_label", "key_uuid"],
                condition=Q(key_uuid__isnull=False),
                name="crm_assist_subject_uuid",
            ),
            models.Index(
                fields=["erasure_due_at"],
                condition=Q(erasure_due_at__isnull=False),
                name="crm_assist_subject_due",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.model_label} {self.key}"
