"""The French catalogues: nothing untranslated, nothing left over, compiled as written, every placeholder kept."""

from __future__ import annotations

import ast
import gettext
import re
from pathlib import Path

import polib
import pytest
from babel.messages.extract import extract_from_file
from django.utils.translation.template import templatize

ROOT = Path(__file__).resolve().parents[2]
PLACEHOLDERS = re.compile(r"%\(\w+\)[sd]|%%|%s|%d|\{\w*\}")
KEYWORDS = dict.fromkeys(("_", "gettext", "gettext_lazy", "gettext_noop", "_lazy")) | {
    "ngettext": (1, 2),
    "ngettext_lazy": (1, 2),
    "pgettext": ((1, "c"), 2),
    "pgettext_lazy": ((1, "c"), 2),
}
IN_TEMPLATES = re.compile(r"""\b_?(?:gettext)?\((u?'(?:[^'\\]|\\.)*'|u?"(?:[^"\\]|\\.)*")""")


WITH_CONTEXT = re.compile(r"""pgettext\((?:u?'(?:[^'\\]|\\.)*'|u?"(?:[^"\\]|\\.)*"),\s*""")


def catalogues() -> list[Path]:
    """Every folder of ours that has a French catalogue."""
    return [part for part in (ROOT / "crm_assist", ROOT / "project") if (part / "locale" / "fr").is_dir()]


def marked(folder: Path) -> set[str]:
    """Every text of a folder that is marked for translation."""
    found: set[str] = set()
    for path in folder.rglob("*.py"):
        for _line, message, _comments, _context in extract_from_file("python", path, keywords=KEYWORDS):
            found.add(message if isinstance(message, str) else message[0])
    for path in folder.rglob("templates/**/*.html"):
        text = WITH_CONTEXT.sub("gettext(", templatize(path.read_text()))
        for quoted in IN_TEMPLATES.findall(text):
            found.add(ast.literal_eval(quoted))
    return found - {""}


@pytest.fixture(params=catalogues(), ids=lambda folder: folder.name)
def folder(request: pytest.FixtureRequest) -> Path:
    path: Path = request.param
    return path


def entries(folder: Path) -> polib.POFile:
    return polib.pofile(str(folder / "locale/fr/LC_MESSAGES/django.po"))


def test_catalogue__every_marked_text__is_translated(folder: Path) -> None:
    known = {entry.msgid for entry in entries(folder) if entry.translated()}
    assert sorted(marked(folder) - known) == []


def test_catalogue__every_entry__is_whole_and_certain(folder: Path) -> None:
    doubtful = [entry.msgid for entry in entries(folder) if not entry.translated() or entry.fuzzy or entry.obsolete]
    assert doubtful == []


def test_catalogue__placeholders__are_those_of_the_original(folder: Path) -> None:
    for entry in entries(folder):
        for text in entry.msgstr_plural.values() if entry.msgid_plural else [entry.msgstr]:
            wanted = PLACEHOLDERS.findall(entry.msgid_plural or entry.msgid)
            assert sorted(PLACEHOLDERS.findall(text)) == sorted(wanted), entry.msgid


def test_catalogue__compiled_file__says_what_is_written(folder: Path) -> None:
    with (folder / "locale/fr/LC_MESSAGES/django.mo").open("rb") as file:
        compiled = gettext.GNUTranslations(file)
    for entry in entries(folder):
        if entry.msgid_plural:
            assert compiled.ngettext(entry.msgid, entry.msgid_plural, 1) == entry.msgstr_plural[0]
            assert compiled.ngettext(entry.msgid, entry.msgid_plural, 5) == entry.msgstr_plural[1]
        elif entry.msgctxt:
            assert compiled.pgettext(entry.msgctxt, entry.msgid) == entry.msgstr
        else:
            assert compiled.gettext(entry.msgid) == entry.msgstr


BREAKABLE = re.compile(r"(?<=\S) [:;?!»%](?=\s|$|%)|« |(?<=\w)'(?=\w)")
"""Where French has a space that must not break a line, and where it has no straight apostrophe."""


def test_catalogue__spaces_and_apostrophes__are_those_of_french_print(folder: Path) -> None:
    for entry in entries(folder):
        for text in entry.msgstr_plural.values() if entry.msgid_plural else [entry.msgstr]:
            assert not BREAKABLE.search(text), text


def test_extraction__finds_what_templates_mark() -> None:
    found = marked(ROOT / "crm_assist")
    assert {"You could suggest", "As of %(when)s", "Is this score right?"} <= found
