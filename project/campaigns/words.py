"""The codes of the campaign file in the words of the page."""

from __future__ import annotations

from collections.abc import Mapping

from django.utils.dates import MONTHS, WEEKDAYS
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

# The file writes months and weekdays by their first three English letters.
_MONTH_CODES = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_WEEKDAY_CODES = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
_MONTHS = dict(zip(_MONTH_CODES, MONTHS.values(), strict=True))
_WEEKDAYS = dict(zip(_WEEKDAY_CODES, WEEKDAYS.values(), strict=True))

WORDS: Mapping[str, str | Promise] = {
    "admin.": _("Administration"),
    "blue-collar": _("Manual work"),
    "entrepreneur": _("Entrepreneur"),
    "housemaid": _("Domestic work"),
    "management": _("Management"),
    "retired": _("Retired"),
    "self-employed": _("Self-employed"),
    "services": _("Services"),
    "student": _("Student"),
    "technician": _("Technician"),
    "unemployed": _("Unemployed"),
    "unknown": _("Unknown"),
    "divorced": _("Divorced or widowed"),
    "married": _("Married"),
    "single": _("Single"),
    "basic.4y": _("School, 4 years"),
    "basic.6y": _("School, 6 years"),
    "basic.9y": _("School, 9 years"),
    "high.school": _("Secondary school"),
    "illiterate": _("No schooling"),
    "professional.course": _("Vocational training"),
    "university.degree": _("University"),
    "no": _("No"),
    "yes": _("Yes"),
    "cellular": _("Mobile"),
    "telephone": _("Landline"),
    "failure": _("Declined"),
    "nonexistent": _("None"),
    "success": _("Subscribed"),
    **_MONTHS,
    **_WEEKDAYS,
}
