"""What an agent answers: to a suggestion, to the score, what was offered by own judgement, what the screen showed."""

from __future__ import annotations

from typing import Any, ClassVar
from uuid import UUID

from django.utils import timezone

from crm_assist import flow
from crm_assist.api.faults import Refusal
from crm_assist.api.fields import Code, Day, Identity, Moment, Text, Whole, YesNo
from crm_assist.api.shapes import Shape, Strict, shape_of
from crm_assist.api.views import PostView
from crm_assist.conf import settings
from crm_assist.decisions.answers import ANSWERS, REASONS
from crm_assist.decisions.models import ScoreAnswer, State
from crm_assist.web import problems

STANDING = {
    "id": "01981e9c-8a40-7c3a-9b53-0a2b7c1d4e5f",
    "product": "deposit",
    "state": "later",
    "reason": "bad_moment",
    "until": "2026-12-01T00:00:00Z",
    "answered_at": "2026-11-02T09:00:00Z",
    "answered_by_you": True,
    "undo_seconds": 60,
}


class Standing(Shape):
    """Where a suggestion stands now: whose answer it is, never the colleague's name."""

    id = Identity()
    product = Text()
    state = Code(State.values)
    reason = Text()
    until = Moment(allow_null=True)
    answered_at = Moment(allow_null=True)
    answered_by_you = YesNo()
    undo_seconds = Whole(0, 2**31 - 1)


class Noted(Shape):
    """Word that it was written down."""

    id = Identity()
    at = Moment()


class Comment(Text):
    """A comment as long as the host allows."""

    def __init__(self, **options: Any) -> None:
        super().__init__(settings.COMMENT_LENGTH, **options)


class _Answering(PostView):
    """A view that answers one suggestion; the one who comes second learns where it stands."""

    tag = "answers"
    OutputSerializer = Standing
    example_output = STANDING

    def conflict(self, error: flow.AlreadyAnswered) -> Refusal:
        """A 409 that carries how the suggestion stands."""
        stand = flow.standing_of(error.suggestion, agent_key=self.principal.key, now=timezone.now())
        problem = problems.answered_meanwhile(stand.state)
        return Refusal(problem, suggestion=shape_of(Standing).to_representation(stand))


class RespondApi(_Answering):
    """Answer one suggestion: accept, put off, reject, dismiss or escalate it.

    The same answer twice is one answer. When somebody was faster, 409 carries where the suggestion stands.
    """

    example_input = {"kind": "later", "reason": "bad_moment", "until": "2026-12-01", "comment": "In two weeks"}

    class InputSerializer(Strict):
        """The answer, with a coded reason and a comment if there is one."""

        kind = Code(ANSWERS)
        reason = Code(("", *REASONS), required=False, default="")
        comment = Comment(required=False, default="")
        until = Day(required=False, allow_null=True, default=None, help_text="With `later`: the day it comes back.")

    def write(self, given: dict[str, Any], **kwargs: Any) -> flow.Standing:
        """Record the answer."""
        suggestion_id: UUID = kwargs["suggestion_id"]
        key = self.request.headers.get("Idempotency-Key", "")
        try:
            return flow.respond(self.principal, suggestion_id, **given, request_key=key, now=timezone.now())
        except flow.AlreadyAnswered as error:
            raise self.conflict(error) from error


class UndoApi(_Answering):
    """Take one's own answer back, while that is possible; both stay in the log."""

    example_input: ClassVar[Any] = {}

    class InputSerializer(Strict):
        """Nothing."""

    def write(self, given: dict[str, Any], **kwargs: Any) -> flow.Standing:
        """Take it back."""
        key = self.request.headers.get("Idempotency-Key", "")
        try:
            return flow.undo(self.principal, kwargs["suggestion_id"], request_key=key, now=timezone.now())
        except flow.AlreadyAnswered as error:
            raise self.conflict(error) from error


class ScoreAnswerApi(PostView):
    """Say that a score is useful, wrong, or made from wrong data."""

    tag = "answers"
    OutputSerializer = Noted
    example_input = {"kind": "data_wrong", "comment": "The balance is from last year"}
    example_output = {"id": "01981e9c-8a42-7a11-8c55-1b2c3d4e5f60", "at": "2026-06-01T09:01:00Z"}

    class InputSerializer(Strict):
        """What the agent says of it."""

        kind = Code(ScoreAnswer.Kind.values)
        comment = Comment(required=False, default="")

    def write(self, given: dict[str, Any], **kwargs: Any) -> Any:
        """Record it."""
        key = self.request.headers.get("Idempotency-Key", "")
        return flow.answer_score(self.principal, kwargs["decision_id"], **given, request_key=key, now=timezone.now())


class OwnOfferApi(PostView):
    """Note what the agent offered by own judgement: a product of the catalogue, or a description."""

    tag = "answers"
    OutputSerializer = Noted
    example_input = {"product": "deposit", "comment": "Asked for it"}
    example_output = {"id": "01981e9c-8a43-7e22-9d66-2c3d4e5f6071", "at": "2026-06-01T09:02:00Z"}

    class InputSerializer(Strict):
        """The product, a description, or both."""

        product = Text(60, pattern=r"^([a-z0-9][a-z0-9_.-]{0,59})?$", required=False, default="")
        comment = Comment(required=False, default="")

    def write(self, given: dict[str, Any], **kwargs: Any) -> Any:
        """Record it."""
        key = self.request.headers.get("Idempotency-Key", "")
        return flow.own_offer(self.principal, kwargs["decision_id"], **given, request_key=key, now=timezone.now())


class DisplayedApi(PostView):
    """The screen's word that the decision was really shown; once per agent."""

    tag = "answers"
    OutputSerializer = Noted
    example_input: ClassVar[Any] = {}
    example_output = {"id": "01981e9c-8a44-7f33-8e77-3d4e5f607182", "at": "2026-06-01T09:00:01Z"}

    class InputSerializer(Strict):
        """Nothing."""

    def write(self, given: dict[str, Any], **kwargs: Any) -> Any:
        """Record it."""
        return flow.displayed(self.principal, kwargs["decision_id"], now=timezone.now())
