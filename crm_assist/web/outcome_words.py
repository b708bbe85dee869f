"""How far outcomes are known, in words: by month, by source, and what contradicts itself. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.utils.formats import date_format, number_format
from django.utils.timezone import localtime
from django.utils.translation import gettext as _

from crm_assist.flow import Completeness, Contradiction, MonthReady, Readiness, Ready, SourceStand
from crm_assist.web import words
from crm_assist.web.panel_view import moment


def readiness_told(found: Readiness) -> dict[str, Any]:
    """A target's label readiness: until when it is complete, and one line for each month."""
    return {
        "complete": complete_told(found.complete),
        "horizon": words.horizon(found.horizon_days),
        "window": words.horizon(found.attribution_days),
        "months": [month_told(month) for month in found.months],
    }


def complete_told(complete: Completeness) -> str:
    """Until when the outcomes of a target are told, or why nobody can say."""
    if not complete.is_said:
        return _("No system has said until when it has told everything: a no counts as known once the time is over.")
    if complete.until is None:
        return _("A system that tells of this target never said until when it has told everything: no outcome is a no.")
    return _("Everything that happened until %(when)s has been told.") % {"when": moment(complete.until)}


def month_told(month: MonthReady) -> dict[str, Any]:
    """One month with the shares that are known."""
    return {
        "name": date_format(localtime(month.month), "YEAR_MONTH_FORMAT"),
        "scored": ready_told(month.scored),
        "suggested": ready_told(month.suggested),
    }


def ready_told(ready: Ready) -> dict[str, Any]:
    """Known for 83% of 1,204, of which 37 did it; of very many about so many percent, and nothing more exact."""
    if not ready.seen:
        return {"words": "–", "percent": None, "yes": ""}
    told = {"share": words.share(ready.percent or 0), "count": count(ready.count)}
    if ready.seen < ready.count:
        return {"percent": ready.percent, "words": _("known for about %(share)s of %(count)s") % told, "yes": ""}
    return {
        "percent": ready.percent,
        "words": _("known for %(share)s of %(count)s") % told,
        "yes": _("%(yes)s yes") % {"yes": count(ready.yes)},
    }


def source_told(one: SourceStand, names: Mapping[str, str]) -> dict[str, Any]:
    """What one system has told, and until when it is complete."""
    return {
        "name": one.source or _("without a name"),
        "told": count(one.told),
        "in_force": count(one.in_force),
        "contradicted": count(one.contradicted) if one.contradicted else "",
        "last": moment(one.last_at) if one.last_at else "",
        "until": moment(one.complete_until) if one.complete_until else "",
        "said_by": names.get(one.said_by, one.said_by),
    }


def contradiction_told(one: Contradiction) -> dict[str, Any]:
    """One outcome of which different things were told."""
    return {
        "source": one.source or _("without a name"),
        "mark": one.mark[:12],
        "tellings": [
            {
                "id": str(row.pk),
                "customer": "" if row.subject.erased_at else row.subject.key,
                "product": row.product,
                "kind": words.word(words.OUTCOMES, row.kind),
                "occurred": moment(row.occurred_at),
                "told": moment(row.at),
            }
            for row in one.tellings
        ],
    }


def count(number: int) -> str:
    """A number with its thousands apart, as the language in force writes it."""
    return number_format(number, use_l10n=True, force_grouping=True)
