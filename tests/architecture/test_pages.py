"""Pages obey a strict content policy: nothing inline, nothing from elsewhere, every text translatable."""

from __future__ import annotations

import re
from hashlib import sha256
from pathlib import Path

import pytest

from tests.architecture.source import ROOT

INLINE = {
    "inline script": re.compile(r"<script(?![^>]*\bsrc=)(?![^>]*type=\"application/json\")[^>]*>", re.I),
    "inline style": re.compile(r"<style\b|\sstyle\s*=", re.I),
    "inline handler": re.compile(r"<[^>]*\son[a-z]+\s*=", re.I),
    "script address": re.compile(r"javascript:", re.I),
}
OUTSIDE = re.compile(r"(?:https?:)?//(?!www\.w3\.org/)[a-z0-9-]+(?:\.[a-z0-9-]+)+", re.I)
VENDORED = {"uplot.js": "19c8d4c6ad88929a", "uplot.css": "df630c6a8d6f8eea"}
"""What others made and we ship unchanged, with the beginning of its hash: uPlot 1.6.32."""

EVALUATED = re.compile(r"\beval\(|new Function\(|\.innerHTML\s*=\s*[^\"'\s]|document\.write|\.style\.cssText")
# The same in every language: what is typed, and who we are.
NO_LANGUAGE = re.compile(r"<code\b.*?</code>|<kbd\b.*?</kbd>|Banque Horizon|crm_assist", re.S)
COMMENT = re.compile(r"\{#.*?#\}|\{% comment .*?%\}.*?\{% endcomment %\}|<!--.*?-->", re.S)
TAG_OR_CODE = re.compile(r"\{%.*?%\}|\{\{.*?\}\}|<[^>]*>", re.S)
BLOCK_TRANSLATED = re.compile(r"\{% blocktrans(?:late)?\b.*?\{% endblocktrans(?:late)? %\}", re.S)


def files(*suffixes: str) -> list[Path]:
    """Our own pages, scripts and styles."""
    found = [p for folder in ("crm_assist", "project") for s in suffixes for p in (ROOT / folder).rglob(f"*{s}")]
    return sorted(path for path in found if "vendor" not in path.parts)


def found_in(text: str, patterns: dict[str, re.Pattern[str]]) -> list[str]:
    """Which patterns occur, each with the line of its first hit."""
    hits = {name: pattern.search(text) for name, pattern in patterns.items()}
    return [f"{name} (line {text.count(chr(10), 0, hit.start()) + 1})" for name, hit in hits.items() if hit]


def untranslated(template: str) -> list[str]:
    """Words of a template that a reader would see in English whatever their language."""
    bare = NO_LANGUAGE.sub(" ", BLOCK_TRANSLATED.sub(" ", COMMENT.sub(" ", template)))
    text = TAG_OR_CODE.sub(" | ", bare)
    pieces = [re.sub(r"&\w+;", " ", piece).strip() for piece in text.split("|")]
    return [piece for piece in pieces if re.search(r"[A-Za-z]{4,}", piece)]


def test_templates__hold_nothing_inline() -> None:
    wrong = {str(p.relative_to(ROOT)): hits for p in files(".html") if (hits := found_in(p.read_text(), INLINE))}
    assert wrong == {}


def test_pages_scripts_and_styles__name_no_outside_address() -> None:
    wrong = [
        f"{path.relative_to(ROOT)}: {hit.group()}"
        for path in files(".html", ".js", ".css", ".svg")
        if path.name not in VENDORED
        if (hit := OUTSIDE.search(COMMENT.sub("", path.read_text())))
    ]
    assert wrong == []


@pytest.mark.parametrize("name", sorted(VENDORED))
def test_vendored_files__are_as_their_makers_released_them(name: str) -> None:
    [path] = [path for path in files(".js", ".css") if path.name == name]
    assert sha256(path.read_bytes()).hexdigest().startswith(VENDORED[name])
    without_banner = path.read_text().partition("*/")[2] or path.read_text()
    assert not OUTSIDE.search(without_banner)


def test_scripts__evaluate_no_text_and_write_no_styles() -> None:
    wrong = [f"{p.relative_to(ROOT)}: {hit.group()}" for p in files(".js") if (hit := EVALUATED.search(p.read_text()))]
    assert wrong == []


def test_templates__have_no_text_without_translation() -> None:
    wrong = {str(p.relative_to(ROOT)): words for p in files(".html") if (words := untranslated(p.read_text()))}
    assert wrong == {}


@pytest.mark.parametrize(
    ("page", "fault"),
    [
        ("<script>x()</script>", "inline script"),
        ('<p style="color:red">', "inline style"),
        ('<button class="b" onclick="x()">', "inline handler"),
        ('<a href="javascript:x()">', "script address"),
    ],
)
def test_found_in__each_fault__is_seen(page: str, fault: str) -> None:
    assert [hit.partition(" (")[0] for hit in found_in(f"<p>\n{page}", INLINE)] == [fault]


def test_found_in__page_of_a_strict_policy__is_clean() -> None:
    page = '<script src="/static/a.js" defer></script><p class="on"><script id="d" type="application/json">{}</script>'
    assert found_in(page, INLINE) == []


def test_untranslated__only_bare_words__are_told() -> None:
    page = (
        '{% load i18n %}<p title="x">{% translate "Balance" %}: {{ amount }}</p>{# aside from here #}'
        "<b>{% blocktranslate count n=n %}One call{% plural %}{{ n }} calls{% endblocktranslate %}</b>"
        "<i>Bare words</i>"
    )
    assert untranslated(page) == ["Bare words"]
