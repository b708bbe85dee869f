"""What changed between two cards, in words: the features with the largest move first. Pure."""

from __future__ import annotations

from dataclasses import dataclass

from django.utils.translation import gettext as _

from crm_assist.scorecards import Scorecard
from crm_assist.scorecards.comparing import Comparison, FeatureChange, compare
from crm_assist.web.bin_words import range_of
from crm_assist.web.card_words import Declared, count, figure, label_of, signed
from crm_assist.web.model_card import area, day_of, usual

MOST_CELLS = 4
"""How many cells of a feature are told, those that move the most customers furthest."""

SMALL = 0.0005
"""A move of points that three decimals do not show."""


@dataclass(frozen=True, kw_only=True, slots=True)
class ChangeTold:
    """What changed about one feature: its name, one sentence, and a line for each cell that moved most."""

    label: str
    sentence: str
    cells: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True, slots=True)
class DifferenceTold:
    """Two cards: figures as term, before and after; features that changed; the labels of those that did not."""

    figures: tuple[tuple[str, str, str], ...]
    changes: tuple[ChangeTold, ...]
    same: tuple[str, ...]


def difference_told(before: Scorecard, after: Scorecard, declared: Declared) -> DifferenceTold:
    """What changed from one card to the other, in the language in force."""
    found = compare(before, after)
    return DifferenceTold(
        figures=tuple(_figures(before, after)),
        changes=tuple(_told(one, found, declared) for one in found.changes if one.kind != "same"),
        same=tuple(_label(one, declared) for one in found.changes if one.kind == "same"),
    )


def _figures(before: Scorecard, after: Scorecard) -> list[tuple[str, str, str]]:
    """The figures beside each other."""
    told = []
    for card in (before, after):
        trained = card.trained
        told.append(
            (
                (_("Last moment learned from"), day_of(trained.until) or "–"),
                (_("Rows: a customer at a moment"), count(trained.rows)),
                (_("Of them with the outcome"), count(trained.positives)),
                (_("Separation (AUC)"), area(card)),
                (_("Calibration error (ECE)"), _("not known") if trained.ece is None else figure(trained.ece)),
                (_("Usual customer"), usual(card)),
            )
        )
    return [(term, old, new) for (term, old), (_term, new) in zip(*told, strict=True)]


def _told(one: FeatureChange, found: Comparison, declared: Declared) -> ChangeTold:
    words = {"size": figure(100 * found.effect(one.move), 1)}
    if one.kind == "came":
        sentence = _("new in the card; it moves the score of the usual customer by %(size)s in 100") % words
    elif one.kind == "went":
        sentence = _("no longer in the card; it moved the score of the usual customer by %(size)s in 100") % words
    else:
        sentence = _("its points moved; that moves the score of the usual customer by %(size)s in 100") % words
    moved = [cell for cell in one.cells if one.kind == "moved" and abs(cell.move) >= SMALL][:MOST_CELLS]
    return ChangeTold(
        label=_label(one, declared),
        sentence=sentence,
        cells=tuple(
            _("%(range)s: %(before)s before, %(after)s now")
            % {
                "range": range_of(cell.cell, one.edges, declared.get(one.names[0])),
                "before": signed(cell.before),
                "after": signed(cell.after),
            }
            for cell in moved
        ),
    )


def _label(one: FeatureChange, declared: Declared) -> str:
    return " × ".join(label_of(name, declared) or name for name in one.names)
