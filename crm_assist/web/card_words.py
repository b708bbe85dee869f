"""Targets and cards in words: versions and roles, the points of each bin, how much each feature weighs. Pure."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from typing import Any

from django.utils.formats import number_format
from django.utils.translation import gettext as _
from django.utils.translation import pgettext_lazy

from crm_assist import features
from crm_assist.flow import CardNames, FoundThen
from crm_assist.learning import models as learned
from crm_assist.learning.models import Target
from crm_assist.scorecards import Feature, Pair, Scorecard
from crm_assist.scorecards.models import CardEvent, CardVersion
from crm_assist.web import words
from crm_assist.web.bin_words import range_of
from crm_assist.web.panel_view import moment

ROLES = {
    "champion": pgettext_lazy("card", "Serves now"),
    "challenger": pgettext_lazy("card", "Waits"),
    "retired": pgettext_lazy("card", "Retired"),
}
Declared = Mapping[str, features.Feature]
"""The features that the adapter declares, by name."""

MOST_CELLS = 12
"""How many cells of a pair are told, those that weigh most."""


def target_told(target: Target, names: Mapping[str, str], called: CardNames) -> dict[str, Any]:
    """A target: what it means, within which time, for whom, to what use."""
    return {
        "name": target.name,
        "label": target.label,
        "adapter": called.adapters.get(target.adapter, target.adapter),
        "products": products_told(target, called.products),
        "outcome": words.word(words.OUTCOMES, target.outcome),
        "horizon": words.horizon(target.horizon_days),
        "purpose": words.word(words.USES, target.purpose),
        "population": population_told(target, called.features.get(target.adapter, {})),
        "is_main": target.is_main,
        "owner": target.owner,
        "changed": moment(target.changed_at),
        "changed_by": names.get(target.changed_by, target.changed_by),
    }


def products_told(target: Target, products: Mapping[str, str]) -> str:
    """Which products the outcome is about, by their names."""
    return ", ".join(products.get(code) or code for code in target.products) or _("every product")


def population_told(target: Target, declared: Declared) -> str:
    """For which customers the target is, by the labels of features and values."""
    told = []
    for name, value in target.population.items():
        feature = declared.get(name)
        told.append(words.named(feature.label, feature.display(value)) if feature else words.named(name, value))
    return ", ".join(told) or _("everybody")


def target_label(row: CardVersion) -> str:
    """What people call the target of a version of a list; its name where it is no longer declared."""
    return learned.label_of(getattr(row, "target_labels", None) or {}, row.target)


def version_told(row: CardVersion, names: Mapping[str, str], called: CardNames) -> dict[str, Any]:
    """A version: of which target, its role, and who published it when."""
    return {
        "target": row.target,
        "label": target_label(row),
        "adapter": called.adapters.get(row.adapter, row.adapter),
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


def card_told(card: Scorecard, declared: Declared) -> dict[str, Any]:
    """A card: the points of every bin of each feature, those that weigh most first, then those of pairs.

    What the adapter does not declare keeps its name.
    """
    weighty = sorted(card.parts, key=lambda part: weight(part.points), reverse=True)
    most = max((abs(points) for part in card.parts for points in part.points), default=0.0) or 1.0
    return {
        "intercept": signed(card.intercept),
        "features": [
            {
                "name": part.name,
                "label": label_of(part.name, declared),
                "change": change_told([part.name], declared),
                "weight": figure(weight(part.points)),
                "bins": _bins(part, declared.get(part.name), most),
            }
            for part in weighty
        ],
        "pairs": [_pair(card, pair, declared, most) for pair in card.pairs],
    }


def label_of(name: str, declared: Declared) -> str:
    """What people call a feature; nothing where the adapter does not declare it."""
    return str(declared[name].label) if name in declared else ""


def can_change(names: Collection[str], declared: Declared) -> bool:
    """Whether any of the features is declared as one that the customer or an agent can do something about."""
    return any(name in declared and declared[name].can_change for name in names)


def change_told(names: Collection[str], declared: Declared) -> str:
    """Whether the features, one or two together, can change; nothing where that was not said of each."""
    if can_change(names, declared):
        return _("can change")
    fixed = all(name in declared and declared[name].changeable is False for name in names)
    return _("cannot be changed") if fixed else ""


def weight(points: Iterable[float]) -> float:
    """How much a feature can move a score: from its least to its most points, in log-odds."""
    known = tuple(points)
    return max(known) - min(known)


def _bins(part: Feature, feature: features.Feature | None, most: float) -> list[dict[str, Any]]:
    return [
        {
            "range": range_of(part.bin(code), part.edges, feature),
            **_points(points, share, most),
        }
        for code, (points, share) in enumerate(zip(part.points, part.share, strict=True))
    ]


def _points(points: float, share: float, most: float) -> dict[str, Any]:
    """Points and share in words; `size` is the points against the largest of the card, -1 to 1, for a bar."""
    return {"points": signed(points), "share": share_told(share), "size": points / most}


def _pair(card: Scorecard, pair: Pair, declared: Declared, most: float) -> dict[str, Any]:
    """What two features say together: the cells that weigh most, the rest counted."""
    first, second = card.part(pair.first), card.part(pair.second)
    cells = sorted(
        enumerate(zip(pair.points, pair.share, strict=True)), key=lambda one: abs(one[1][0]) * one[1][1], reverse=True
    )
    told = []
    for place, (points, share) in cells[:MOST_CELLS]:
        sides = (first, place // pair.width), (second, place % pair.width)
        ranges = [range_of(part.bin(code), part.edges, declared.get(part.name)) for part, code in sides]
        told.append({"range": " · ".join(ranges), **_points(points, share, most)})
    return {
        "name": f"{pair.first} × {pair.second}",
        "label": " × ".join(label_of(name, declared) or name for name in pair.names),
        "change": change_told(pair.names, declared),
        "weight": figure(weight(pair.points)),
        "bins": told,
        "others": max(0, len(cells) - MOST_CELLS),
    }


def share_told(share: float) -> str:
    """A part of the customers, 0 to 1; what is there is never told as nothing."""
    return _("under 1%%") % {} if 0 < share < 0.005 else words.share(round(share * 100))


def figure(value: float, digits: int = 3) -> str:
    """A number to some decimals, as the language in force writes it; rounded, where Django would cut it off."""
    return number_format(round(value, digits), digits, use_l10n=True)


def signed(points: float) -> str:
    """Points with their sign, to three decimals."""
    return f"{'-' if round(points, 3) < 0 else '+'}{figure(abs(points))}"


def count(number: int) -> str:
    """A whole number, as the language in force writes it."""
    return number_format(number, use_l10n=True, force_grouping=True)
