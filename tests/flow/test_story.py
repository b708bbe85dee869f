"""The main job on a small bank: the record opens, the agent answers, the log tells it all and replays."""

from __future__ import annotations

from datetime import timedelta
from uuid import uuid4

import pytest
from django.contrib.auth.models import User
from django.db import connection
from django.test.utils import CaptureQueriesContext

from crm_assist import features as f
from crm_assist import flow
from crm_assist.customers.registration import registered
from crm_assist.decisions.models import Decision, Display, OwnOffer, Response, ScoreAnswer, Suggestion
from crm_assist.journal import guards
from crm_assist.journal.models import Payload
from crm_assist.journal.writer import payload_of
from crm_assist.scorecards import CardError
from crm_assist.types import Consent, ConsentState, Phase, Principal
from tests.hosts.desk.assist import DeskClient
from tests.hosts.desk.models import Client
from tests.story import BOSS, NOW, open_bank, open_phase

pytestmark = pytest.mark.django_db
LABEL = "desk.Client"


@pytest.fixture
def agent() -> Principal:
    return Principal(key=str(User.objects.create_user("ann").pk), name="Ann")


@pytest.fixture
def client_(agent: Principal) -> Client:
    return Client.objects.create(name="Rose", owner_id=int(agent.key), balance=8000, segment="private")


def data_statements(captured: CaptureQueriesContext) -> list[str]:
    kinds = ("SELECT", "INSERT", "UPDATE", "DELETE", "WITH")
    return [entry["sql"] for entry in captured.captured_queries if entry["sql"].startswith(kinds)]


def test_record__phase_off__shows_and_logs_nothing(agent: Principal, client_: Client) -> None:
    open_bank(LABEL, "off")
    view = flow.record(agent, LABEL, str(client_.pk), now=NOW)
    assert (view.score, view.suggestions, view.admission.phase) == (None, (), Phase.OFF)
    assert Decision.objects.count() == 0


def test_record__shadow__logs_the_candidates_and_shows_nothing(agent: Principal, client_: Client) -> None:
    open_bank(LABEL, "shadow")
    view = flow.record(agent, LABEL, str(client_.pk), now=NOW)
    row = Decision.objects.get()
    assert (view.score, view.suggestions) == (None, ())
    assert (row.silence, row.offered) == ("phase_shadow", 0)
    payload = payload_of(row.pk)
    assert payload is not None
    assert [c["product"] for c in payload["result"]["candidates"] if c["rank"]] == ["deposit", "card"]
    assert not Suggestion.objects.exists()


def test_record__phase_score__shows_the_score_with_reasons_and_no_suggestion(agent: Principal, client_: Client) -> None:
    open_bank(LABEL, "score")
    view = flow.record(agent, LABEL, str(client_.pk), now=NOW)
    assert view.score is not None
    assert view.score.low < view.score.probability < view.score.high
    assert view.score.label == "orders something"
    assert view.score.reasons[0].feature == "balance"
    assert view.suggestions == ()


def test_record__phase_recommend__offers_and_logs(agent: Principal, client_: Client) -> None:
    open_bank(LABEL)
    view = flow.record(agent, LABEL, str(client_.pk), now=NOW)
    assert [item.product for item in view.suggestions] == ["deposit", "card"]
    row = Decision.objects.get()
    assert (row.slate, row.offered, row.silence, row.fallback) == ("deposit,card", 2, "", "live")
    assert view.decision_id == row.pk


def test_record__reload__shows_the_same_decision_and_logs_nothing_new(agent: Principal, client_: Client) -> None:
    open_bank(LABEL)
    first = flow.record(agent, LABEL, str(client_.pk), now=NOW)
    second = flow.record(agent, LABEL, str(client_.pk), now=NOW + timedelta(seconds=30))
    assert first.decision_id == second.decision_id
    assert first.etag == second.etag
    assert Decision.objects.count() == 1


def test_record__the_balance_changes__decides_anew(agent: Principal, client_: Client) -> None:
    open_bank(LABEL)
    first = flow.record(agent, LABEL, str(client_.pk), now=NOW)
    Client.objects.filter(pk=client_.pk).update(balance=100)
    second = flow.record(agent, LABEL, str(client_.pk), now=NOW + timedelta(seconds=30))
    assert first.decision_id != second.decision_id
    assert [item.id for item in second.suggestions] == [item.id for item in first.suggestions]


