"""How far outcomes are known: by source, by target and month; until when a source is complete; what contradicts."""

from __future__ import annotations

from typing import Any, ClassVar

from django.http import HttpResponseBase
from django.utils import timezone
from rest_framework.request import Request
from rest_framework.response import Response

from crm_assist import flow
from crm_assist.api.fields import Code, Identity, Moment, Text, Whole, YesNo
from crm_assist.api.outcomes import EXAMPLE, Outcome
from crm_assist.api.shapes import Query, Shape, Strict
from crm_assist.api.views import ApiView, PostView
from crm_assist.flow.readiness import MONTHS, MOST_MONTHS
from crm_assist.types import OutcomeKind

BIGGEST = 2**63 - 1
MOST_SHOWN = 200
AT = "2026-10-01T00:00:00Z"
SHARE = {"count": 1204, "seen": 1204, "known": 1001, "yes": 37, "percent": 83}


class Source(Shape):
    """One of the host's systems."""

    source = Text()  # type: ignore[assignment]
    told = Whole(0, BIGGEST)
    in_force = Whole(0, BIGGEST)
    contradicted = Whole(0, BIGGEST)
    last_at = Moment(allow_null=True)
    complete_until = Moment(allow_null=True)


class Telling(Shape):
    """One of the tellings that contradict each other."""

    id = Identity()
    at = Moment()
    source = Text()  # type: ignore[assignment]
    mark = Text(help_text="The same for all tellings of one outcome.")
    version = Whole(0, BIGGEST)
    kind = Code(OutcomeKind)
    product = Text()
    occurred_at = Moment()


class OutcomeStateApi(ApiView):
    """What each source has told, how much of it stands, and the tellings that contradict each other."""

    tag = "outcomes"
    example_output = {
        "sources": [
            {
                "source": "orders",
                "told": 1300,
                "in_force": 1250,
                "contradicted": 2,
                "last_at": AT,
                "complete_until": AT,
            }
        ],
        "contradictions": [
            {
                "id": "01981e9c-8a45-7044-8f88-4e5f60718293",
                "at": AT,
                "source": "orders",
                "mark": "3f5b0c",
                "version": 2,
                "kind": "ordered",
                "product": "deposit",
                "occurred_at": AT,
            }
        ],
    }

    class OutputSerializer(Shape):
        """By source, and at most 200 tellings that contradict each other."""

        sources = Source(many=True)
        contradictions = Telling(many=True)

    def get(self, request: Request) -> HttpResponseBase:
        """See the view."""
        found = flow.contradictions(self.principal, most=MOST_SHOWN)
        shown = {
            "sources": flow.outcome_sources(self.principal),
            "contradictions": [_telling(one, row) for one in found for row in one.tellings],
        }
        return Response(self.shown(shown))


def _telling(one: flow.Contradiction, row: Any) -> dict[str, Any]:
    names = ("id", "at", "source", "version", "kind", "product", "occurred_at")
    return {**{name: getattr(row, name) for name in names}, "mark": one.mark}


class SettleApi(PostView):
    """Say which telling of a contradiction is the right one: it stands from then on, and nothing is deleted."""

    tag = "outcomes"
    status = 201
    OutputSerializer = Outcome
    example_input: ClassVar[Any] = {}
    example_output = {**EXAMPLE, "version": 3}

    class InputSerializer(Strict):
        """Nothing but the address."""

    def write(self, given: dict[str, Any], **kwargs: Any) -> Any:
        """Settle it."""
        return flow.settle_contradiction(self.principal, kwargs["outcome_id"], now=timezone.now())


class CompleteApi(PostView):
    """A source has told everything until a moment: until then its silence is a no, afterwards it is unknown."""

    tag = "outcomes"
    example_input = {"source": "orders", "complete_until": AT}
    example_output = {"source": "orders", "complete_until": AT}

    class InputSerializer(Strict):
        """Which source, and until when."""

        source = Text(40, required=False, default="")  # type: ignore[assignment]
        complete_until = Moment(help_text="Not in the future; an earlier one than before takes the word back.")

    class OutputSerializer(Shape):
        """How it stands."""

        source = Text()  # type: ignore[assignment]
        complete_until = Moment()

    def write(self, given: dict[str, Any], **kwargs: Any) -> Any:
        """Keep it."""
        return flow.tell_complete(self.principal, given["complete_until"], source=given["source"], now=timezone.now())


class Ready(Shape):
    """How many there are and were looked at, how many of these are known, and how many of those are a yes."""

    count = Whole(0, BIGGEST)
    seen = Whole(0, BIGGEST, help_text="As many as there are, or a part of very many, taken by chance.")
    known = Whole(0, BIGGEST)
    yes = Whole(0, BIGGEST)
    percent = Whole(0, 100, allow_null=True)


class Month(Shape):
    """One month of decisions."""

    month = Moment()
    scored = Ready()
    suggested = Ready()


class ReadinessApi(ApiView):
    """Of how many customers scored and products suggested in a month it is known what became of them."""

    tag = "outcomes"
    example_query = {"months": "6"}
    example_output = {
        "target": "orders",
        "complete_until": AT,
        "is_said": True,
        "horizon_days": 90,
        "attribution_days": 90,
        "months": [{"month": "2026-09-01T00:00:00Z", "scored": SHARE, "suggested": SHARE}],
    }

    class QuerySerializer(Query):
        """How far back."""

        months = Whole(1, MOST_MONTHS, required=False, default=MONTHS)

    class OutputSerializer(Shape):
        """The months, the newest first; `is_said` is false where no source says until when it is complete."""

        target = Text()
        complete_until = Moment(allow_null=True)
        is_said = YesNo()
        horizon_days = Whole(1, BIGGEST)
        attribution_days = Whole(1, BIGGEST)
        months = Month(many=True)

    def get(self, request: Request, target: str) -> HttpResponseBase:
        """See the view."""
        found = flow.readiness(self.principal, target, months=self.query["months"], now=timezone.now())
        shown = {
            "target": found.target.name,
            "complete_until": found.complete.until,
            "is_said": found.complete.is_said,
            "horizon_days": found.horizon_days,
            "attribution_days": found.attribution_days,
            "months": found.months,
        }
        return Response(self.shown(shown))
