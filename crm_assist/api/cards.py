"""Scorecards: which serve, what is in them, publishing one from its text and going back to an earlier one."""

from __future__ import annotations

import json
from typing import Any

from django.http import HttpResponseBase
from django.utils import timezone
from rest_framework.request import Request
from rest_framework.response import Response

from crm_assist import flow
from crm_assist.api.card_shapes import (
    BIGGEST,
    CARD,
    COMPARISON,
    FINDING,
    MOVED,
    Card,
    Compared,
    Found,
    Sign,
    compared_shown,
    found_shown,
    moved_shown,
)
from crm_assist.api.fields import Code, Described, Text, Whole
from crm_assist.api.shapes import Query, Shape, Strict
from crm_assist.api.views import ApiView, PostView
from crm_assist.scorecards.document import MAX_BYTES
from crm_assist.scorecards.models import Role

ACCEPTED: dict[str, Any] = {
    "type": "object",
    "description": "Why a finding that blocks is right all the same, by its key: `unlike:age`.",
    "maxProperties": 50,
    "additionalProperties": {"type": "string", "maxLength": 500},
}


class CardsApi(ApiView):
    """The latest cards of the tenant and of all tenants, newest first."""

    tag = "cards"
    example_query = {"role": "champion"}
    example_output = {"cards": [CARD], "next": None}

    class QuerySerializer(Query):
        """Of which target, in which role, and from where on."""

        target = Text(100, required=False)
        role = Code(Role.values, required=False)
        before = Whole(1, BIGGEST, required=False, help_text="The last id of the page before.")
        size = Whole(1, 200, required=False, default=50)

    class OutputSerializer(Shape):
        """One page."""

        cards = Card(many=True)
        next = Whole(1, BIGGEST, allow_null=True)

    def get(self, request: Request) -> HttpResponseBase:
        """See the view."""
        query, size = self.query, self.query["size"]
        rows = flow.cards(self.principal, target=query.get("target", ""), role=query.get("role", "")).order_by("-id")
        found = list((rows.filter(pk__lt=query["before"]) if "before" in query else rows)[: size + 1])
        return Response(self.shown({"cards": found[:size], "next": found[size - 1].pk if len(found) > size else None}))


class CardApi(ApiView):
    """One card with its whole content: points by bin, calibration, how it was trained.

    Beside it stand what was found in its training data, with why what blocks was accepted, and how it did against the
    champion of then: null where it had no rival, or a person published it. `moved` says what had moved since that
    champion learned.
    """

    tag = "cards"
    example_output = {
        **CARD,
        "card": {"kind": "crm_assist.scorecard", "schema": 1},
        "findings": [FINDING],
        "comparison": COMPARISON,
        "moved": [MOVED],
    }

    class OutputSerializer(Card):
        """The card with its content and what is known of its making."""

        card = Described({"type": "object", "additionalProperties": {}})
        findings = Found(many=True)
        comparison = Compared(allow_null=True)
        moved = Sign(many=True)

    def get(self, request: Request, card_id: int) -> HttpResponseBase:
        """See the view."""
        view = flow.card(self.principal, card_id)
        shown: dict[str, Any] = {str(name): getattr(view.row, str(name)) for name in Card().fields}
        shown["card"] = json.loads(view.row.text)
        shown["findings"] = [found_shown(then) for then in view.findings]
        shown |= {"comparison": compared_shown(view.comparison), "moved": moved_shown(view.moved)}
        return Response(self.shown(shown))


class PublishApi(PostView):
    """Make a card the champion of its target, in force from the next request; the one before it is retired.

    The card is refused when its digest, its golden rows or its features do not hold.
    """

    tag = "cards"
    status = 201
    largest_body = MAX_BYTES
    OutputSerializer = Card
    example_input = {
        "target": "orders",
        "reason": "Fitted on the spring",
        "card": {"kind": "crm_assist.scorecard", "schema": 1},
    }
    example_output = CARD

    class InputSerializer(Strict):
        """The content as it was fitted, for which target, and why."""

        target = Text(100, shortest=1)
        card = Described(
            {"type": "object", "additionalProperties": {}, "description": "As `Scorecard.dumps` wrote it."}
        )
        reason = Text(500, shortest=1)
        accepted = Described(ACCEPTED, required=False)

    def write(self, given: dict[str, Any], **kwargs: Any) -> Any:
        """Publish it."""
        text = json.dumps(given.pop("card"))
        return flow.publish_text(self.principal, **given, text=text, now=timezone.now())


class RevertApi(PostView):
    """Put an earlier card in force again, as a new version."""

    tag = "cards"
    status = 201
    OutputSerializer = Card
    example_input = {"reason": "The new one is off in the south"}
    example_output = {**CARD, "id": 13, "version": 4}

    class InputSerializer(Strict):
        """Why."""

        reason = Text(500, shortest=1)

    def write(self, given: dict[str, Any], **kwargs: Any) -> Any:
        """Go back."""
        return flow.restore_card(self.principal, kwargs["card_id"], reason=given["reason"], now=timezone.now())


class PromoteApi(PostView):
    """Put the challenger that waits in force, whatever its comparison said; the champion before it is retired."""

    tag = "cards"
    OutputSerializer = Card
    example_input = {"reason": "It knows the new branch"}
    example_output = {**CARD, "id": 14, "version": 5}

    class InputSerializer(Strict):
        """Why."""

        reason = Text(500, shortest=1)

    def write(self, given: dict[str, Any], **kwargs: Any) -> Any:
        """Promote it."""
        return flow.promote_card(self.principal, kwargs["card_id"], reason=given["reason"], now=timezone.now())
