"""A card, its model card and a difference as lines of text, in characters that any terminal has."""

from __future__ import annotations

import textwrap
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from django.utils.translation import gettext as _

from crm_assist.web import words
from crm_assist.web.card_words import card_told
from crm_assist.web.change_words import DifferenceTold
from crm_assist.web.model_card import Section, Subject, model_card, title_of

HALF = 10
"""Characters of a bar on either side of its middle."""

WIDTH = 100
TERM = 30
RANGE = 44
SHOWN = (0, 1, 2)
"""The sections of the model card that stand above the table: purpose, data, quality."""


def card_lines(about: Subject, standing: str) -> Iterator[str]:
    """The whole card: what it is, then every feature with its bins."""
    title = f"{title_of(about)} · {standing}"
    yield from (title, "=" * min(WIDTH, len(title)))
    yield from facts_lines(model_card(about))
    told = card_told(about.card, about.declared)
    yield from ("", _("Points: against | for, on the scale of log-odds; the features that weigh most come first"))
    for feature in told["features"]:
        yield from _feature(feature)
    if told["pairs"]:
        yield from ("", _("Two features together"))
        for pair in told["pairs"]:
            yield from _feature(pair)


def facts_lines(sections: Sequence[Section]) -> Iterator[str]:
    """What a card is for, what it learned from and how good it is."""
    for place in SHOWN:
        yield from ("", sections[place].title)
        yield from _facts(sections[place])


def markdown_lines(about: Subject, standing: str) -> Iterator[str]:
    """The model card as Markdown."""
    yield f"# {_('%(term)s: %(text)s') % {'term': _('Model card'), 'text': title_of(about)}}"
    yield from ("", standing)
    for section in model_card(about):
        yield from ("", f"## {section.title}", "")
        yield from (f"- {_('**%(term)s**: %(text)s') % {'term': term, 'text': text}}" for term, text in section.facts)
        if section.facts and section.notes:
            yield ""
        yield from (f"- {note}" for note in section.notes)


def difference_lines(told: DifferenceTold, before: str, after: str, *, beside: str = "") -> Iterator[str]:
    """What changed from one card to the other, after `beside`, what was found when the two were compared."""
    title = _("From %(before)s to %(after)s") % {"before": before, "after": after}
    yield from (title, "=" * min(WIDTH, len(title)), "")
    if beside:
        yield from (*_wrapped(beside, "", ""), "")
    widths = [max(len(row[place]) for row in told.figures) for place in (0, 1)]
    for term, old, new in told.figures:
        arrow = "  " if old == new else "->"
        yield f"  {term:<{widths[0]}}  {old:<{widths[1]}}  {arrow} {new}"
    if not told.changes:
        yield from ("", _("No feature changed."))
    for change in told.changes:
        yield ""
        yield from _wrapped(words.named(change.label, change.sentence), "", "  ")
        yield from (f"    {cell}" for cell in change.cells)
    if told.changes and told.same:
        yield ""
        yield from _wrapped(_("Unchanged: %(features)s") % {"features": ", ".join(told.same)}, "", "  ")


def bar(size: float) -> str:
    """A bar of `size`, -1 (against, to the left) to 1 (for, to the right)."""
    filled = "#" * min(HALF, round(abs(size) * HALF))
    return f"{filled if size < 0 else '':>{HALF}}|{filled if size > 0 else '':<{HALF}}"


def _feature(told: dict[str, Any]) -> Iterator[str]:
    name = f"{told['label']} [{told['name']}]" if told["label"] else told["name"]
    yield ""
    yield " · ".join(filter(None, (name, told["change"])))
    points, share = (max(len(one[member]) for one in told["bins"]) for member in ("points", "share"))
    for one in told["bins"]:
        text = _cut(one["range"], RANGE)
        yield f"  {text:<{RANGE}} {one['share']:>{share}}  {one['points']:>{points}}  {bar(one['size'])}".rstrip()
    if told.get("others"):
        yield f"  {_('and %(number)s more') % {'number': told['others']}}"


def _facts(section: Section) -> Iterator[str]:
    for term, text in section.facts:
        yield from _wrapped(text, f"  {term:<{TERM}} ", " " * (TERM + 3))
    for note in section.notes:
        yield from _wrapped(note, "  ", "  ")


def _wrapped(text: str, first: str, rest: str) -> Sequence[str]:
    # Not at hyphens: a code such as a feature's name stays whole.
    return textwrap.wrap(
        text, WIDTH, initial_indent=first, subsequent_indent=rest, break_long_words=False, break_on_hyphens=False
    ) or [first.rstrip()]


def _cut(text: str, most: int) -> str:
    return text if len(text) <= most else f"{text[: most - 1]}…"


def joined(lines: Iterable[str]) -> str:
    """The lines as one text."""
    return "\n".join(lines)
