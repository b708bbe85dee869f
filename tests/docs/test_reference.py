"""The reference names what the code has: every setting, command, permission, code, check, hook and column."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from django.contrib.auth.models import Permission

from crm_assist import conf, customers
from crm_assist.checks.settings import RANGES
from crm_assist.decisions.answers import REASONS
from crm_assist.decisions.models import ScoreAnswer, State
from crm_assist.journal.faults import FaultKind
from crm_assist.types import OutcomeKind, Phase, ResponseKind
from docs.reference_pages import PAGES, WRITERS
from tests.docs.follow import ROOT

SOURCE = ROOT / "crm_assist"
LITERAL = re.compile(r'\bcode="([a-z_]+)"')
STEPS = ("eligibility", "recommending", "flow", "rollout")
LINK = re.compile(r"\]\((?!https?:)([^)#]+)[^)]*\)")


def page(name: str) -> str:
    return (PAGES / name).read_text()


def said(name: str) -> set[str]:
    """Everything that stands between backticks on a page."""
    return set(re.findall(r"`([^`\n]+)`", page(name)))


def test_settings__every_one__stands_with_its_default() -> None:
    rows = dict(re.findall(r"^\| `([A-Z_]+)` \| `([^`]+)` \|", page("settings.md"), re.MULTILINE))
    assert rows == {name: repr(getattr(conf.Settings, name)).replace("'", '"') for name in conf.declared()}


def test_settings__every_range__is_that_of_the_checks() -> None:
    rows = re.findall(r"^\| `([A-Z_]+)` \| `[^`]+` \| (\d+) to (\d+) \|", page("settings.md"), re.MULTILINE)
    assert {name: (int(low), int(high)) for name, low, high in rows} == RANGES


def test_commands__every_one__is_told() -> None:
    folder = SOURCE / "management" / "commands"
    names = {file.stem for file in folder.glob("*.py")} - {"__init__"}
    assert {name.split()[0] for name in said("commands.md")} >= names


@pytest.mark.django_db
def test_permissions__every_one__is_told_and_no_other() -> None:
    told = set(re.findall(r"^\| `crm_assist\.(\w+)`", page("permissions.md"), re.MULTILINE))
    ours = Permission.objects.filter(content_type__app_label="crm_assist")
    assert told == set(customers.PERMISSIONS) == set(ours.values_list("codename", flat=True))


def test_codes__every_one_that_the_source_gives__is_told() -> None:
    files = [file for step in STEPS for file in (SOURCE / step).glob("*.py")]
    given = {code for file in files for code in LITERAL.findall(file.read_text())}
    kinds = (Phase, ResponseKind, OutcomeKind, FaultKind, State, ScoreAnswer.Kind)
    given |= {str(member.value) for kind in kinds for member in kind} | set(REASONS)
    assert len(given) > 40
    assert given - said("codes.md") == set()


def test_checks__every_id_that_the_source_gives__is_told_and_no_other() -> None:
    text = "".join(file.read_text() for file in (SOURCE / "checks").glob("*.py"))
    given = set(re.findall(r'"(?:crm_assist\.)?([EW]0\d\d)"', text))
    assert {one for one in said("checks.md") if re.fullmatch(r"[EW]0\d\d", one)} == given


@pytest.mark.parametrize("name", WRITERS)
def test_made_pages__committed__are_up_to_date(name: str) -> None:
    assert page(name) == WRITERS[name](), "run `python -m docs.reference_pages` and commit docs/reference"


def test_links__in_every_page__lead_somewhere() -> None:
    pages = [ROOT / "README.md", *(ROOT / "docs").rglob("*.md")]
    assert [f"{page}: {link}" for page in pages for link in links(page) if not (page.parent / link).exists()] == []


def links(page: Path) -> list[str]:
    return LINK.findall(page.read_text())
