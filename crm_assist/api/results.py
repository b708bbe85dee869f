"""Results: how suggestions fared by team, product, version, phase or week, and what a change is made of."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from django.http import HttpResponseBase
from django.utils.timezone import localdate
from rest_framework.request import Request
from rest_framework.response import Response

from crm_assist import flow
from crm_assist.api.fields import Code, Day, Moment, Number, Text, Whole, YesNo
from crm_assist.api.shapes import Query, Shape
from crm_assist.api.views import ApiView
from crm_assist.flow.results import BY, MOST_ROWS
from crm_assist.oversight.rates import Rate

USUAL_DAYS = 28
ANSWERS = ("later", "rejected", "unanswered")
RATE = {"hits": 62, "n": 200, "share": 0.31, "low": 0.25, "high": 0.377}
ROW = {"code": "north", "name": "north", "offered": 240, "seen": RATE, "later": 20, "rejected": 50, "unanswered": 68}


class Asked(Query):
    """Which suggestions: whole days of their first offer; what is not given does not filter."""

    since = Day(required=False, help_text="From this day on; four weeks up to `until` when not given.")
    until = Day(required=False, help_text="To the end of this day; today when not given.")
    team = Text(100, required=False)
    product = Text(60, required=False)


class RateShape(Shape):
    """Accepted of seen, with Wilson's 95 % interval; without share and interval where fewer than ten were seen."""

    hits = Whole(0, 2**63 - 1, allow_null=True)
    n = Whole(0, 2**63 - 1)
    share = Number(allow_null=True)
    low = Number(allow_null=True)
    high = Number(allow_null=True)


class RowShape(Shape):
    """The suggestions that have one thing in common; no answers where fewer than ten were seen."""

    code = Text()
    name = Text()
    offered = Whole(0, 2**63 - 1)
    seen = RateShape()
    later = Whole(0, 2**63 - 1, allow_null=True)
    rejected = Whole(0, 2**63 - 1, allow_null=True)
    unanswered = Whole(0, 2**63 - 1, allow_null=True)


class ResultsApi(ApiView):
    """Rates of acceptance with their interval, a row for each team, product, version, phase or week.

    From counts made beforehand: `counted_at` says as of when; null where nothing was counted yet.
    """

    tag = "results"
    refuses = (422,)  # days that follow the description and cannot be looked at
    example_query = {"by": "team", "since": "2026-06-01", "until": "2026-06-28"}
    example_output = {"rows": [ROW], "whole": {**ROW, "code": "", "name": ""}, "counted_at": "2026-06-29T01:00:00Z"}
    example_output |= {"is_cut": False}

    class QuerySerializer(Asked):
        """Which suggestions, and a row for each what."""

        by = Code(BY, required=False, default="team")

    class OutputSerializer(Shape):
        """Every row, and the sum of all."""

        rows = RowShape(many=True)
        whole = RowShape()
        counted_at = Moment(allow_null=True)
        is_cut = YesNo(help_text="Whether there are more rows than are told.")

    def get(self, request: Request) -> HttpResponseBase:
        """See the view."""
        found = flow.results(self.principal, span_of(self.query), by=self.query["by"])
        told = {"rows": [_row(one) for one in found.rows], "whole": _row(found.whole)}
        return Response(self.shown({**told, "counted_at": found.counted_at, "is_cut": found.is_cut}))


class PartShape(Shape):
    """One part in both periods, and what it gave to the change, in shares of one: `own` and `mix` sum up to `total`.

    Without contributions where fewer than ten were seen in a period.
    """

    code = Text()
    name = Text()
    before = RateShape()
    after = RateShape()
    own = Number(allow_null=True, help_text="By doing better or worse itself.")
    mix = Number(allow_null=True, help_text="By being more or less of the whole.")
    total = Number(allow_null=True)


class AnswerShape(Shape):
    """One answer but acceptance: what it gave to acceptance, or took from it with a minus."""

    answer = Text()
    reason = Text()
    before = RateShape()
    after = RateShape()
    total = Number()


class ResultChangeApi(ApiView):
    """Why acceptance changed against the same number of days right before: each part's and each answer's contribution.

    The contributions of all parts sum up to `gap` exactly; those of all answers too.
    """

    tag = "results"
    refuses = (422,)  # days that follow the description and cannot be looked at
    example_query = {"by": "team", "since": "2026-06-01", "until": "2026-06-28"}
    example_output = {
        "verdict": "fell",
        "gap": -0.07,
        "low": -0.09,
        "high": -0.05,
        "before": {**RATE, "hits": 76, "share": 0.38},
        "after": RATE,
        "parts": [
            {
                "code": "north",
                "name": "north",
                "before": RATE,
                "after": RATE,
                "own": -0.06,
                "mix": -0.01,
                "total": -0.07,
            }
        ],
        "answers": [{"answer": "rejected", "reason": "wrong_data", "before": RATE, "after": RATE, "total": -0.05}],
        "counted_at": "2026-06-29T01:00:00Z",
    }

    class QuerySerializer(Asked):
        """Which suggestions, and by what the change is taken apart."""

        by = Code([name for name in BY if name != "week"], required=False, default="team")

    class OutputSerializer(Shape):
        """The change and what it is made of."""

        verdict = Code(["rose", "fell", "steady", "unknown"], help_text="`steady`: no more than chance does.")
        gap = Number()
        low = Number()
        high = Number()
        before = RateShape()
        after = RateShape()
        parts = PartShape(many=True)
        answers = AnswerShape(many=True)
        counted_at = Moment(allow_null=True)

    def get(self, request: Request) -> HttpResponseBase:
        """See the view."""
        found = flow.result_change(self.principal, span_of(self.query), by=self.query["by"])
        made, (low, high) = found.change, found.change.interval
        parts = [
            {
                "code": part.name,
                "name": found.names[part.name],
                "before": _rate(part.before),
                "after": _rate(part.after),
                **{name: getattr(part, name) if part.is_shown else None for name in ("own", "mix", "total")},
            }
            for part in made.parts[:MOST_ROWS]
        ]
        answers = [
            {
                "answer": one.answer,
                "reason": one.reason,
                "before": _rate(one.before),
                "after": _rate(one.after),
                "total": one.total,
            }
            for one in found.answers
        ]
        whole = {"verdict": made.verdict, "gap": made.gap, "low": low, "high": high}
        whole |= {"before": _rate(made.before), "after": _rate(made.after), "counted_at": found.counted_at}
        return Response(self.shown({**whole, "parts": parts, "answers": answers}))


def span_of(query: Mapping[str, Any]) -> flow.Span:
    """The days and filters that are asked for."""
    until = query["until"].date() if "until" in query else localdate()
    since = query["since"].date() if "since" in query else until - timedelta(days=USUAL_DAYS - 1)
    return flow.Span(since=since, until=until, team=query.get("team", ""), product=query.get("product", ""))


def _row(found: flow.ResultRow) -> dict[str, Any]:
    answers = {name: getattr(found, name) if found.rate.is_shown else None for name in ANSWERS}
    return {"code": found.code, "name": found.name, "offered": found.offered, "seen": _rate(found.rate), **answers}


def _rate(found: Rate) -> dict[str, Any]:
    """Without what fewer than ten would give away."""
    if not found.is_shown:
        return {"hits": None, "n": found.n, "share": None, "low": None, "high": None}
    low, high = found.interval
    return {"hits": found.hits, "n": found.n, "share": found.share, "low": low, "high": high}
