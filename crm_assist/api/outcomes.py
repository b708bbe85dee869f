"""What customers did, told by the host's own programs: one or many, late, corrected, each told once."""

from __future__ import annotations

from typing import Any

from django.utils import timezone

from crm_assist import flow
from crm_assist.api.fields import Code, Identity, Moment, Text, Whole
from crm_assist.api.shapes import Bounded, Shape, Strict
from crm_assist.api.views import PostView
from crm_assist.decisions.outcomes import MOST_VERSION
from crm_assist.flow.telling import MOST
from crm_assist.types import OutcomeKind

ONE = {"key": "1042", "product": "deposit", "kind": "ordered", "occurred_at": "2026-06-02T10:00:00Z"}
ROWS_BYTES = 1024 * 1024


class ToldOutcome(Strict):
    """One outcome: whose, of which product, what and when."""

    key = Text(255, shortest=1, help_text="The customer's key.")
    product = Text(60, required=False, default="")
    kind = Code(OutcomeKind)
    occurred_at = Moment(help_text="Not in the future; it may be long ago.")
    external_id = Text(
        100, required=False, default="", help_text="Your own id: told again it changes nothing, changed it corrects."
    )
    version = Whole(
        0,
        MOST_VERSION,
        required=False,
        help_text="Of the same id the highest one counts, in whatever order they arrive: a counter, or milliseconds.",
    )


class Outcome(Shape):
    """One telling of an outcome."""

    id = Identity()
    at = Moment()
    version = Whole(0, MOST_VERSION + 1)
    corrects = Identity(allow_null=True)
    kind = Code(OutcomeKind)
    product = Text()
    occurred_at = Moment()


EXAMPLE = {
    "id": "01981e9c-8a45-7044-8f88-4e5f60718293",
    "at": "2026-06-02T10:00:05Z",
    "version": 0,
    "corrects": None,
    "kind": "ordered",
    "product": "deposit",
    "occurred_at": "2026-06-02T10:00:00Z",
}


class TellOutcomeApi(PostView):
    """Tell what one customer did; with an `external_id` the same twice is one outcome, another content corrects it.

    With a `version` the highest one counts, in whatever order they arrive; two contents of one version contradict each
    other, and neither counts until a person says which is right.
    """

    tag = "outcomes"
    status = 201
    example_input = {"model": "crm.Customer", "source": "orders", "external_id": "A-17", **ONE}
    example_output = EXAMPLE
    OutputSerializer = Outcome

    class InputSerializer(ToldOutcome):
        """The outcome, and who tells it."""

        model = Text(255, shortest=1, help_text="The host's kind of customer, as `app.Model`.")
        source = Text(40, required=False, default="", help_text="Which of your systems tells it.")  # type: ignore[assignment]

    def write(self, given: dict[str, Any], **kwargs: Any) -> Any:
        """Record it."""
        model, source = given.pop("model"), given.pop("source")
        told = flow.ToldOutcome(**given)
        return flow.tell_outcome(self.principal, model, told, source=source, now=timezone.now())


class TellOutcomesApi(PostView):
    """Tell what up to 1,000 customers did, all or none; those told before change nothing, changed ones correct."""

    tag = "outcomes"
    largest_body = ROWS_BYTES
    example_input = {"model": "crm.Customer", "source": "orders", "outcomes": [{"external_id": "A-17", **ONE}]}
    example_output = {"recorded": 1, "corrected": 0, "known": 0, "overtaken": 0, "contradicted": 0}

    class InputSerializer(Strict):
        """The outcomes of one kind of customer from one system."""

        model = Text(255, shortest=1)
        source = Text(40, required=False, default="")  # type: ignore[assignment]
        outcomes = Bounded(ToldOutcome(), most=MOST)

    class OutputSerializer(Shape):
        """How many were new, corrected, known already, older than what is known, and in contradiction to it."""

        recorded = Whole(0, MOST)
        corrected = Whole(0, MOST)
        known = Whole(0, MOST)
        overtaken = Whole(0, MOST)
        contradicted = Whole(0, MOST)

    def write(self, given: dict[str, Any], **kwargs: Any) -> flow.Told:
        """Record them."""
        told = [flow.ToldOutcome(**one) for one in given["outcomes"]]
        return flow.tell_outcomes(self.principal, given["model"], told, source=given["source"], now=timezone.now())
