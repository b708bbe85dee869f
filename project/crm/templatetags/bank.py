"""How the bank's pages write amounts and product names."""

from __future__ import annotations

from decimal import Decimal

from django import template
from django.utils import formats
from django.utils.translation import get_language

from project.crm import wording

register = template.Library()
NO_BREAK = "\u00a0"


@register.filter
def eur(amount: Decimal | float | None, decimals: int = 0) -> str:
    """An amount in euros as the language in force writes it; a dash when there is none."""
    if amount is None:
        return "–"
    size = round(Decimal(str(-amount if amount < 0 else amount)), decimals)  # Django would cut off what is left
    number = formats.number_format(size, decimal_pos=decimals, use_l10n=True, force_grouping=True)
    sign = "-" if amount < 0 else ""
    if (get_language() or "en").startswith("fr"):
        return f"{sign}{number}{NO_BREAK}€"
    return f"{sign}€{number}"


@register.filter
def grouped(number: int) -> str:
    """A whole number with its thousands apart."""
    return str(formats.number_format(number, decimal_pos=0, use_l10n=True, force_grouping=True))


@register.filter
def product_name(code: str) -> str:
    """The product's name in the language in force; the code itself if the bank no longer knows it."""
    return wording.product_name(code)
