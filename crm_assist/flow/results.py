"""What became of suggestions: rates of acceptance by team, product, version or week, and what a change is made of."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from django.db.models import Sum
from django.utils.translation import gettext as _

from crm_assist.flow.errors import BadAnswer, require
from crm_assist.flow.naming import Ambiguous, Names, known_names, product_of, team_of
from crm_assist.oversight import counting
from crm_assist.oversight.answers import AnswerShift, shifts
from crm_assist.oversight.change import Change, change
from crm_assist.oversight.models import DayCount, DayCountQuerySet, SilenceCount
from crm_assist.oversight.rates import Rate
from crm_assist.scorecards.models import CardVersion
from crm_assist.types import Principal

BY = {"week": "week", "team": "team", "product": "product", "version": "card", "phase": "phase"}
"""By what rates may be asked for, and the column that it stands for; `version` is that of the record's scorecard."""

LONGEST_DAYS = 1_096
MOST_ROWS = 500
MOST_BEARERS = 5
EARLIEST = date(2000, 1, 1)


@dataclass(frozen=True, kw_only=True, slots=True)
class Span:
    """Whole days, both ends included, and whose or which suggestions: what is empty does not filter."""

    since: date
    until: date
    team: str = ""
    product: str = ""

    @property
    def days(self) -> int:
        """How many days it has."""
        return (self.until - self.since).days + 1

    @property
    def before(self) -> Span:
        """The same number of days right before it."""
        end = self.since - timedelta(days=1)
        return Span(since=end - timedelta(days=self.days - 1), until=end, team=self.team, product=self.product)


@dataclass(frozen=True, kw_only=True, slots=True)
class ResultRow:
    """The suggestions that have one thing in common; the rate is accepted over seen."""

    code: str
    name: str
    offered: int
    rate: Rate
    later: int
    rejected: int

    @property
    def unanswered(self) -> int:
        """Seen and neither accepted, put off nor rejected."""
        return self.rate.n - self.rate.hits - self.later - self.rejected


@dataclass(frozen=True, kw_only=True, slots=True)
class Results:
    """All rows of a span, the whole, and as of when they were counted; None where nothing was counted yet.

    `is_cut` says that there are more rows than are told; the whole holds them all.
    """

    span: Span
    rows: tuple[ResultRow, ...]
    whole: ResultRow
    counted_at: datetime | None
    is_cut: bool = False


@dataclass(frozen=True, kw_only=True, slots=True)
class ResultChange:
    """A span against the days right before it: what the change is made of, by parts and by answers."""

    span: Span
    change: Change
    names: Mapping[str, str]
    answers: tuple[AnswerShift, ...]
    counted_at: datetime | None


@dataclass(frozen=True, kw_only=True, slots=True)
class Silences:
    """Decisions of a span, how many of them offered something, and how many were silent for which code."""

    decisions: int
    spoke: int
    causes: tuple[tuple[str, int], ...]
    """The code and the count of each cause, the most frequent first."""


def results(principal: Principal, span: Span, *, by: str = "team") -> Results:
    """How suggestions of the person's tenant fared, a row for each team, product, version, phase or week.

    NotAllowed without `view_log`; BadAnswer names what cannot be asked. Counted suggestions alone: `counted_at` says
    as of when.
    """
    require(principal, "view_log")
    span, column, names = _asked(principal, span, by)
    found = list(_counts(principal, span, by).summed(column))
    called = _called(by, names, principal)
    rows = [_row(entry, str(entry[column]), called) for entry in found]
    rows.sort(key=lambda row: row.code if by == "week" else (-row.rate.n, row.code))
    whole = ResultRow(
        code="",
        name="",
        offered=sum(row.offered for row in rows),
        rate=Rate(hits=sum(row.rate.hits for row in rows), n=sum(row.rate.n for row in rows)),
        later=sum(row.later for row in rows),
        rejected=sum(row.rejected for row in rows),
    )
    counted_at = counting.marked(principal.tenant).counted_at
    return Results(
        span=span, rows=tuple(rows[:MOST_ROWS]), whole=whole, counted_at=counted_at, is_cut=len(rows) > MOST_ROWS
    )


