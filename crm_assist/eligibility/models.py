"""Versions of business rules: each a row of the log, so that none can be changed or lost unseen."""

from __future__ import annotations

from typing import Any, ClassVar, Self

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from crm_assist.eligibility.rules.facts import RuleStep
from crm_assist.journal.models import LogQuerySet, LogRow

STEPS = [
    (RuleStep.ELIGIBILITY.value, _("Eligibility: may the customer have it?")),
    (RuleStep.APPLICABILITY.value, _("Applicability: is it relevant now?")),
    (RuleStep.SUITABILITY.value, _("Suitability: is it in the customer's interest?")),
]


class RuleQuerySet(LogQuerySet):
    """Reads of versions of rules."""

    def known_to(self, tenant: str) -> Self:
        """Those of the tenant and those of all tenants."""
        return self.filter(Q(tenant=tenant) | Q(tenant=""))

    def newest(self) -> Self:
        """The newest version of each rule, withdrawn ones too, by code."""
        newer = self.model._default_manager.filter(
            tenant=models.OuterRef("tenant"), code=models.OuterRef("code"), version__gt=models.OuterRef("version")
        )
        return self.filter(~models.Exists(newer)).order_by("code", "-tenant")


class RuleVersion(LogRow):
    """One version of a business rule, in force from `valid_from` on until a newer one is; never edited."""

    code = models.CharField(max_length=60)
    version = models.PositiveIntegerField()
    step = models.CharField(max_length=13, choices=STEPS)
    adapter = models.CharField(max_length=100)
    product = models.CharField(max_length=60, blank=True, default="")
    group = models.CharField(max_length=60, blank=True, default="")
    document = models.TextField()
    texts = models.TextField(blank=True, default="")
    valid_from = models.DateTimeField()
    valid_until = models.DateTimeField(null=True, blank=True)
    withdrawn = models.BooleanField(default=False)
    by = models.CharField(max_length=150)
    reason = models.CharField(max_length=500)

    objects: ClassVar[Any] = RuleQuerySet.as_manager()

    class Meta(LogRow.Meta):
        verbose_name = _("rule")
        verbose_name_plural = _("rules")
        permissions = [("change_rules", _("Can write and withdraw rules"))]
        constraints = [models.UniqueConstraint(fields=["tenant", "code", "version"], name="crm_assist_rule_version")]

    def __str__(self) -> str:
        return f"{self.code} v{self.version}"
