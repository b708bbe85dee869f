"""Targets and cards in words: versions and roles, what a card was trained on, the points of each bin. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from django.utils.formats import number_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from crm_assist.flow import FoundThen
from crm_assist.learning.models import Target
from crm_assist.scorecards import Bin, Feature, Scorecard
from crm_assist.scorecards.models import CardEvent, CardVersion
from crm_assist.web import words
from crm_assist.web.panel_view import moment

ROLES = {
    "champion": gettext_lazy("Serves now"),
    "challenger": gettext_lazy("Waits"),
    "retired": gettext_lazy("Retired"),
}


def target_told(target: Target, names: Mapping[str, str]) -> dict[str, Any]:
    """A target: what it means, within which time, for whom."""
    population = ", ".join(f"{name}: {value}" for name, value in target.population.items())
    return {
        "name": target.name,
        "label": target.label,
        "adapter": target.adapter,
        "products": ", ".join(target.products) or _("every product"),
        "outcome": words.word(words.OUTCOMES, target.outcome),
        "horizon": words.horizon(target.horizon_days),
        "population": population or _("everybody"),
        "is_main": target.is_main,
        "owner": target.owner,
        "changed": moment(target.changed_at),
        "changed_by": names.get(target.changed_by, target.changed_by),
    }


def version_told(row: CardVersion, names: Mapping[str, str]) -> dict[str, Any]:
    """A version: its role, and who published it when."""
    return {
        "target": row.target,
        "adapter": row.adapter,
        "number": row.version,
        "words": words.version(row.version),
        "role": row.role,
        "role_words": words.word(ROLES, row.role),
        "digest": row.digest,
        "published": moment(row.published_at),
        "published_by": names.get(row.published_by, row.published_by),
    }


def events_told(events: Iterable[CardEvent], names: Mapping[str, str]) -> list[dict[str, Any]]:
    """The changes of a version's role."""
    return [
        {
            "at": moment(event.at),
            "before": words.word(ROLES, event.before) if event.before else "–",
            "after": words.word(ROLES, event.after),
            "by": names.get(event.by, event.by),
            "reason": event.reason,
        }
        for event in events
    ]


def findings_told(findings: Iterable[FoundThen]) -> list[dict[str, str]]:
    """What was found in the training data, with its remedy, and why it was accepted."""
    return [{"severity": then.finding.severity, "words": then.words, "accepted": then.accepted} for then in findings]


def card_told(card: Scorecard, labels: Mapping[str, str], levels: Mapping[str, Mapping[str, str]]) -> dict[str, Any]:
    """A card: the points of every bin of each feature, those that weigh most first.

    `labels` says what people call a feature, `levels` the same of a category's values; what is not told keeps its name.
    """
    weighty = sorted(card.parts, key=lambda part: max(part.points) - min(part.points), reverse=True)
    return {
        "intercept": number_format(card.intercept, 3),
        "features": [
            {
                "name": part.name,
                "label": labels.get(part.name, ""),
                "bins": _bins(part, levels.get(part.name, {})),
            }
            for part in weighty
        ],
    }


def _bins(part: Feature, levels: Mapping[str, str]) -> list[dict[str, str]]:
    return [
        {
            "range": range_of(part.bin(code), levels),
            "points": signed(points),
            "share": words.share(round(share * 100)),
        }
        for code, (points, share) in enumerate(zip(part.points, part.share, strict=True))
    ]


def signed(points: float) -> str:
    """Points with their sign, to three decimals, as the language in force writes them."""
    return f"{'-' if points < 0 else '+'}{number_format(abs(round(points, 3)), 3, use_l10n=True)}"


def range_of(one: Bin, levels: Mapping[str, str]) -> str:
    """What a bin stands for; `levels` says what people call the values of a category."""
    if one.is_missing:
        return _("not known")
    if one.is_pooled:
        return _("all others")
    if one.level is not None:
        return levels.get(one.level, one.level) or _("not given")
    if one.low is None and one.high is None:
        return _("any")
    if one.low is None:
        return _("below %(high)s") % {"high": figure(one.high)}
    if one.high is None:
        return _("from %(low)s") % {"low": figure(one.low)}
    return _("%(low)s to below %(high)s") % {"low": figure(one.low), "high": figure(one.high)}


def figure(value: float | None) -> str:
    """A border between two bins, to four figures."""
    if value is None:
        return ""
    digits = 0 if abs(value) >= 1000 or value == int(value) else 2
    return number_format(value, digits, use_l10n=True, force_grouping=True)
