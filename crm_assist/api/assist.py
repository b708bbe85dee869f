"""One customer for one agent: the score and the suggestions."""

from __future__ import annotations

from typing import Any

from django.http import HttpResponse, HttpResponseBase
from django.utils import timezone
from django.utils.http import parse_etags
from drf_spectacular.utils import OpenApiParameter, OpenApiResponse
from rest_framework.request import Request
from rest_framework.response import Response

from crm_assist import flow
from crm_assist.api.fields import Code, Identity, Moment, Number, Text, Whole, YesNo
from crm_assist.api.shapes import Query, Shape, shape_of
from crm_assist.api.views import ApiView
from crm_assist.decisions.models import State
from crm_assist.types import ShownScore, Trend
from crm_assist.web.panel import etag, weak

BIG = 2**31 - 1
SHOWS = ("nothing", "score", "suggestions")


class Reason(Shape):
    """One sentence for or against, with the points behind it."""

    feature = Text()
    beside = Text(help_text="The second feature where two speak together, else empty.")
    label = Text()  # type: ignore[assignment]
    value = Text()
    points = Number()
    sentence = Text()
    changeable = YesNo(
        help_text="Whether the customer or the agent can do something about it; false where it is fixed or not said."
    )


class Score(Shape):
    """A calibrated probability of a target within a horizon, as computed: rounding is for whoever shows it."""

    target = Text()
    label = Text()  # type: ignore[assignment]
    horizon_days = Whole(0, BIG, allow_null=True)
    probability = Number()
    base = Number(allow_null=True, help_text="What is usual among all customers.")
    low = Number(allow_null=True, help_text="Of the interval; null for a stored score.")
    high = Number(allow_null=True)
    band = Text()
    trend = Code(Trend, allow_null=True)
    reasons = Reason(many=True)
    as_of = Moment()
    card = Text(help_text="Digest of the scorecard.")
    version = Whole(0, BIG)
    stale = YesNo(help_text="The last stored score stands in for the live one.")
    thin = YesNo(help_text="Too few comparable customers: show no number.")


class Suggestion(Shape):
    """A product offered to the agent for this customer; only the agent may take it up."""

    id = Identity()
    product = Text()
    name = Text()
    benefit = Text()
    details = Text()
    reasons = Reason(many=True)
    rank = Whole(1, 100)
    state = Code(State.values)
    reason = Text()
    until = Moment(allow_null=True)
    answered_by_you = YesNo()
    undo_seconds = Whole(0, BIG)


class Silence(Shape):
    """Why nothing is suggested."""

    code = Text()
    message = Text()


class OfferedProduct(Shape):
    """A product that an agent may name as an own offer."""

    code = Text()
    name = Text()


REASON = {
    "feature": "balance",
    "beside": "",
    "label": "Balance",
    "value": "8,000 EUR",
    "points": 0.91,
    "sentence": "Balance is high",
    "changeable": True,
}
SCORE = {
    "target": "orders",
    "label": "orders something",
    "horizon_days": 90,
    "probability": 0.5312,
    "base": 0.31,
    "low": 0.4875,
    "high": 0.5744,
    "band": "high",
    "trend": "rising",
    "reasons": [REASON],
    "as_of": "2026-06-01T09:00:00Z",
    "card": "3f5b0c",
    "version": 3,
    "stale": False,
    "thin": False,
}
SUGGESTION = {
    "id": "01981e9c-8a40-7c3a-9b53-0a2b7c1d4e5f",
    "product": "deposit",
    "name": "Deposit",
    "benefit": "Good interest",
    "details": "",
    "reasons": [REASON],
    "rank": 1,
    "state": "open",
    "reason": "",
    "until": None,
    "answered_by_you": False,
    "undo_seconds": 0,
}


class AssistApi(ApiView):
    """The score and the suggestions of one customer, as far as the agent's phase shows them.

    Below the phase `score` nothing is told, whatever the phase. Asked again within a quarter of an hour the same
    decision is shown; `If-None-Match` with the last `ETag` answers 304 while nothing changed.
    """

    tag = "assist"
    headers_read = (OpenApiParameter("If-None-Match", {"type": "string"}, OpenApiParameter.HEADER),)
    example_query = {"model": "crm.Customer", "key": "1042"}
    example_output = {
        "shows": "suggestions",
        "decision": "01981e9c-8a3f-7d10-8f2e-5b6c7d8e9f01",
        "score": SCORE,
        "suggestions": [SUGGESTION],
        "silence": None,
        "away": False,
        "products": [{"code": "deposit", "name": "Deposit"}],
    }

    class QuerySerializer(Query):
        """Which customer."""

        model = Text(255, shortest=1, help_text="The host's kind of customer, as `app.Model`.")
        key = Text(255, shortest=1, help_text="The customer's key there, as a text.")

    class OutputSerializer(Shape):
        """What this agent may see of this customer now."""

        shows = Code(SHOWS, help_text="What the phase lets this agent see.")
        decision = Identity(allow_null=True)
        score = Score(allow_null=True)
        suggestions = Suggestion(many=True)
        silence = Silence(allow_null=True)
        away = YesNo(help_text="Help is away for the moment; carry on as usual.")
        products = OfferedProduct(many=True)

    def answers(self) -> dict[Any, Any]:
        """The view, or word that it did not change."""
        return {**super().answers(), 304: OpenApiResponse(description="Nothing changed since.")}

    def get(self, request: Request) -> HttpResponseBase:
        """See the view."""
        view = flow.record(self.principal, self.query["model"], self.query["key"], now=timezone.now())
        tag = etag(f"api/{view.etag}")
        if tag in map(weak, parse_etags(request.headers.get("If-None-Match", ""))):
            return HttpResponse(status=304, headers={"ETag": tag})
        return Response(self.shown(_told(view)), headers={"ETag": tag})


def _told(view: flow.RecordView) -> dict[str, Any]:
    if not view.shows_score:
        # The same nothing in every phase below: a new id would tell of a new score.
        nothing = dict.fromkeys(("decision", "score", "silence"))
        return {"shows": SHOWS[0], "suggestions": [], "away": False, "products": [], **nothing}
    return {
        "shows": SHOWS[2] if view.shows_suggestions else SHOWS[1],
        "decision": view.decision_id,
        "score": _score(view.score) if view.score else None,
        "suggestions": view.suggestions,
        "silence": view.silence,
        "away": view.away,
        "products": [{"code": code, "name": name} for code, name in view.products],
    }


def _score(score: ShownScore) -> dict[str, Any]:
    shown = {name: getattr(score, name) for name in shape_of(Score).fields}
    # A stored score stands without what only a live one has.
    return {**shown, **(dict.fromkeys(("low", "high", "trend")) if score.stale else {})}
