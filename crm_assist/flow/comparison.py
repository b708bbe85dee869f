"""A new card beside the champion: which did better on rows that neither had learned from, and what follows."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields, replace
from typing import Any, Literal

from django.utils.formats import number_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from crm_assist.flow.soundness import logged_at_first
from crm_assist.scorecards.models import CardEvent, CardVersion

VERDICTS: Mapping[str, Literal["pass", "hold", "fail"]] = {
    "better": "pass",
    "alike": "hold",
    "worse": "fail",
    "too_soon": "hold",
    "no_past": "hold",
    "unfit": "pass",
    "changed": "hold",
}
"""What each finding of a comparison means for the new card: only `pass` puts it in force."""

TEMPLATES: Mapping[str, str] = {
    "better": gettext_noop(
        "The new card was better than version %(champion)s on %(rows)s rows that neither had learned from: its loss "
        "was lower by %(size)s, with a standard error of %(error)s between %(blocks)s blocks of time."
    ),
    "alike": gettext_noop(
        "The new card was not clearly better than version %(champion)s on %(rows)s rows that neither had learned "
        "from: its loss was %(moved)s, with a standard error of %(error)s between %(blocks)s blocks of time."
    ),
    "worse": gettext_noop(
        "The new card was worse than version %(champion)s on %(rows)s rows that neither had learned from: its loss "
        "was %(moved)s, with a standard error of %(error)s between %(blocks)s blocks of time."
    ),
    "too_soon": gettext_noop(
        "Too little has become known since version %(champion)s learned: the two cards could not be compared."
    ),
    "no_past": gettext_noop(
        "Version %(champion)s uses features whose past is not known (%(fault)s): it cannot be compared on past rows."
    ),
    "unfit": gettext_noop("Version %(champion)s could not serve any more: %(fault)s"),
    "changed": gettext_noop(
        "Version %(champion)s was put in force while the new card was fitted: the two were not compared."
    ),
}
"""One sentence for each finding."""

SHORT: Mapping[str, str] = {
    "better": gettext_noop("the new card was better (its loss %(moved)s, standard error %(error)s)"),
    "alike": gettext_noop("the new card was not clearly better (its loss %(moved)s, standard error %(error)s)"),
    "worse": gettext_noop("the new card was worse (its loss %(moved)s, standard error %(error)s)"),
    "too_soon": gettext_noop("too little has become known since it learned"),
    "no_past": gettext_noop("the past of its features is not known"),
    "unfit": gettext_noop("version %(champion)s could not serve any more"),
    "changed": gettext_noop("it was put in force meanwhile"),
}
"""The same in a few words, for a note."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Comparison:
    """What was found, against which version; `gain` is how much lower the new card's loss was, in nats per row.

    `error` is the standard error of that gain between `blocks` of time, in which there were `rows`. `fault` says what
    is wrong with the champion, `forced` why a person puts the new card in force all the same.
    """

    code: str
    champion: int
    gain: float = 0.0
    error: float = 0.0
    blocks: int = 0
    rows: int = 0
    fault: str = ""
    forced: str = ""

    @property
    def verdict(self) -> Literal["pass", "hold", "fail"]:
        """Whether the new card may take the champion's place by what was found."""
        return VERDICTS[self.code]

    @property
    def promotes(self) -> bool:
        """Whether the new card takes the champion's place, by what was found or by a person's word."""
        return self.verdict == "pass" or bool(self.forced)

    def still(self, champion: CardVersion | None) -> Comparison:
        """The comparison as it stands with the version that serves now: one with another version promotes nothing."""
        if champion is None or champion.version == self.champion:
            return self
        return Comparison(code="changed", champion=champion.version, forced=self.forced)

    @property
    def words(self) -> str:
        """What was found in one or two sentences, in the language in force."""
        told = _(TEMPLATES[self.code]) % self.values()
        return f"{told} {_('Put in force all the same: %(reason)s') % {'reason': self.forced}}" if self.forced else told

    @property
    def note(self) -> str:
        """What was found in a few words, in the language in force."""
        return _("put in force by decision") if self.forced else _(SHORT[self.code]) % self.values()

    def values(self) -> dict[str, str]:
        """The figures as the language in force writes them."""
        told = {"rows": number_format(self.rows, use_l10n=True, force_grouping=True), "fault": self.fault}
        told |= {"champion": str(self.champion), "blocks": str(self.blocks)}
        figures = {"gain": _nats(self.gain, "+"), "size": _nats(abs(self.gain)), "error": _nats(self.error)}
        words = _("lower by %(size)s") if self.gain > 0 else _("higher by %(size)s")
        return {**told, **figures, "moved": words % figures}

    def plain(self) -> dict[str, Any]:
        """The comparison as the log keeps it."""
        return {**asdict(self), "verdict": self.verdict}

    def brief(self) -> dict[str, Any]:
        """What `note` needs of it, rounded as it is told; `fault` and the words of a person are left out."""
        return {
            "code": self.code,
            "champion": self.champion,
            "gain": round(self.gain, 4),
            "error": round(self.error, 4),
            "forced": bool(self.forced),
        }

    @classmethod
    def of_brief(cls, told: Mapping[str, Any]) -> Comparison:
        """The comparison of which `brief` told, as far as it did."""
        return cls(**{**told, "forced": "forced" if told["forced"] else ""})

    def forced_by(self, reason: str) -> Comparison:
        """The same, with a person's reason to put the new card in force; an empty one changes nothing."""
        return replace(self, forced=reason.strip()[:500])


def comparison_of(version: CardVersion) -> Comparison | None:
    """How a version did against the champion of then; None where it had no rival."""
    mine = {name: getattr(version, name) for name in ("tenant", "adapter", "target", "version")}
    return comparison_in(logged_at_first(CardEvent.objects.filter(**mine, before="")))


def comparison_in(logged: Mapping[str, Any]) -> Comparison | None:
    """The comparison among what was logged with a version."""
    told = logged.get("comparison")
    return Comparison(**{one.name: told[one.name] for one in fields(Comparison)}) if told else None


def _nats(value: float, sign: str = "") -> str:
    told = number_format(abs(round(value, 4)), 4, use_l10n=True)
    return f"{'-' if round(value, 4) < 0 else sign}{told}"
