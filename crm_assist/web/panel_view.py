"""What the agent's panel shows, made of the flow's values: words only, nothing left to compute in a template. Pure."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from django.utils.formats import date_format
from django.utils.timezone import is_aware, localtime
from django.utils.translation import gettext as _

from crm_assist.types import Phase, Reason, ShownScore
from crm_assist.web import words

if TYPE_CHECKING:
    from crm_assist.flow import RecordView, ShownSuggestion

QUIET = frozenset({"phase_shadow", "phase_score"})
"""Silences of the roll-out: agents who are not taking part see no trace of it."""

MOST = 3
MOST_REASONS = 2


@dataclass(frozen=True, kw_only=True, slots=True)
class ReasonLine:
    """One reason in words, and whether the customer or the agent can do something about it."""

    text: str
    changeable: bool


@dataclass(frozen=True, kw_only=True, slots=True)
class ScoreBlock:
    """The score in words, with the three numbers (whole hundredths) that the bar is drawn with."""

    label: str
    horizon: str
    percent: str
    band: str
    band_code: str
    trend: str
    trend_code: str
    interval: str
    usual: str
    reasons_for: tuple[ReasonLine, ...]
    reasons_against: tuple[ReasonLine, ...]
    as_of: str
    version: int
    stale: bool
    low: int
    high: int
    at: int
    thin: str = ""

    @property
    def width(self) -> int:
        """Width of the interval on the bar, at least one."""
        return max(1, self.high - self.low)


@dataclass(frozen=True, kw_only=True, slots=True)
class SuggestionBlock:
    """One suggestion in words, and what can still be done with it."""

    id: str
    product: str
    name: str
    benefit: str
    details: str
    reasons: tuple[ReasonLine, ...]
    state: str
    state_words: str
    undo_seconds: int

    @property
    def is_open(self) -> bool:
        """Whether it waits for an answer."""
        return self.state == "open"


@dataclass(frozen=True, kw_only=True, slots=True)
class PanelView:
    """The whole panel; empty when the agent takes no part in the phase."""

    decision_id: str
    score: ScoreBlock | None
    suggestions: tuple[SuggestionBlock, ...]
    silence: str
    silence_code: str
    away: bool
    own_products: tuple[tuple[str, str], ...]

    @property
    def is_empty(self) -> bool:
        """Whether there is nothing to show at all, so that the panel takes no room."""
        return not (self.score or self.suggestions or self.silence or self.away or self.own_products)


def panel_view(record: RecordView) -> PanelView:
    """The panel of one record, held to the phase once more: no score below `score`, no suggestion below `recommend`."""
    phase = record.admission.phase
    code = record.silence.code if record.silence else ""
    quiet = not record.silence or code in QUIET
    return PanelView(
        decision_id=str(record.decision_id or "") if phase.opens(Phase.SCORE) else "",
        score=score_block(record.score) if record.score and phase.opens(Phase.SCORE) else None,
        suggestions=tuple(suggestion_block(shown) for shown in record.suggestions[:MOST])
        if phase.opens(Phase.RECOMMEND)
        else (),
        silence="" if quiet or not record.silence else words.silence(code, record.silence.message),
        silence_code=code,
        away=record.away,
        own_products=tuple(record.products) if record.decision_id and phase.opens(Phase.SCORE) else (),
    )


def score_block(score: ShownScore) -> ScoreBlock:
    """The score in words: clamped to 1..99, the interval in natural frequencies, reasons split into for and against.

    Where too little is known there is no number, and no word that would give one away.
    """
    if score.thin:
        return _without_number(score)
    return ScoreBlock(
        label=score.label,
        horizon=words.horizon(score.horizon_days),
        percent=words.percent(score.probability),
        band=words.band(score.band),
        band_code=score.band,
        trend="" if score.stale else words.trend(score.trend),
        trend_code=score.trend.value,
        interval="" if score.stale else words.between(score.low, score.high),
        usual=_usual(score),
        reasons_for=_lines(reason for reason in score.reasons if reason.points > 0),
        reasons_against=_lines(reason for reason in score.reasons if reason.points < 0),
        as_of=moment(score.as_of),
        version=score.version,
        stale=score.stale,
        low=words.hundredths(min(score.low, score.high)),
        high=words.hundredths(max(score.low, score.high)),
        at=words.hundredths(score.probability),
    )


def _without_number(score: ShownScore) -> ScoreBlock:
    return ScoreBlock(
        label=score.label,
        horizon=words.horizon(score.horizon_days),
        percent="",
        band="",
        band_code="",
        trend="",
        trend_code="",
        interval="",
        usual=_usual(score),
        reasons_for=(),
        reasons_against=(),
        as_of=moment(score.as_of),
        version=score.version,
        stale=score.stale,
        low=0,
        high=0,
        at=0,
        thin=words.too_few(),
    )


def _lines(reasons: Iterable[Reason]) -> tuple[ReasonLine, ...]:
    return tuple(ReasonLine(text=reason.sentence, changeable=reason.changeable) for reason in reasons)


def _usual(score: ShownScore) -> str:
    return _("Usual: %(number)d in 100") % {"number": words.hundredths(score.base)} if score.base else ""


def suggestion_block(shown: ShownSuggestion) -> SuggestionBlock:
    """One suggestion in words."""
    return SuggestionBlock(
        id=str(shown.id),
        product=shown.product,
        name=shown.name,
        benefit=shown.benefit,
        details=shown.details,
        reasons=_lines(shown.reasons[:MOST_REASONS]),
        state=str(shown.state),
        state_words=state_words(str(shown.state), by_you=shown.answered_by_you, until=shown.until),
        undo_seconds=max(0, int(shown.undo_seconds or 0)) if shown.answered_by_you else 0,
    )


def state_words(state: str, *, by_you: bool, until: datetime | None) -> str:
    """What became of a suggestion, and by whom: never a colleague's name."""
    if state == "later" and until is not None:
        date = {"date": date_format(_local(until), "DATE_FORMAT")}
        return (_("You put it off until %(date)s") if by_you else _("A colleague put it off until %(date)s")) % date
    if state in ("accepted", "later", "rejected"):
        yours = {
            "accepted": _("You accepted"),
            "later": _("You put it off"),
            "rejected": _("You rejected"),
        }
        theirs = {
            "accepted": _("A colleague accepted"),
            "later": _("A colleague put it off"),
            "rejected": _("A colleague rejected"),
        }
        return (yours if by_you else theirs)[state]
    return words.word(words.STATES, state)


def moment(at: datetime) -> str:
    """Date and time in the reader's language and zone."""
    return date_format(_local(at), "DATETIME_FORMAT")


def _local(at: datetime) -> datetime:
    # A host without USE_TZ hands us naive times, which are local already.
    return localtime(at) if is_aware(at) else at
