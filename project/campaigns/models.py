"""One row of the UCI Bank Marketing file: a prospect as known before the call, and the call itself."""

from __future__ import annotations

from django.db import models
from django.urls import reverse
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _


class CampaignFile(models.Model):
    """A file that was loaded, known by the digest of its bytes so that it is never loaded twice."""

    name = models.CharField(_("name"), max_length=255)
    sha256 = models.CharField(_("digest"), max_length=64)
    rows = models.PositiveIntegerField(_("rows"))
    limit = models.PositiveIntegerField(_("limit"), null=True, blank=True)
    loaded_at = models.DateTimeField(_("loaded on"))

    class Meta:
        verbose_name = _("campaign file")
        verbose_name_plural = _("campaign files")

    def __str__(self) -> str:
        return self.name


class Prospect(models.Model):
    """Everything the bank knew of a person before the call; `pdays` is empty when there was no earlier contact."""

    row = models.PositiveIntegerField(_("row in the file"), unique=True)
    age = models.PositiveSmallIntegerField(_("age"))
    job = models.CharField(_("occupation"), max_length=20)
    marital = models.CharField(_("marital status"), max_length=10)
    education = models.CharField(_("education"), max_length=25)
    default = models.CharField(_("credit in default"), max_length=10)
    housing = models.CharField(_("home loan"), max_length=10)
    loan = models.CharField(_("personal loan"), max_length=10)
    contact = models.CharField(_("telephone line"), max_length=12)
    month = models.CharField(_("month of the call"), max_length=3)
    day_of_week = models.CharField(_("weekday of the call"), max_length=3)
    campaign = models.PositiveSmallIntegerField(_("calls in this campaign, this one included"))
    pdays = models.PositiveSmallIntegerField(_("days since the earlier campaign"), null=True, blank=True)
    previous = models.PositiveSmallIntegerField(_("contacts before this campaign"))
    poutcome = models.CharField(_("outcome of the earlier campaign"), max_length=12)
    emp_var_rate = models.FloatField(_("change in employment, percent"))
    cons_price_idx = models.FloatField(_("consumer price index"))
    cons_conf_idx = models.FloatField(_("consumer confidence index"))
    euribor3m = models.FloatField(_("three-month interest rate, percent"))
    nr_employed = models.FloatField(_("persons employed, thousands"))

    class Meta:
        verbose_name = _("prospect")
        verbose_name_plural = _("prospects")
        ordering = ["row"]
        permissions = [("view_campaign", _("Can see the prospects of campaigns"))]

    def __str__(self) -> str:
        return gettext("Prospect %(row)s") % {"row": self.row}

    def get_absolute_url(self) -> str:
        """The prospect's page."""
        return reverse("campaigns:prospect", args=[self.pk])


class Call(models.Model):
    """The call to a prospect; its length is known only afterwards and therefore is never a feature."""

    prospect = models.OneToOneField(Prospect, on_delete=models.CASCADE, related_name="call", verbose_name=_("prospect"))
    at = models.DateTimeField(_("called on"), db_index=True)
    duration = models.PositiveIntegerField(_("length in seconds"))
    subscribed = models.BooleanField(_("subscribed a term deposit"))

    class Meta:
        verbose_name = _("call")
        verbose_name_plural = _("calls")
        ordering = ["at", "pk"]

    def __str__(self) -> str:
        return f"{self.prospect_id} {self.at:%Y-%m-%d}"
