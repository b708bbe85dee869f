"""The log for analysts: decisions by filter, one of them whole, its replay, and the export."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from django.http import HttpResponseBase
from django.utils import timezone
from drf_spectacular.utils import OpenApiExample, OpenApiResponse
from rest_framework.negotiation import BaseContentNegotiation
from rest_framework.request import Request
from rest_framework.response import Response

from crm_assist import flow
from crm_assist.api.decision_shapes import EXAMPLE, Decision, Line, ReplayResult, line, whole
from crm_assist.api.fields import Code, Day, Identity, Text, Whole, YesNo, day_after
from crm_assist.api.shapes import Query, Shape
from crm_assist.api.views import ApiView
from crm_assist.decisions.answers import REASONS
from crm_assist.types import Phase, ResponseKind
from crm_assist.web.log import FORMATS
from crm_assist.web.streaming import streamed

MOST = 200
"""The most decisions on one page."""


class Filtered(Query):
    """Which decisions; what is not given does not filter."""

    team = Text(100, required=False)
    product = Text(60, required=False)
    response = Code(ResponseKind, required=False, help_text="Those that an agent answered so.")
    reason = Code(REASONS, required=False)
    phase = Code(Phase, required=False)
    silence = Text(40, required=False, help_text="Those without a suggestion for this reason.")
    agent = Text(150, required=False, help_text="The agent's key.")
    key = Text(255, required=False, help_text="The customer's key.")
    since = Day(required=False, help_text="From the start of this day on.")
    until = Day(required=False, help_text="To the end of this day.")


FILTERS = tuple(Filtered().fields)


def filters_of(query: Mapping[str, Any]) -> flow.Filters:
    """The filters in force; the last day counts to its end."""
    given = {name: query[name] for name in FILTERS if name in query}
    if "until" in given:
        given["until"] = day_after(given["until"])
    return flow.Filters(**given)


class DecisionsApi(ApiView):
    """The decisions that pass the filters, newest first, a page at a time.

    `next` is the id to give as `after` for the next page. Pages are found by place, never counted or skipped.
    """

    tag = "decisions"
    example_query = {"phase": "recommend", "since": "2026-06-01", "size": 50}
    example_output = {"decisions": [EXAMPLE], "next": "01981e9c-8a3f-7d10-8f2e-5b6c7d8e9f01"}

    class QuerySerializer(Filtered):
        """Filters and the place of the page."""

        after = Identity(required=False, help_text="The last decision of the page before.")
        size = Whole(1, MOST, required=False, default=50)

    class OutputSerializer(Shape):
        """One page."""

        decisions = Line(many=True)
        next = Identity(allow_null=True)

    def get(self, request: Request) -> HttpResponseBase:
        """See the view."""
        rows, after = flow.decision_page(
            self.principal, filters_of(self.query), after=self.query.get("after"), most=self.query["size"]
        )
        return Response(self.shown({"decisions": [line(row) for row in rows], "next": after}))


class DecisionApi(ApiView):
    """One decision: what the agent saw, every candidate with its verdicts, and what followed."""

    tag = "decisions"
    OutputSerializer = Decision
    example_output = {
        **EXAMPLE,
        "payload": {"inputs": {"features": {"balance": 8000}}, "result": {"silence": ""}},
        "displays": [{"at": "2026-06-01T09:00:01Z", "agent": "7"}],
        "responses": [],
        "score_answers": [],
        "own_offers": [],
        "outcomes": [],
    }

    def get(self, request: Request, decision_id: UUID) -> HttpResponseBase:
        """See the view."""
        return Response(self.shown(whole(flow.decision(self.principal, decision_id))))


class ReplayApi(ApiView):
    """Decide again by the recorded versions, and say whether every number and code comes out the same."""

    tag = "decisions"
    OutputSerializer = ReplayResult
    example_output = {"identical": True, "possible": True, "code": "identical", "differences": []}

    def get(self, request: Request, decision_id: UUID) -> HttpResponseBase:
        """See the view."""
        result = flow.replay(self.principal, decision_id)
        differences = [{"path": path, "then": then, "again": again} for path, then, again in result.differences]
        return Response(
            self.shown(
                {
                    "identical": result.identical,
                    "possible": result.possible,
                    "code": result.code,
                    "differences": differences,
                }
            )
        )


class AnyFormat(BaseContentNegotiation):
    """A download has the form that its address names, whatever the `Accept` header says."""

    def select_parser(self, request: Any, parsers: Any) -> Any:
        """The first."""
        return parsers[0]

    def select_renderer(self, request: Any, renderers: Any, format_suffix: Any = None) -> Any:
        """The first, for want of a use."""
        return renderers[0], renderers[0].media_type


class ExportApi(ApiView):
    """The decisions that pass the filters, oldest first, as CSV or JSON lines, streamed.

    Customers and agents stand under pseudonyms; their keys need the permission `export_names`.
    """

    tag = "decisions"
    content_negotiation_class = AnyFormat
    example_query = {"format": "jsonl", "since": "2026-06-01"}

    class QuerySerializer(Filtered):
        """Filters and the form of the download."""

        format = Code(FORMATS, required=False, default="csv")
        view = Code(
            flow.VIEWS, required=False, default="decisions", help_text="What a row is: see the data dictionary."
        )
        names = YesNo(
            required=False, default=False, help_text="The keys of customers and agents, and comments, in clear."
        )

    def answers(self) -> dict[Any, Any]:
        """Lines in either form."""
        told = "One line per decision; the first line of CSV names the columns."
        examples = {"csv": "id,at,team\n01981e9c,2026-06-01T09:00:00Z,north\n", "jsonl": '{"id": "01981e9c"}\n'}
        return {
            (200, media.partition(";")[0]): OpenApiResponse(
                {"type": "string"}, description=told, examples=[OpenApiExample(name, value=examples[name])]
            )
            for name, media in FORMATS.items()
        }

    def get(self, request: Request) -> HttpResponseBase:
        """See the view."""
        chosen = self.query["format"]
        view = self.query["view"]
        lines = flow.export(self.principal, filters_of(self.query), format=chosen, view=view, names=self.query["names"])
        response = streamed(request._request, lines, content_type=FORMATS[chosen])
        day = timezone.now().strftime("%Y-%m-%d")
        response["Content-Disposition"] = f'attachment; filename="{view}-{day}.{chosen}"'
        return response
