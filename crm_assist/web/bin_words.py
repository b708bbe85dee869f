"""The bins of a card in the words of the adapter: borders with their unit, levels by their labels. Pure.

A border is rounded as far as a reader needs: by less than a fiftieth of the way to the next one.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

from django.utils.formats import number_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from crm_assist import features
from crm_assist.features import display
from crm_assist.scorecards import Bin

LARGE = 1e12
"""Numbers from here on are written as the record writes them."""

NEAR = 0.02
MOST_DIGITS = 6
ALIKE = 1e-9


def range_of(one: Bin, edges: Sequence[float], feature: features.Feature | None) -> str:
    """What a bin stands for; `edges` are all edges of its feature, `feature` its declaration where there is one."""
    if one.is_missing:
        return feature.absent() if feature else display.unknown()
    if one.is_pooled:
        return _("rare or unseen")
    if one.level is not None:
        labels = feature.labels if isinstance(feature, features.Category) else {}
        return display.name(one.level, labels)
    if one.low is None and one.high is None:
        return _("any")
    if isinstance(feature, features.Flag) and len(edges) == 1 and 0 < edges[0] <= 1:
        return display.yes_no(one.high is None)
    if counts_whole(edges) and not isinstance(feature, features.Age):
        return _whole(one, feature)
    return _between(_bordered(one.low, edges, feature), _bordered(one.high, edges, feature))


def counts_whole(edges: Sequence[float]) -> bool:
    """Whether the edges lie between whole numbers, as they do where a feature has no others.

    A fit puts them half-way between neighbouring values, so that halves come of whole numbers alone.
    """
    doubled = [2 * edge for edge in edges]
    return all(abs(edge) < LARGE and edge.is_integer() for edge in doubled) and any(edge % 2 for edge in doubled)


def _whole(one: Bin, feature: features.Feature | None) -> str:
    first = None if one.low is None else math.ceil(one.low)
    last = None if one.high is None else math.ceil(one.high) - 1
    unit = feature.unit if feature else ""
    if first is None:
        return _("up to %(high)s") % {"high": display.number(last, unit)}
    if last is None:
        return _("from %(low)s") % {"low": display.number(first, unit)}
    if first == last:
        return display.number(first, unit)
    return _("%(low)s to %(high)s") % {"low": display.number(first, unit), "high": display.number(last, unit)}


def _between(low: str, high: str) -> str:
    if not low:
        return _("below %(high)s") % {"high": high}
    if not high:
        return _("from %(low)s") % {"low": low}
    return _("%(low)s to below %(high)s") % {"low": low, "high": high}


def _bordered(value: float | None, edges: Sequence[float], feature: features.Feature | None) -> str:
    if value is None:
        return ""
    gap = min((abs(edge - value) for edge in edges if edge != value), default=abs(value) or 1.0)
    if isinstance(feature, features.Age):
        return _age(value, gap)
    unit = feature.unit if feature else ""
    if abs(value) >= LARGE:
        return display.number(value, unit)
    return display.with_unit(_rounded(value, gap), unit)


def _age(days: float, gap: float) -> str:
    """Days as years, months or days, whichever a person would say, exact enough to tell the borders apart."""
    if abs(days) >= 2 * display.YEAR:
        years = days / display.YEAR
        return ngettext("%(count)s year", "%(count)s years", round(abs(years))) % {
            "count": _rounded(years, gap / display.YEAR)
        }
    if abs(days) >= 60:
        months = days / display.MONTH
        return ngettext("%(count)s month", "%(count)s months", round(abs(months))) % {
            "count": _rounded(months, gap / display.MONTH)
        }
    return ngettext("%(count)s day", "%(count)s days", round(abs(days))) % {"count": _rounded(days, gap)}


def _rounded(value: float, gap: float) -> str:
    """The value with as few digits as keep it within a fiftieth of the gap."""
    reach = NEAR * gap + ALIKE * abs(value)
    digits = next((d for d in range(MOST_DIGITS) if abs(round(value, d) - value) <= reach), MOST_DIGITS)
    return number_format(round(value, digits), digits, use_l10n=True, force_grouping=True)