def result_change(principal: Principal, span: Span, *, by: str = "team") -> ResultChange:
    """Why acceptance changed against the same number of days before: each part's contribution, and each answer's.

    NotAllowed without `view_log`; BadAnswer names what cannot be asked: two periods have no week in common.
    """
    require(principal, "view_log")
    if by == "week":
        raise BadAnswer("by", _("Two periods share no week: compare by team, product, version or phase."))
    span, column, names = _asked(principal, span, by)
    periods = [list(_counts(principal, one, by).summed(column)) for one in (span.before, span)]
    before, after = ({str(entry[column]): _rate(entry) for entry in found} for found in periods)
    made = change(before, after)
    answers = [_answers(_counts(principal, one, by)) for one in (span.before, span)]
    called = _called(by, names, principal)
    return ResultChange(
        span=span,
        change=made,
        names={part.name: called.get(part.name, part.name) for part in made.parts},
        answers=shifts(*answers),
        counted_at=counting.marked(principal.tenant).counted_at,
    )


def silences(principal: Principal, span: Span) -> Silences:
    """Why nothing was suggested in a span, for all teams or one; NotAllowed without `view_log`.

    Counted decisions alone, as in `results`; a product chosen there does not matter here.
    """
    require(principal, "view_log")
    rows = SilenceCount.objects.filter(tenant=principal.tenant, day__gte=span.since, day__lte=span.until)
    if span.team:
        rows = rows.filter(team=team_of(span.team, known_names(principal)))
    found = dict(rows.order_by().values_list("silence").annotate(times=Sum("count")))
    spoke = found.pop("", 0)
    causes = sorted(found.items(), key=lambda cause: (-cause[1], cause[0]))
    return Silences(decisions=spoke + sum(found.values()), spoke=spoke, causes=tuple(causes))


def _asked(principal: Principal, span: Span, by: str) -> tuple[Span, str, Names]:
    """The span with codes in the place of names, the column, and the names; BadAnswer for what cannot be asked."""
    if by not in BY:
        words = {"value": by[:20], "known": ", ".join(BY)}
        raise BadAnswer("by", _("“%(value)s”: choose one of %(known)s.") % words)
    if span.until < span.since:
        raise BadAnswer("until", _("The last day lies before the first one."))
    if span.days > LONGEST_DAYS or span.since < EARLIEST:
        raise BadAnswer("since", _("At most %(days)d days can be looked at.") % {"days": LONGEST_DAYS})
    names = known_names(principal)
    try:
        team, product = team_of(span.team, names), product_of(span.product, names)
    except Ambiguous as error:
        told = _("Several are meant: %(bearers)s. Write what stands in brackets.")
        raise BadAnswer(error.field, told % {"bearers": "; ".join(error.bearers[:MOST_BEARERS])}) from error
    return Span(since=span.since, until=span.until, team=team, product=product), BY[by], names


def _counts(principal: Principal, span: Span, by: str) -> DayCountQuerySet:
    found: DayCountQuerySet = DayCount.objects.within(principal.tenant, span.since, span.until)
    chosen = {name: value for name, value in (("team", span.team), ("product", span.product)) if value}
    found = found.filter(**chosen)
    return found.weekly() if by == "week" else found


def _row(entry: Mapping[str, Any], code: str, called: Mapping[str, str]) -> ResultRow:
    told = {name: entry[name] for name in ("offered", "later", "rejected")}
    return ResultRow(code=code, name=called.get(code, code), rate=_rate(entry), **told)


def _rate(entry: Mapping[str, Any]) -> Rate:
    return Rate(hits=entry["accepted"], n=entry["seen"])


def _answers(counts: DayCountQuerySet) -> dict[tuple[str, str], int]:
    """How many of those that were seen got which answer for which reason."""
    entries = counts.filter(is_seen=True).summed("answer", "reason")
    return {(entry["answer"], entry["reason"]): entry["seen"] for entry in entries}


def _called(by: str, names: Names, principal: Principal) -> dict[str, str]:
    if by == "product":
        return {row.code: row.text("name") for row in names.products}
    if by == "version":
        rows = CardVersion.objects.filter(tenant__in=["", principal.tenant])
        return {
            digest: f"{target} v{number}" for digest, target, number in rows.values_list("digest", "target", "version")
        }
    return {}
