"""What agents answer: taken once, refused with the field, undone while fresh; laws under any sequence."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
from django.db import connection, transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from crm_assist.customers.models import Subject
from crm_assist.decisions.answers import (
    ANSWERS,
    REASONS,
    AlreadyAnswered,
    Answer,
    BadAnswer,
    answer,
    checked,
    undo,
)
from crm_assist.decisions.models import Response, State, Suggestion
from crm_assist.decisions.suggestions import Offer, of_subject, offer
from crm_assist.journal.ids import uuid7
from crm_assist.journal.writer import payload_of
from crm_assist.types import ResponseKind
from tests.decisions.conftest import NOW, OpenSuggestions

SECOND, DAY = timedelta(seconds=1), timedelta(days=1)
UNDO_SECONDS = 60
ACCEPTED = Answer(kind=ResponseKind.ACCEPTED)
REJECTED = Answer(kind=ResponseKind.REJECTED, reason="bad_moment", comment="calls back in May")


def check(**values: Any) -> Answer:
    given = {"kind": "accepted", "reason": "", "comment": "", "until": None}
    return checked(**(given | values), now=NOW, later_days=14, longest=20)


def give(suggestion: Suggestion, given: Answer, agent: str = "ann", **values: Any) -> Suggestion:
    rest = {"team": "north", "request_key": "", "now": NOW}
    return answer(suggestion, given, agent_key=agent, **(rest | values))


def take_back(suggestion: Suggestion, agent: str = "ann", **values: Any) -> Suggestion:
    rest = {"team": "north", "request_key": "", "now": NOW + SECOND, "within_seconds": UNDO_SECONDS}
    return undo(suggestion, agent_key=agent, **(rest | values))


@pytest.fixture
def suggestion(opened: OpenSuggestions) -> Suggestion:
    return opened("deposit")["deposit"]


@pytest.mark.parametrize("kind", list(ANSWERS))
def test_checked__each_answer__is_taken(kind: ResponseKind) -> None:
    assert check(kind=kind.value).kind is kind


@pytest.mark.parametrize(
    ("values", "field", "said"),
    [
        ({"kind": "maybe"}, "kind", "“maybe” is not an answer; use one of accepted, later"),
        ({"kind": "undone"}, "kind", "is not an answer"),
        ({"kind": "ignored"}, "kind", "is not an answer"),
        ({"kind": "x" * 5000}, "kind", f"“{'x' * 40}” is not an answer"),
        ({"kind": "rejected", "reason": "bored"}, "reason", "“bored” is not a reason; use one of already_has"),
        ({"comment": "x" * 21}, "comment", "at most 20 characters"),
        ({"kind": "later", "until": NOW}, "until", "between tomorrow and two years"),
        ({"kind": "later", "until": NOW + timedelta(days=730)}, "until", "between tomorrow and two years"),
    ],
)
def test_checked__wrong_value__is_refused_by_field(values: dict[str, Any], field: str, said: str) -> None:
    with pytest.raises(BadAnswer) as refusal:
        check(**values)
    assert refusal.value.field == field
    assert said in refusal.value.message


@pytest.mark.parametrize("reason", ["", *REASONS])
def test_checked__rejection__needs_no_reason_and_takes_each_coded_one(reason: str) -> None:
    assert check(kind="rejected", reason=reason).reason == reason


def test_checked__later__names_a_day_or_gets_the_usual_one() -> None:
    assert check(kind="later").until == NOW + 14 * DAY
    assert check(kind="later", until=NOW + DAY).until == NOW + DAY
    assert check(kind="accepted", until=NOW + DAY).until is None


def test_answer__open_suggestion__is_closed_and_logged(suggestion: Suggestion) -> None:
    give(suggestion, REJECTED)
    now = Suggestion.objects.get()
    assert (now.state, now.answered_by, now.answered_at, now.reason) == ("rejected", "ann", NOW, "bad_moment")
    row = Response.objects.get()
    assert (row.kind, row.reason, row.agent_key, row.team) == ("rejected", "bad_moment", "ann", "north")
    assert (row.suggestion_id, row.decision_id, row.product) == (now.pk, now.decision_id, "deposit")
    assert payload_of(row.pk) == {"comment": "calls back in May"}


def test_answer__put_off_twice__is_one_answer_for_one_day_and_refused_for_another(suggestion: Suggestion) -> None:
    def later(until: datetime) -> Answer:
        return Answer(kind=ResponseKind.LATER, until=until)

    give(suggestion, later(NOW + 3 * DAY))
    give(Suggestion.objects.get(), later(NOW + 3 * DAY + timedelta(minutes=1)))
    assert Response.objects.count() == 1
    with pytest.raises(AlreadyAnswered):
        give(Suggestion.objects.get(), later(NOW + 5 * DAY))
    assert Suggestion.objects.get().until == NOW + 3 * DAY


def test_answer__by_another_decision__is_logged_with_the_one_the_agent_saw(suggestion: Suggestion) -> None:
    seen = uuid7(NOW)
    give(suggestion, ACCEPTED, decision_id=seen)
    assert Response.objects.get().decision_id == seen


def test_answer__same_request_twice__is_one_answer(suggestion: Suggestion) -> None:
    give(suggestion, ACCEPTED, request_key="r1")
    give(Suggestion.objects.get(), REJECTED, request_key="r1")
    assert Suggestion.objects.get().state == "accepted"
    assert Response.objects.count() == 1


def test_answer__double_click_without_request_key__is_one_answer(suggestion: Suggestion) -> None:
    give(suggestion, ACCEPTED)
    give(Suggestion.objects.get(), ACCEPTED, now=NOW + SECOND)
    assert Response.objects.count() == 1


@pytest.mark.parametrize(("agent", "second"), [("ann", REJECTED), ("bob", ACCEPTED), ("bob", REJECTED)])
def test_answer__second_answer__raises_with_how_it_stands(suggestion: Suggestion, agent: str, second: Answer) -> None:
    give(suggestion, ACCEPTED)
    with pytest.raises(AlreadyAnswered) as refusal:
        give(Suggestion.objects.get(), second, agent)
    assert (refusal.value.suggestion.state, refusal.value.suggestion.answered_by) == ("accepted", "ann")
    assert Response.objects.count() == 1


@pytest.mark.parametrize("state", [State.EXPIRED, State.WITHDRAWN])
def test_answer__gone_meanwhile__is_refused(suggestion: Suggestion, state: State) -> None:
    Suggestion.objects.update(state=state, answered_at=NOW)
    with pytest.raises(AlreadyAnswered):
        give(Suggestion.objects.get(), ACCEPTED)
    assert not Response.objects.exists()


def test_answer__another_agents_request_key__is_not_a_repetition(suggestion: Suggestion) -> None:
    give(suggestion, ACCEPTED, request_key="r1")
    with pytest.raises(AlreadyAnswered):
        give(Suggestion.objects.get(), ACCEPTED, "bob", request_key="r1")


@pytest.mark.parametrize("kind", list(ANSWERS))
def test_undo__own_fresh_answer__opens_again_and_both_are_logged(suggestion: Suggestion, kind: ResponseKind) -> None:
    until = NOW + DAY if kind is ResponseKind.LATER else None
    give(suggestion, Answer(kind=kind, reason="other", until=until))
    take_back(Suggestion.objects.get())
    now = Suggestion.objects.get()
    assert (now.state, now.answered_at, now.answered_by, now.reason, now.until) == ("open", None, "", "", None)
    assert list(Response.objects.order_by("at").values_list("kind", flat=True)) == [kind, "undone"]


def test_undo__last_moment__is_taken_and_the_next_refused(suggestion: Suggestion) -> None:
    give(suggestion, ACCEPTED)
    late = NOW + UNDO_SECONDS * SECOND
    with pytest.raises(BadAnswer, match="too late"):
        take_back(Suggestion.objects.get(), now=late + timedelta(microseconds=1))
    assert take_back(Suggestion.objects.get(), now=late).state == "open"


def test_undo__somebody_elses_or_nobodys_answer__is_refused(suggestion: Suggestion) -> None:
    with pytest.raises(AlreadyAnswered):
        take_back(suggestion)
    give(suggestion, ACCEPTED)
    with pytest.raises(AlreadyAnswered):
        take_back(Suggestion.objects.get(), "bob")
    assert Response.objects.count() == 1


def test_undo__same_request_twice__is_logged_once(suggestion: Suggestion) -> None:
    give(suggestion, ACCEPTED, request_key="r1")
    for _ in range(2):
        take_back(Suggestion.objects.get(), request_key="r2")
    assert Response.objects.count() == 2


def test_undo__offered_anew_meanwhile__leaves_one_open_and_logs_nothing(
    suggestion: Suggestion, opened: OpenSuggestions
) -> None:
    give(suggestion, ACCEPTED)
    opened("deposit", now=NOW + SECOND)
    with pytest.raises(AlreadyAnswered):
        take_back(Suggestion.objects.get(pk=suggestion.pk))
    assert Suggestion.objects.get(pk=suggestion.pk).state == "accepted"
    assert Suggestion.objects.filter(state="open").count() == 1
    assert list(Response.objects.values_list("kind", flat=True)) == ["accepted"]


@dataclass(frozen=True, kw_only=True)
class Step:
    """One thing that one agent does, some seconds after the one before."""

    act: str
    agent: str
    request_key: str
    wait: int


STEPS = st.lists(
    st.builds(
        Step,
        act=st.sampled_from([*(kind.value for kind in ANSWERS), "undo", "undo", "offer", "withdraw"]),
        agent=st.sampled_from(["ann", "bob"]),
        request_key=st.sampled_from(["", "r1", "r2", "r3"]),
        wait=st.sampled_from([0, 1, 30, 61, 40 * 86400]),
    ),
    max_size=12,
)


@given(STEPS)
@settings(max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_answers__any_sequence__never_two_open_and_log_rows_equal_changes(subject: Subject, steps: list[Step]) -> None:
    with transaction.atomic():
        _live_through(subject, steps)
        connection.check_constraints()
        transaction.set_rollback(True)


def _live_through(subject: Subject, steps: list[Step]) -> None:
    """Take the steps one by one and hold every law after each."""
    now, changes, before = NOW, 0, _states(subject)
    for step in steps:
        now += timedelta(seconds=step.wait)
        _take(subject, step, now)
        after = _states(subject)
        answered = {key for key in before if before[key] != after[key] and after[key] in set(ANSWERS.values())}
        reopened = {key for key in before if before[key] != after[key] and after[key] == State.OPEN}
        assert all(before[key] == State.OPEN for key in answered), "a closed suggestion was answered"
        assert all(before[key] in set(ANSWERS.values()) for key in reopened), "a dead suggestion came back"
        changes += len(answered) + len(reopened)
        assert Response.objects.filter(subject=subject).count() == changes
        assert list(after.values()).count(State.OPEN) <= 1
        before = after


def _states(subject: Subject) -> dict[UUID, str]:
    return dict(Suggestion.objects.filter(subject=subject).values_list("pk", "state"))


def _take(subject: Subject, step: Step, now: Any) -> None:
    if step.act in ("offer", "withdraw"):
        offers = [Offer(product="deposit", version=1, rank=1)] if step.act == "offer" else []
        known = of_subject(subject.pk)
        common = {"subject_id": subject.pk, "tenant": "", "decision_id": uuid7(now), "expire_days": 30}
        offer(offers, known=known, now=now, **common)  # type: ignore[arg-type]
        return
    newest = Suggestion.objects.filter(subject=subject).order_by("-opened_at", "-id").first()
    if newest is None:
        return
    who = {"agent_key": step.agent, "team": "", "request_key": step.request_key, "now": now}
    try:
        if step.act == "undo":
            undo(newest, within_seconds=UNDO_SECONDS, **who)  # type: ignore[arg-type]
        else:
            answer(newest, Answer(kind=ResponseKind(step.act)), **who)  # type: ignore[arg-type]
    except (AlreadyAnswered, BadAnswer):
        return
