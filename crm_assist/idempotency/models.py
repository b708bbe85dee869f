"""The answers that are kept: what was asked as a digest, what was said as text, and until when."""

from __future__ import annotations

from django.db import models


class KeptAnswer(models.Model):
    """One answer under the key that a person's program chose; ids and states alone, never a customer's data."""

    tenant = models.CharField(max_length=64, blank=True, default="")
    agent_key = models.CharField(max_length=150)
    key = models.CharField(max_length=64)
    request = models.CharField(max_length=64)
    status = models.PositiveSmallIntegerField()
    body = models.TextField()
    kept_until = models.DateTimeField(db_index=True)

    class Meta:
        default_permissions = ()
        constraints = [models.UniqueConstraint(fields=["tenant", "agent_key", "key"], name="crm_assist_kept_answer")]

    def __str__(self) -> str:
        return f"{self.agent_key}: {self.key}"