def test_record__consent_withdrawn__is_silent_on_the_next_request(agent: Principal, client_: Client) -> None:
    open_bank(LABEL)
    flow.record(agent, LABEL, str(client_.pk), now=NOW)
    Client.objects.filter(pk=client_.pk).update(consent="refused")
    view = flow.record(agent, LABEL, str(client_.pk), now=NOW + timedelta(seconds=30))
    assert view.suggestions == ()
    assert view.silence is not None
    assert view.silence.code == "no_consent"
    assert set(Suggestion.objects.values_list("state", flat=True)) == {"withdrawn"}


def test_record__statements__score_three_and_suggestion_six(agent: Principal, client_: Client) -> None:
    open_bank(LABEL, "score")
    flow.record(agent, LABEL, str(client_.pk), now=NOW)  # the process has read what is published
    extra = 0 if connection.vendor == "postgresql" else 1  # row and payload are one statement on PostgreSQL alone
    with CaptureQueriesContext(
        connection,
    ) as score:
        flow.record(agent, LABEL, str(client_.pk), now=NOW + timedelta(hours=1))
    open_phase("recommend")
    with CaptureQueriesContext(connection) as suggestion:
        flow.record(agent, LABEL, str(client_.pk), now=NOW + timedelta(hours=2))
    host = 'FROM "desk_order"'
    counted = [
        [sql for sql in data_statements(captured) if not sql.partition("WHERE")[0].rstrip().endswith(host)]
        for captured in (score, suggestion)
    ]
    assert [len(statements) for statements in counted] == [3 + extra, 6 + extra], counted


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


def test_replay__every_logged_decision__gives_the_same_again(agent: Principal, client_: Client) -> None:
    open_bank(LABEL)
    Client.objects.create(name="Odd", owner_id=int(agent.key), balance=None, segment="%s'\"", is_vip=None)
    for day, client in enumerate(Client.objects.order_by("pk")):
        view = flow.record(agent, LABEL, str(client.pk), now=NOW + timedelta(days=day))
        flow.respond(agent, view.suggestions[0].id, kind="rejected", reason="other", now=NOW + timedelta(days=day))
        flow.record(agent, LABEL, str(client.pk), now=NOW + timedelta(days=day, hours=5))
    rows = list(flow.decisions(BOSS, flow.Filters()))
    assert len(rows) == 4
    for row in rows:
        replay = flow.replay(BOSS, row.pk)
        assert replay.identical, replay.differences


def test_kill__everything__is_silent_on_the_next_request(agent: Principal, client_: Client) -> None:
    open_bank(LABEL)
    assert flow.record(agent, LABEL, str(client_.pk), now=NOW).suggestions
    flow.kill(BOSS, reason="drill", now=NOW)
    view = flow.record(agent, LABEL, str(client_.pk), now=NOW)
    assert (view.score, view.suggestions, view.admission.code) == (None, (), "killed")
    flow.restore(BOSS, reason="drill over", now=NOW)
    assert flow.record(agent, LABEL, str(client_.pk), now=NOW).suggestions


def test_record__unknown_invisible_and_unreadable__are_not_found_alike(agent: Principal, client_: Client) -> None:
    open_bank(LABEL)
    stranger = Principal(key="999999999")
    for principal, label, key in (
        (agent, LABEL, "999999"),
        (stranger, LABEL, str(client_.pk)),
        (agent, LABEL, "not-a-key"),
        (agent, "nowhere.Model", "1"),
    ):
        with pytest.raises(flow.CustomerNotFound):
            flow.record(principal, label, key, now=NOW)


def test_undo__with_the_key_of_the_answer__still_takes_it_back(agent: Principal, client_: Client) -> None:
    open_bank(LABEL)
    suggestion = flow.record(agent, LABEL, str(client_.pk), now=NOW).suggestions[0]
    flow.respond(agent, suggestion.id, kind="accepted", request_key="same", now=NOW)
    assert flow.undo(agent, suggestion.id, request_key="same", now=NOW).state == "open"


def test_objection__told_to_an_agent__closes_everything_on_the_next_request(agent: Principal, client_: Client) -> None:
    open_bank(LABEL)
    suggestion = flow.record(agent, LABEL, str(client_.pk), now=NOW).suggestions[0]
    flow.respond(agent, suggestion.id, kind="rejected", reason="customer_objects", now=NOW)
    for later in (timedelta(seconds=5), timedelta(days=400)):
        view = flow.record(agent, LABEL, str(client_.pk), now=NOW + later)
        assert view.suggestions == ()
        assert view.silence is not None
        assert view.silence.code == "objected"


