"""A version of a rule in words, for pages."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from django.utils import timezone
from django.utils.formats import date_format, number_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from crm_assist import flow
from crm_assist.eligibility.models import RuleVersion
from crm_assist.eligibility.rulebook import texts_of
from crm_assist.web.panel_view import moment
from crm_assist.web.words import word

STEPS = {
    "eligibility": gettext_lazy("Eligibility"),
    "applicability": gettext_lazy("Applicability"),
    "suitability": gettext_lazy("Suitability"),
}


def row(view: flow.RuleView, now: datetime, products: Mapping[str, str]) -> dict[str, object]:
    """The version for a table: what it says, what it concerns (`products` by name), and whether it is in force."""
    version = view.version
    state, is_on = _state(view, now)
    return {
        "code": version.code,
        "version": version.version,
        "step": word(STEPS, version.step),
        "concerns": products.get(version.product, version.product) or version.group or _("All products"),
        "is_group": bool(version.group),
        "sentence": view.sentence,
        "texts": _texts(version),
        "state": state,
        "is_on": is_on,
        "since": _day(version.valid_from),
        "until": _day(version.valid_until) if version.valid_until else "",
        "written": moment(version.at),
        "by": version.by,
        "reason": version.reason,
        "of_all": not version.tenant,
    }


def counts(effect: flow.Effect) -> list[tuple[str, str]]:
    """How many customers a rule keeps and leaves out, for people."""
    reach = effect.reach
    told = (
        (_("Customers kept"), reach.kept),
        (_("Left out"), reach.removed),
        (_("Cannot be told, left out too"), reach.unknown),
        (_("All customers"), reach.customers),
    )
    return [(label, number_format(count, use_l10n=True, force_grouping=True)) for label, count in told]


FIELDS = {
    "code": gettext_lazy("Code"),
    "step": gettext_lazy("Step"),
    "adapter": gettext_lazy("Kind of customer"),
    "product": gettext_lazy("Concerns"),
    "group": gettext_lazy("Concerns"),
    "document": gettext_lazy("What it asks"),
    "texts": gettext_lazy("Texts"),
    "valid_from": gettext_lazy("In force from"),
    "valid_until": gettext_lazy("Until, not included"),
    "reason": gettext_lazy("Reason"),
}
"""What the fields of the form are called on the screen."""


def _state(view: flow.RuleView, now: datetime) -> tuple[str, bool]:
    version = view.version
    if version.withdrawn:
        return _("Withdrawn"), False
    if not view.is_readable:
        return _("Unreadable: it closes what it concerns"), False
    if now < version.valid_from:
        return _("Not yet"), False
    if version.valid_until is not None and now >= version.valid_until:
        return _("Over"), False
    return _("In force"), True


def _texts(version: RuleVersion) -> list[tuple[str, str]]:
    """What the author wrote, by language and part."""
    parts = {"closed": _("told when it closes"), "need": _("the need it serves")}
    return [
        (f"{language}, {parts.get(part, part)}", text)
        for language, texts in sorted(texts_of(version).items())
        for part, text in sorted(texts.items())
    ]


def _day(at: datetime) -> str:
    return date_format(timezone.localtime(at), "DATE_FORMAT")
