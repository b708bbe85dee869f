"""Values in words, in the language in force; nothing is rounded except here."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from decimal import Context, Decimal
from typing import Any

from django.utils.formats import get_format, number_format
from django.utils.translation import get_language, ngettext
from django.utils.translation import gettext as _

YEAR = 365.2425
MONTH = YEAR / 12
MARKS = ("DECIMAL_SEPARATOR", "THOUSAND_SEPARATOR", "NUMBER_GROUPING")
PLAIN = 10**15
"""Numbers below are written here, as Django's own much slower way would write them."""

POWERS = Decimal(10) ** 21
"""Numbers from here on are written with a power of ten: nobody reads twenty-two digits."""

QUANTA = {0: Decimal(1), 2: Decimal("0.01")}

WIDE = Context(prec=40)
"""Wide enough for every number below, whatever the host makes of the context of its process."""

CURRENCIES = {"EUR": "€", "GBP": "£", "USD": "$", "CHF": "CHF"}


def number(value: Any, unit: Any = "") -> str:
    """A number with its unit: an amount of money, a percentage, or a count of something."""
    if isinstance(value, bool) or value is None:
        return yes_no(value)
    if isinstance(value, timedelta):
        return age(value.total_seconds() / 86_400)
    if value != value:
        return unknown()
    return with_unit(_amount(value), unit)


def with_unit(amount: str, unit: Any) -> str:
    """An amount that is written already, with its unit."""
    if str(unit) in CURRENCIES:
        # Translators: an amount of money; put the currency where your language has it.
        return _("%(currency)s%(amount)s") % {"currency": CURRENCIES[str(unit)], "amount": amount}
    if unit == "%":
        return _("%(amount)s%%") % {"amount": amount}
    return f"{amount} {unit}" if unit else amount


def _amount(value: Any) -> str:
    """Whole numbers and large ones without decimals, others with at most two."""
    exact = Decimal(str(value))
    if exact.is_infinite():
        return "∞" if exact > 0 else "-∞"
    size = exact.copy_abs()
    language = get_language()  # asked once, since an agent waits
    mark, thousands, grouping = (get_format(name, language) for name in MARKS)
    if size >= POWERS:
        return f"{exact:.2e}".replace(".", mark)
    places = 0 if size >= 1000 or exact == exact.to_integral_value() else 2
    rounded = exact.quantize(QUANTA[places], context=WIDE)
    if grouping == 3 and size < PLAIN:
        return f"{rounded:,f}".translate({ord(","): thousands, ord("."): mark})
    return number_format(rounded, decimal_pos=places, use_l10n=True, force_grouping=True)


def age(value: Any) -> str:
    """A number of days as years, months or days."""
    if value is None or value != value:
        return unknown()
    if value in (float("inf"), float("-inf")):
        return _amount(value)
    whole = int(value)
    if abs(whole) >= 2 * YEAR:
        years = int(value / YEAR)
        return ngettext("%(count)s year", "%(count)s years", abs(years)) % {"count": years}
    if abs(whole) >= 60:
        months = int(value / MONTH)
        return ngettext("%(count)s month", "%(count)s months", abs(months)) % {"count": months}
    return ngettext("%(count)s day", "%(count)s days", abs(whole)) % {"count": whole}


def yes_no(value: Any) -> str:
    """Yes, no or not known."""
    if value is None:
        return unknown()
    return _("yes") if value else _("no")


def name(value: Any, labels: Mapping[str, Any]) -> str:
    """What people call a category."""
    if value is None:
        return unknown()
    return str(labels.get(str(value), value)) or _("not given")


def unknown() -> str:
    """The words for a missing value."""
    return _("not known")