def test_replay__payload_altered_behind_the_guards__is_told(agent: Principal, client_: Client) -> None:
    open_bank(LABEL)
    decision_id = flow.record(agent, LABEL, str(client_.pk), now=NOW).decision_id
    assert decision_id is not None
    with guards.lifted("default"):
        stored = Payload.objects.get(row_id=decision_id)
        assert stored.body is not None
        Payload.objects.filter(row_id=decision_id).update(body=stored.body.replace('"Ann"', '"Bob"'))
    replay = flow.replay(BOSS, decision_id)
    assert (replay.identical, replay.possible, replay.code) == (False, False, "altered")


def test_replay__row_altered_behind_the_guards__differs_and_names_the_columns(
    agent: Principal, client_: Client
) -> None:
    open_bank(LABEL)
    decision_id = flow.record(agent, LABEL, str(client_.pk), now=NOW).decision_id
    assert decision_id is not None
    with guards.lifted("default"), connection.cursor() as cursor:
        table = Decision._meta.db_table
        cursor.execute(f"UPDATE {table} SET probability = 0.01, slate = 'card'")
    replay = flow.replay(BOSS, decision_id)
    assert (replay.identical, replay.code) == (False, "differs")
    assert [path for path, _then, _again in replay.differences] == ["row.probability", "row.slate"]


def test_record__decision_that_cannot_be_logged__shows_the_score_and_no_suggestion(
    agent: Principal, client_: Client
) -> None:
    class Local(DeskClient):
        def consent(self, obj: Client) -> Consent:
            return Consent(state=ConsentState.GRANTED, source="desk", at=NOW.replace(tzinfo=None))

    open_bank(LABEL)
    with registered(Client, Local):
        view = flow.record(agent, LABEL, str(client_.pk), now=NOW)
    assert (view.away, view.suggestions, view.decision_id) == (True, (), None)
    assert view.score is not None
    assert not Decision.objects.exists()
    assert not Suggestion.objects.exists()


def told_objection(client: Client) -> None:
    flow.record_outcome(model=LABEL, key=str(client.pk), product="", kind="objected", occurred_at=NOW, now=NOW)


def test_objection__told_by_the_host_as_an_outcome__closes_everything_and_replays(
    agent: Principal, client_: Client
) -> None:
    open_bank(LABEL)
    assert flow.record(agent, LABEL, str(client_.pk), now=NOW).suggestions
    told_objection(client_)
    view = flow.record(agent, LABEL, str(client_.pk), now=NOW + timedelta(seconds=5))
    assert view.suggestions == ()
    assert view.silence is not None
    assert view.silence.code == "objected"
    assert view.decision_id is not None
    assert flow.replay(BOSS, view.decision_id).identical


def test_objection__of_a_customer_who_was_merged__counts_for_the_one_that_stays(
    agent: Principal, client_: Client
) -> None:
    open_bank(LABEL)
    other = Client.objects.create(name="Rosa", owner_id=int(agent.key))
    told_objection(other)
    flow.customers_merged(LABEL, from_key=str(other.pk), to_key=str(client_.pk), now=NOW)
    view = flow.record(agent, LABEL, str(client_.pk), now=NOW)
    assert view.silence is not None
    assert view.silence.code == "objected"


def test_record__feature_marked_sensitive_since__its_card_no_longer_serves(agent: Principal, client_: Client) -> None:
    class Careful(DeskClient):
        features = [f.Number("balance", "balance", label="Balance", history=False, sensitive=True)]

    with registered(Client, Careful), pytest.raises(CardError):
        open_bank(LABEL)
    open_bank(LABEL)
    with registered(Client, Careful):
        view = flow.record(agent, LABEL, str(client_.pk), now=NOW)
    assert (view.score, view.suggestions) == (None, ())


@pytest.mark.parametrize("phase", ["score", "recommend"])
def test_traditional_zone__the_machine_is_silent_altogether_and_says_why(
    agent: Principal, client_: Client, phase: str
) -> None:
    open_bank(LABEL, phase)
    Client.objects.filter(pk=client_.pk).update(bereaved=True)
    view = flow.record(agent, LABEL, str(client_.pk), now=NOW)
    assert (view.score, view.suggestions, view.products) == (None, (), ())
    assert view.silence is not None
    assert view.silence.code == "zone_traditional"
    assert Decision.objects.get().silence == "zone_traditional"


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
