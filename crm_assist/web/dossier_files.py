"""A dossier piece by piece, as a page or as JSON: what was made is sent, and nothing of it is kept in memory.

Agents are called by a number, which means the same person throughout and nobody outside, unless names are asked for.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any

from django.template.loader import render_to_string
from django.utils import translation
from django.utils.safestring import mark_safe
from django.utils.translation import gettext as _

from crm_assist import flow
from crm_assist.web import assets, dossier_words

FORMATS = {"html": "text/html; charset=utf-8", "json": "application/json; charset=utf-8"}
PLACE = "<!-- decisions -->"
"""Where the decisions stand in the page."""

Frame = Callable[[Mapping[str, Any]], str]


def chapters(dossier: flow.Dossier, *, named: bool) -> Iterator[dict[str, Any]]:
    """The decisions in words, oldest first."""
    people: dict[str, str] = {}
    for one in dossier.chapters:
        view = one.view
        rows: tuple[Any, ...] = (view.row, *view.responses, *view.score_answers, *view.own_offers)
        fresh = [key for key in dict.fromkeys(row.agent_key for row in rows) if key not in people]
        called = flow.names(fresh) if named and fresh else {}
        for key in fresh:
            number = {"number": len(people) + 1}
            people[key] = called.get(key, key) if named else _("Adviser %(number)d") % number
        yield dossier_words.chapter(one, dossier, people)


def as_json(dossier: flow.Dossier, *, named: bool = False) -> Iterator[str]:
    """One JSON object, whose last member is the list of decisions."""
    head = json.dumps({"dossier": 1, **dossier_words.opening(dossier)}, ensure_ascii=False, indent=1)
    yield f'{head.removesuffix(chr(10) + "}")},\n "decisions": ['
    before = "\n"
    for one in chapters(dossier, named=named):
        yield f"{before}{json.dumps(one, ensure_ascii=False)}"
        before = ",\n"
    yield "\n ]\n}\n"


def as_html(dossier: flow.Dossier, frame: Frame, *, named: bool = False) -> Iterator[str]:
    """A page: `frame` renders it around the place where the decisions come."""
    told = {"dossier": dossier_words.opening(dossier), "place": mark_safe(PLACE), "named": named}
    before, _place, after = frame(told).partition(PLACE)
    yield before
    for one in chapters(dossier, named=named):
        yield render_to_string("crm_assist/dossier_chapter.html", {"decision": one})
    yield after


def alone(told: Mapping[str, Any]) -> str:
    """A page of its own for a file or an answer over REST, with its style inside: no server is needed to read it."""
    # Ours, and constant; a link would lead nowhere from a file.
    styles = mark_safe(f"<style>{assets.content('pages.css').decode()}</style>")
    return render_to_string("crm_assist/dossier_alone.html", {**told, "styles": styles, "lang": _language()})


def _language() -> str:
    return translation.get_language() or "en"


def spoken(pieces: Iterable[str]) -> Iterator[str]:
    """The pieces, each made in the language that is in force now: they may be drawn when another is."""
    rest, language = iter(pieces), _language()

    def following() -> str | None:
        with translation.override(language):
            return next(rest, None)

    def drawn() -> Iterator[str]:
        while (piece := following()) is not None:
            yield piece

    return drawn()
