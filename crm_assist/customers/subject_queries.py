"""Reads of subjects."""

from __future__ import annotations

from typing import Any

from django.db import models


class SubjectQuerySet(models.QuerySet[Any]):
    """Subjects, always asked for within one tenant."""

    def of(self, model_label: str, key: str, tenant: str) -> SubjectQuerySet:
        """The subject of one customer: at most one row, merged or not."""
        return self.filter(tenant=tenant, model_label=model_label, key=key)

    def for_tenant(self, tenant: str) -> SubjectQuerySet:
        """The subjects of one tenant."""
        return self.filter(tenant=tenant)

    def resolved(self) -> SubjectQuerySet:
        """Those that stand for themselves: not merged into another."""
        return self.filter(merged_into__isnull=True)

    def live(self) -> SubjectQuerySet:
        """Those whose customer is there: not merged, not gone, not erased."""
        return self.resolved().filter(gone_at__isnull=True, erased_at__isnull=True)
