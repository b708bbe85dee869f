"""Agents at the same moment: one answer wins, one suggestion is open, nobody is left waiting."""

from __future__ import annotations

from datetime import timedelta
from functools import partial
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.db import DatabaseError, transaction

from crm_assist import flow
from crm_assist.customers.models import Subject
from crm_assist.decisions.models import Decision, Display, Outcome, OwnOffer, Response, ScoreAnswer, Suggestion
from crm_assist.decisions.suggestions import Offer, offer
from crm_assist.decisions.tellings import tellings_of
from crm_assist.flow.view import Standing
from crm_assist.journal.ids import uuid7
from crm_assist.types import Principal
from tests.hosts.desk.models import Client
from tests.story import NOW, open_bank
from tests.together import together

pytestmark = pytest.mark.django_db(transaction=True)
LABEL = "desk.Client"


@pytest.fixture
def ann() -> Principal:
    user = User.objects.create_user("ann", is_superuser=True)
    return Principal(key=str(user.pk), name="Ann", is_superuser=True)


@pytest.fixture
def bob() -> Principal:
    user = User.objects.create_user("bob", is_superuser=True)
    return Principal(key=str(user.pk), name="Bob", is_superuser=True)


@pytest.fixture
def client_() -> Client:
    open_bank(LABEL)
    return Client.objects.create(name="Rose", balance=8000, segment="private")


@pytest.mark.parametrize("round_", range(5))
def test_respond__two_agents_at_once__one_wins_and_the_other_is_told(
    ann: Principal, bob: Principal, client_: Client, round_: int
) -> None:
    view = flow.record(ann, LABEL, str(client_.pk), now=NOW)
    chosen = view.suggestions[0].id
    answers = together(
        partial(flow.respond, ann, chosen, kind="accepted", now=NOW + timedelta(seconds=1)),
        partial(flow.respond, bob, chosen, kind="rejected", now=NOW + timedelta(seconds=1)),
    )
    won = [item for item in answers if isinstance(item, Standing)]
    lost = [item for item in answers if isinstance(item, flow.AlreadyAnswered)]
    assert (len(won), len(lost)) == (1, 1), answers
    assert lost[0].suggestion.state == won[0].state == Suggestion.objects.get(pk=chosen).state
    assert Response.objects.get().kind == won[0].state


def test_respond__double_click_in_two_requests__is_one_answer(ann: Principal, client_: Client) -> None:
    chosen = flow.record(ann, LABEL, str(client_.pk), now=NOW).suggestions[0].id
    click = partial(flow.respond, ann, chosen, kind="accepted", request_key="r1", now=NOW)
    answers = together(click, click, click)
    assert [item.state for item in answers] == ["accepted"] * 3
    assert Response.objects.count() == 1


@pytest.mark.parametrize("round_", range(5))
def test_record__two_agents_open_at_once__share_one_open_suggestion(
    ann: Principal, bob: Principal, client_: Client, round_: int
) -> None:
    views = together(*(partial(flow.record, agent, LABEL, str(client_.pk), now=NOW) for agent in (ann, bob)))
    assert [{item.id for item in view.suggestions} for view in views] == [
        set(Suggestion.objects.values_list("pk", flat=True))
    ] * 2
    assert sorted(Suggestion.objects.values_list("product", "state")) == [("card", "open"), ("deposit", "open")]
    assert sorted(Decision.objects.values_list("offered", flat=True)) == [2, 2]
    assert Subject.objects.count() == 1


def _offers(codes: list[str], subject: Subject) -> Any:
    with transaction.atomic():
        return offer(
            [Offer(product=code, version=1, rank=place) for place, code in enumerate(codes, 1)],
            subject_id=subject.pk,
            tenant="",
            decision_id=uuid7(NOW),
            known=[],
            expire_days=30,
            now=NOW,
        )


@pytest.mark.parametrize("round_", range(5))
def test_offer__two_agents_with_opposite_ranks__both_get_all_and_none_deadlocks(round_: int) -> None:
    subject = Subject.objects.create(model_label=LABEL, key="1", created_at=NOW)
    codes = [f"p{number:03}" for number in range(300)]
    answers = together(partial(_offers, codes, subject), partial(_offers, codes[::-1], subject))
    assert not any(isinstance(item, DatabaseError) for item in answers), answers
    assert answers[0] == answers[1]
    assert Suggestion.objects.count() == 300


def test_remarks__the_same_request_twice_at_once__are_logged_once(ann: Principal, client_: Client) -> None:
    decision = flow.record(ann, LABEL, str(client_.pk), now=NOW).decision_id
    assert decision is not None
    for _ in range(3):
        together(
            *[partial(flow.answer_score, ann, decision, kind="useful", request_key="a", now=NOW)] * 2,
            *[partial(flow.own_offer, ann, decision, product="card", request_key="b", now=NOW)] * 2,
            *[partial(flow.displayed, ann, decision, now=NOW)] * 2,
        )
    assert (ScoreAnswer.objects.count(), OwnOffer.objects.count(), Display.objects.count()) == (1, 1, 1)


def test_outcome__told_twice_at_once__is_recorded_once(client_: Client) -> None:
    told = {"model": LABEL, "key": str(client_.pk), "product": "card", "kind": "ordered", "occurred_at": NOW}
    flow.record_outcome(**told, source="crm", external_id="first", now=NOW)  # type: ignore[arg-type]
    together(*[partial(flow.record_outcome, **told, source="crm", external_id="second", now=NOW)] * 4)  # type: ignore[arg-type]
    assert sorted(tellings_of("", "crm", ["first", "second", "third"])) == ["first", "second"]
    assert Outcome.objects.count() == 2
