"""Results in words: rates with their interval and their n, changes in points, too few told as too few. Pure."""

from __future__ import annotations

from datetime import date
from typing import Any

from django.utils.formats import date_format, number_format
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from crm_assist import flow
from crm_assist.flow.results import Silences
from crm_assist.oversight.answers import AnswerShift
from crm_assist.oversight.change import Change, Part
from crm_assist.oversight.rates import Rate
from crm_assist.web import words
from crm_assist.web.panel_view import moment

MOST_PARTS = 12
"""How many parts of a change are told, the strongest first."""

TOLD_POINTS = 0.0005
"""A contribution of less than so much of a share is none worth a line."""


def rate(found: Rate) -> dict[str, Any]:
    """A rate in words, with what its bar is drawn by, in hundredths; too few are told so, without a number."""
    if not found.is_shown:
        return {"is_shown": False, "words": few(found.n)}
    low, high = found.interval
    return {
        "is_shown": True,
        "words": percent(found.share),
        "between": _("%(low)s to %(high)s") % {"low": percent(low), "high": percent(high)},
        "at": f"{found.share * 100:.2f}",
        "low": f"{low * 100:.2f}",
        "width": f"{max(0.5, (high - low) * 100):.2f}",
    }


def few(n: int) -> str:
    """Why no rate is told."""
    return ngettext("too few (%(n)s)", "too few (%(n)s)", n) % {"n": number(n)}


def percent(share: float) -> str:
    """A share of one as a percentage with one decimal: counted, so that 0 and 100 are what they say."""
    return _("%(number)s%%") % {"number": _tenths(share * 100)}


def points(share: float) -> str:
    """A difference of shares in points of a hundred, with its sign."""
    sign = "−" if share < -TOLD_POINTS else "+" if share > TOLD_POINTS else ""
    return f"{sign}{_tenths(abs(share) * 100)}"


def _tenths(value: float) -> str:
    """With one decimal: Django itself would cut the others off."""
    return number_format(round(value, 1), 1, use_l10n=True)


def number(value: int) -> str:
    """A count, as the language in force writes it."""
    return number_format(value, use_l10n=True, force_grouping=True)


def day(value: date) -> str:
    """A day in the language in force."""
    return date_format(value, "DATE_FORMAT")


def row(found: flow.ResultRow, by: str) -> dict[str, Any]:
    """One line of the table."""
    answers = {
        "accepted": found.rate.hits,
        "later": found.later,
        "rejected": found.rejected,
        "unanswered": found.unanswered,
    }
    return {
        "code": found.code,
        "name": _name(found.name or found.code, by),
        "offered": number(found.offered),
        "seen": number(found.rate.n),
        **{name: number(count) if found.rate.is_shown else "–" for name, count in answers.items()},
        "rate": rate(found.rate),
    }


def _name(text: str, by: str) -> str:
    if by == "week":
        return _("Week of %(day)s") % {"day": day(date.fromisoformat(text))}
    if by == "phase":
        return words.word(words.PHASES, text)
    return text or (_("No team") if by == "team" else _("None"))


def whole(found: flow.Results) -> dict[str, Any]:
    """The sum of all lines, the span in words, and as of when it was counted."""
    return {
        **row(found.whole, "team"),
        "span": _("%(since)s to %(until)s") % {"since": day(found.span.since), "until": day(found.span.until)},
        "counted_at": moment(found.counted_at) if found.counted_at else "",
    }


def week(found: flow.ResultRow) -> dict[str, Any]:
    """One week for the chart: in words for the table beside it, in numbers for the drawing."""
    told = row(found, "week")
    starts = date.fromisoformat(found.code)
    return {**told, "day": starts.isoformat(), "short": date_format(starts, "SHORT_DATE_FORMAT")}


def compared(found: flow.ResultChange, by: str) -> dict[str, Any]:
    """The change against the days before: what it is in a sentence, and what it is made of."""
    parts = [part for part in found.change.parts if part.is_shown and abs(part.total) >= TOLD_POINTS]
    return {
        "verdict": found.change.verdict,
        "sentence": sentence(found.change, found.span.days),
        "since": day(found.span.before.since),
        "until": day(found.span.before.until),
        "parts": [_part(part, _name(found.names.get(part.name) or part.name, by)) for part in parts[:MOST_PARTS]],
        "others": _others([part for part in found.change.parts if part not in parts[:MOST_PARTS]]),
        "answers": [_answer(one) for one in found.answers if abs(one.total) >= TOLD_POINTS][:MOST_PARTS],
    }


def sentence(found: Change, days: int) -> str:
    """What acceptance did against the same number of days before, as one sentence."""
    low, high = found.interval
    told = {
        "before": percent(found.before.share),
        "after": percent(found.after.share),
        "points": _tenths(abs(found.gap) * 100),
        "low": points(low),
        "high": points(high),
        "days": number(days),
    }
    if found.verdict == "unknown":
        return _("Too few suggestions were seen in one of the two periods to compare them.")
    if found.verdict == "steady":
        return (
            _("Acceptance went from %(before)s to %(after)s: no more than chance does (%(low)s to %(high)s points).")
            % told
        )
    if found.verdict == "fell":
        return (
            _(
                "Acceptance fell by %(points)s points, from %(before)s to %(after)s "
                "(between %(low)s and %(high)s points)."
            )
            % told
        )
    return (
        _("Acceptance rose by %(points)s points, from %(before)s to %(after)s (between %(low)s and %(high)s points).")
        % told
    )


def _part(part: Part, name: str) -> dict[str, Any]:
    return {
        "name": name,
        "before": _of(part.before),
        "after": _of(part.after),
        "total": points(part.total),
        "own": points(part.own),
        "mix": points(part.mix),
    }


def _others(parts: list[Part]) -> dict[str, Any] | None:
    """All that has no line of its own, together; nothing where that is nobody, or still too few."""
    if not parts:
        return None
    periods = [[part.before for part in parts], [part.after for part in parts]]
    before, after = (Rate(hits=sum(r.hits for r in some), n=sum(r.n for r in some)) for some in periods)
    mix, own = sum(part.mix for part in parts), sum(part.own for part in parts)
    together = Part(name="", before=before, after=after, mix=mix, own=own)
    return _part(together, _("All others")) if together.is_shown else None


def _of(found: Rate) -> str:
    if not found.n:
        return _("none")
    if not found.is_shown:
        return few(found.n)
    return _("%(share)s of %(n)s") % {"share": percent(found.share), "n": number(found.n)}


def _answer(one: AnswerShift) -> dict[str, Any]:
    said = words.word(words.RESPONSES, one.answer) if one.answer else _("Left unanswered")
    reason = words.word(words.REASONS, one.reason) if one.reason else ""
    return {
        "name": f"{said} ({reason})" if reason else said,
        "before": _of(one.before),
        "after": _of(one.after),
        "total": points(one.total),
    }


def quiet(found: Silences, span: flow.Span) -> dict[str, Any]:
    """How often nothing was suggested, and why, each cause with the way to its decisions."""
    silent = found.decisions - found.spoke
    kept = {"since": span.since.isoformat(), "until": span.until.isoformat(), "team": span.team}
    return {
        "decisions": number(found.decisions),
        "silent": number(silent),
        "share": percent(silent / found.decisions) if found.decisions else "",
        "causes": [
            {
                "text": words.silence(code),
                "count": number(count),
                "share": percent(count / found.decisions),
                "query": urlencode({name: value for name, value in {**kept, "silence": code}.items() if value}),
            }
            for code, count in found.causes
        ],
    }
