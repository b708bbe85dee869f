"""What a refit's run says of its card: kept as figures, told in the language of whoever reads it."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from crm_assist.flow.comparison import Comparison
from crm_assist.flow.moved import Moved
from crm_assist.flow.soundness import Findings
from crm_assist.scorecards.models import CardVersion, Role

BEGINS = '{"refit":'
"""How such a note begins; any other is a text already."""


@dataclass(frozen=True, kw_only=True, slots=True)
class RefitNote:
    """Which version was made, whether it serves, how it did, and how much there is to read on its page."""

    version: int
    serves: bool
    findings: int = 0
    blocks: int = 0
    """How many of the findings block: those were accepted."""
    moved: int = 0
    comparison: Comparison | None = None

    def text(self) -> str:
        """The note as a run keeps it: without texts of any length, so that it always fits."""
        told: dict[str, Any] = {
            name: getattr(self, name) for name in ("version", "serves", "findings", "blocks", "moved")
        }
        if self.comparison is not None:
            told["beside"] = self.comparison.brief()
        return json.dumps({"refit": told}, separators=(",", ":"))

    @property
    def words(self) -> str:
        """The note in the language in force."""
        parts = [self._card(), *self._counts()]
        if len(parts) > 1:
            parts.append(_("read them with version %(version)s") % {"version": self.version})
        told = parts[0]
        for part in parts[1:]:
            told = _("%(told)s; %(more)s") % {"told": told, "more": part}
        return told

    def _card(self) -> str:
        told: dict[str, Any] = {"version": self.version}
        if self.comparison is None:
            return _("version %(version)s") % told
        told |= {"why": self.comparison.note, "champion": self.comparison.champion}
        if self.serves:
            return _("version %(version)s: %(why)s") % told
        return _("kept version %(champion)s: %(why)s; version %(version)s waits") % told

    def _counts(self) -> list[str]:
        found, accepted, signs = {"count": self.findings}, {"count": self.blocks}, {"count": self.moved}
        told = []
        if self.findings:
            told.append(
                ngettext("%(count)d finding in its data", "%(count)d findings in its data", found["count"]) % found
            )
        if self.blocks:
            told.append(
                ngettext("%(count)d of them accepted", "%(count)d of them accepted", accepted["count"]) % accepted
            )
        if self.moved:
            text = ngettext(
                "%(count)d sign that the world has moved", "%(count)d signs that the world has moved", signs["count"]
            )
            told.append(text % signs)
        return told


def refit_note(
    version: CardVersion, findings: Findings, comparison: Comparison | None, moved: Moved | None
) -> RefitNote:
    """The note of the run that made a version."""
    return RefitNote(
        version=version.version,
        serves=version.role == Role.CHAMPION,
        findings=len(findings),
        blocks=sum(found.severity == "blocks" for found in findings),
        moved=len(moved.signs) if moved else 0,
        comparison=comparison,
    )


def note_told(text: str) -> str:
    """A run's note in the language in force; one that is no refit's, or of before, as it stands."""
    if not text.startswith(BEGINS):
        return text
    told: Mapping[str, Any] = json.loads(text)["refit"]
    beside = told.get("beside")
    figures = {name: told[name] for name in ("version", "serves", "findings", "blocks", "moved")}
    return RefitNote(**figures, comparison=Comparison.of_brief(beside) if beside else None).words
