"""The agent answers: once, by the one who was first, undone while it is fresh, and only what the phase shows."""

from __future__ import annotations

from datetime import timedelta
from uuid import uuid4

import pytest

from crm_assist import flow
from crm_assist.decisions.models import Decision, Display, OwnOffer, Response, ScoreAnswer
from crm_assist.types import Principal
from tests.hosts.desk.models import Client
from tests.story import NOW, open_bank, open_phase

pytestmark = pytest.mark.django_db
LABEL = "desk.Client"


def test_respond__accept__is_logged_once_and_undone(agent: Principal, client_: Client) -> None:
    open_bank(LABEL)
    view = flow.record(agent, LABEL, str(client_.pk), now=NOW)
    suggestion = view.suggestions[0]
    for _ in range(2):
        standing = flow.respond(agent, suggestion.id, kind="accepted", request_key="k1", now=NOW)
    assert standing.state == "accepted"
    assert Response.objects.count() == 1
    undone = flow.undo(agent, suggestion.id, request_key="k2", now=NOW + timedelta(seconds=20))
    assert undone.state == "open"
    assert list(Response.objects.values_list("kind", flat=True)) == ["accepted", "undone"]
    later = flow.record(agent, LABEL, str(client_.pk), now=NOW + timedelta(seconds=30))
    assert later.decision_id == view.decision_id


def test_respond__second_agent__is_told_how_it_stands(agent: Principal, client_: Client) -> None:
    open_bank(LABEL)
    boss = Principal(key="77", is_superuser=True)
    mine = flow.record(agent, LABEL, str(client_.pk), now=NOW)
    theirs = flow.record(boss, LABEL, str(client_.pk), now=NOW)
    assert mine.suggestions[0].id == theirs.suggestions[0].id
    flow.respond(boss, theirs.suggestions[0].id, kind="rejected", reason="already_has", now=NOW)
    with pytest.raises(flow.AlreadyAnswered) as caught:
        flow.respond(agent, mine.suggestions[0].id, kind="accepted", now=NOW)
    assert caught.value.suggestion.state == "rejected"
    assert Response.objects.get().decision_id == theirs.decision_id


def test_respond__unknown_or_invisible_suggestion__is_not_found_alike(agent: Principal, client_: Client) -> None:
    open_bank(LABEL)
    view = flow.record(agent, LABEL, str(client_.pk), now=NOW)
    stranger = Principal(key="999999999")
    for principal, suggestion in ((agent, uuid4()), (stranger, view.suggestions[0].id)):
        with pytest.raises(flow.SuggestionNotFound):
            flow.respond(principal, suggestion, kind="accepted", now=NOW)
    assert not Response.objects.exists()


def test_respond__phase_stepped_down__finds_no_suggestion(agent: Principal, client_: Client) -> None:
    open_bank(LABEL)
    view = flow.record(agent, LABEL, str(client_.pk), now=NOW)
    open_phase("score")
    with pytest.raises(flow.SuggestionNotFound):
        flow.respond(agent, view.suggestions[0].id, kind="accepted", now=NOW)


def test_rejected__product__stays_away_for_the_pause(agent: Principal, client_: Client) -> None:
    open_bank(LABEL)
    view = flow.record(agent, LABEL, str(client_.pk), now=NOW)
    flow.respond(agent, view.suggestions[0].id, kind="rejected", reason="bad_moment", now=NOW)
    soon = flow.record(agent, LABEL, str(client_.pk), now=NOW + timedelta(days=30))
    assert [item.product for item in soon.suggestions] == ["card"]
    late = flow.record(agent, LABEL, str(client_.pk), now=NOW + timedelta(days=91))
    assert "deposit" in [item.product for item in late.suggestions]


@pytest.mark.parametrize("phase", ["score", "recommend"])
@pytest.mark.parametrize("closed", ["bereaved", "closed"])
def test_answer_score__score_that_was_not_shown__is_not_there(
    agent: Principal, client_: Client, phase: str, closed: str
) -> None:
    open_bank(LABEL, phase)
    Client.objects.update(**{closed: True})
    view = flow.record(agent, LABEL, str(client_.pk), now=NOW)
    assert view.score is None
    assert view.decision_id is not None
    with pytest.raises(flow.DecisionNotFound):
        flow.answer_score(agent, view.decision_id, kind="useful", now=NOW)
    assert not ScoreAnswer.objects.exists()


def test_answer_score__decision_of_the_shadow__is_not_there_once_scores_are(agent: Principal, client_: Client) -> None:
    open_bank(LABEL, "shadow")
    flow.record(agent, LABEL, str(client_.pk), now=NOW)
    open_phase("score")
    with pytest.raises(flow.DecisionNotFound):
        flow.answer_score(agent, Decision.objects.get().pk, kind="useful", now=NOW)


def test_answer_score__no_card__is_not_there(agent: Principal, client_: Client) -> None:
    open_phase("score")
    view = flow.record(agent, LABEL, str(client_.pk), now=NOW)
    assert view.decision_id is not None
    with pytest.raises(flow.DecisionNotFound):
        flow.answer_score(agent, view.decision_id, kind="useful", now=NOW)


def test_remarks__score_answer_own_offer_and_display__are_logged_once(agent: Principal, client_: Client) -> None:
    open_bank(LABEL)
    decision_id = flow.record(agent, LABEL, str(client_.pk), now=NOW).decision_id
    assert decision_id is not None
    for _ in range(2):
        flow.answer_score(agent, decision_id, kind="useful", request_key="a", now=NOW)
        flow.own_offer(agent, decision_id, product="card", request_key="b", now=NOW)
        flow.displayed(agent, decision_id, now=NOW)
    assert (ScoreAnswer.objects.count(), OwnOffer.objects.count(), Display.objects.count()) == (1, 1, 1)
    with pytest.raises(flow.BadAnswer):
        flow.own_offer(agent, decision_id, product="yacht", now=NOW)


def test_undo__with_the_key_of_the_answer__still_takes_it_back(agent: Principal, client_: Client) -> None:
    open_bank(LABEL)
    suggestion = flow.record(agent, LABEL, str(client_.pk), now=NOW).suggestions[0]
    flow.respond(agent, suggestion.id, kind="accepted", request_key="same", now=NOW)
    assert flow.undo(agent, suggestion.id, request_key="same", now=NOW).state == "open"


def test_own_offer_told__in_shadow__is_logged_and_shows_nothing(agent: Principal, client_: Client) -> None:
    open_bank(LABEL, "shadow")
    key = str(client_.pk)
    assert flow.own_offer_told(agent, LABEL, key, product="card", now=NOW) is None
    decided = flow.record(agent, LABEL, key, now=NOW)
    told = flow.own_offer_told(agent, LABEL, key, product="card", request_key="k", now=NOW)
    assert told is not None
    assert told.decision_id == Decision.objects.get().pk
    assert (decided.score, decided.products) == (None, ())
    with pytest.raises(flow.BadAnswer):
        flow.own_offer_told(agent, LABEL, key, product="yacht", now=NOW)
    open_phase("off")
    assert flow.own_offer_told(agent, LABEL, key, product="card", now=NOW) is None
    assert OwnOffer.objects.count() == 1


def test_own_offer_told__of_a_customer_whom_the_agent_may_not_see__is_not_found(client_: Client) -> None:
    open_bank(LABEL, "shadow")
    with pytest.raises(flow.CustomerNotFound):
        flow.own_offer_told(Principal(key="999999999"), LABEL, str(client_.pk), product="card", now=NOW)
