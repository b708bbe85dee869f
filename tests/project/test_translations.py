"""The bank's French catalogue: complete, and compiled as committed."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import polib
from babel.messages.extract import extract_from_file
from django.template.utils import get_app_template_dirs
from django.utils.translation.template import templatize

ROOT = Path(__file__).resolve().parents[2]
CATALOGUE = ROOT / "project" / "locale" / "fr" / "LC_MESSAGES" / "django.po"
KEYWORDS = {"_": None, "gettext": None, "gettext_lazy": None, "ngettext": (1, 2)}
MARKED = re.compile(r"""\b(?:_|gettext)\(u?("(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*')\)""")
MARKED_PAIR = re.compile(r"""\bngettext\(u?("(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*')""")


def of_code() -> Iterator[str]:
    for path in (ROOT / "project").rglob("*.py"):
        for _line, message, _comments, _context in extract_from_file("python", path, keywords=KEYWORDS):
            yield message[0] if isinstance(message, tuple) else message


def of_templates() -> Iterator[str]:
    paths = [path for folder in get_app_template_dirs("templates") for path in Path(folder).rglob("*.html")]
    for path in paths:
        if path.is_relative_to(ROOT / "project"):
            text = templatize(path.read_text(encoding="utf-8"))
            for found in (*MARKED.findall(text), *MARKED_PAIR.findall(text)):
                yield found[1:-1].replace('\\"', '"').replace("\\'", "'")


def test_catalogue__every_marked_text__is_translated() -> None:
    entries = {entry.msgid: entry for entry in polib.pofile(str(CATALOGUE))}
    used = set(of_code()) | set(of_templates())
    assert len(used) > 150
    assert sorted(text for text in used if text not in entries) == []
    assert [entry.msgid for entry in entries.values() if not entry.translated() or entry.fuzzy] == []


def test_catalogue__compiled_file__matches() -> None:
    source = {entry.msgid: (entry.msgstr, entry.msgstr_plural) for entry in polib.pofile(str(CATALOGUE))}
    compiled = polib.mofile(str(CATALOGUE.with_suffix(".mo")))
    assert {entry.msgid: (entry.msgstr, entry.msgstr_plural) for entry in compiled} == source


def test_catalogue__placeholders__survive_translation() -> None:
    for entry in polib.pofile(str(CATALOGUE)):
        wanted = set(re.findall(r"%\(\w+\)s", entry.msgid + entry.msgid_plural))
        given = set(re.findall(r"%\(\w+\)s", entry.msgstr + " ".join(entry.msgstr_plural.values())))
        assert wanted == given, entry.msgid
