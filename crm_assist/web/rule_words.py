"""A version of a rule in words, for pages."""

from __future__ import annotations

from datetime import datetime

from django.utils import timezone
from django.utils.formats import date_format
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


def row(view: flow.RuleView, now: datetime) -> dict[str, object]:
    """The version for a table: what it says, what it concerns, and whether it is in force."""
    version = view.version
    state, is_on = _state(view, now)
    return {
        "code": version.code,
        "version": version.version,
        "step": word(STEPS, version.step),
        "concerns": version.product or version.group or _("All products"),
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
