"""The stored latest score of each customer, indexed for lists; live values never wait for it.

A row is as narrow as a million of them ask for: by the customer's own key, in the key's own type, with one small
number for all that repeats. Why: docs/decisions/0011-scores-by-the-customers-key.md.
"""

from __future__ import annotations

from django.db import models
from django.db.models import Q


class ScoreScope(models.Model):
    """What every score of one list has in common: tenant, host's model and target."""

    id = models.AutoField(primary_key=True)
    tenant = models.CharField(max_length=64, blank=True, default="")
    model_label = models.CharField(max_length=100)
    target = models.CharField(max_length=100)

    class Meta:
        default_permissions = ()
        constraints = [
            models.UniqueConstraint(fields=["model_label", "target", "tenant"], name="crm_assist_score_scope"),
        ]

    def __str__(self) -> str:
        return f"{self.tenant} {self.model_label} {self.target}"


class StoredScore(models.Model):
    """The last stored score of one customer; one table for each type of key, so that lists join without a cast."""

    # No constraint in the database: it would be checked for a million rows at each exchange of the table.
    scope = models.ForeignKey(
        ScoreScope, on_delete=models.CASCADE, related_name="+", db_constraint=False, db_index=False
    )
    card = models.IntegerField()
    """The card that gave it: the id of its CardVersion."""
    probability = models.FloatField()
    scored_at = models.DateTimeField()

    class Meta:
        abstract = True

    def __str__(self) -> str:
        return f"{self.pk}: {self.probability:.3f}"


def _in_range(name: str) -> models.CheckConstraint:
    return models.CheckConstraint(condition=Q(probability__gte=0, probability__lte=1), name=name)


def _highest_first(name: str) -> models.Index:
    return models.Index(fields=["scope", "-probability", "key"], name=name)


class LatestScore(StoredScore):
    """Scores of customers with a whole number as key, as most hosts have it."""

    pk = models.CompositePrimaryKey("scope_id", "key")
    key = models.BigIntegerField()

    class Meta:
        default_permissions = ()
        constraints = [_in_range("crm_assist_score_range")]
        indexes = [_highest_first("crm_assist_score_order")]


class LatestScoreByUuid(StoredScore):
    """Scores of customers with a UUID as key."""

    pk = models.CompositePrimaryKey("scope_id", "key")
    key = models.UUIDField()

    class Meta:
        default_permissions = ()
        constraints = [_in_range("crm_assist_uuid_range")]
        indexes = [_highest_first("crm_assist_uuid_order")]


class LatestScoreByText(StoredScore):
    """Scores of customers with any other key, as its text."""

    pk = models.CompositePrimaryKey("scope_id", "key")
    key = models.CharField(max_length=255)

    class Meta:
        default_permissions = ()
        constraints = [_in_range("crm_assist_text_range")]
        indexes = [_highest_first("crm_assist_text_order")]
