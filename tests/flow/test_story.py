"""The main job on a small bank: the record opens, shows what the phase allows, and logs it all."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from crm_assist import features as f
from crm_assist import flow
from crm_assist.customers.registration import registered
from crm_assist.decisions.models import Decision, Suggestion
from crm_assist.journal.writer import payload_of
from crm_assist.scorecards import CardError
from crm_assist.types import Consent, ConsentState, Phase, Principal
from tests.hosts.desk.assist import DeskClient
from tests.hosts.desk.models import Client
from tests.story import BOSS, NOW, open_bank, open_phase

pytestmark = pytest.mark.django_db
LABEL = "desk.Client"


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


def test_record__below_score__has_one_mark_whatever_the_phase(agent: Principal, client_: Client) -> None:
    marks = set()
    for phase in ("off", "shadow"):
        open_bank(LABEL, phase)
        marks.add(flow.record(agent, LABEL, str(client_.pk), now=NOW).etag)
    assert len(marks) == 1


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


@pytest.mark.parametrize("first_time", [False, True])
def test_record__statements__score_three_and_suggestion_six(
    agent: Principal, client_: Client, first_time: bool
) -> None:
    open_bank(LABEL, "score")
    flow.record(agent, LABEL, str(client_.pk), now=NOW)  # the process has read what is published
    counted = []
    for hours, phase in enumerate(("score", "recommend"), start=1):
        open_phase(phase)
        fresh = Client.objects.create(name=phase, owner_id=int(agent.key), balance=8000)
        with CaptureQueriesContext(
            connection,
        ) as captured:
            flow.record(agent, LABEL, str((fresh if first_time else client_).pk), now=NOW + timedelta(hours=hours))
        host = 'FROM "desk_order"'
        asked = data_statements(captured)
        counted.append([sql for sql in asked if not sql.partition("WHERE")[0].rstrip().endswith(host)])
    # Row and payload are one statement on PostgreSQL alone, and the subject of a first time is part of it.
    expected = [3, 6] if connection.vendor == "postgresql" else [5, 7] if first_time else [4, 7]
    assert [len(statements) for statements in counted] == expected, counted


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


def test_record__decision_that_cannot_be_logged__shows_the_score_and_no_suggestion(
    agent: Principal, client_: Client
) -> None:
    class Local(DeskClient):
        def consent(self, obj: Client) -> Consent:
            return Consent(state=ConsentState.GRANTED, source=b"desk")  # type: ignore[arg-type]

    open_bank(LABEL)
    with registered(Client, Local):
        view = flow.record(agent, LABEL, str(client_.pk), now=NOW)
    assert (view.away, view.suggestions, view.decision_id) == (True, (), None)
    assert view.score is not None
    assert not Decision.objects.exists()
    assert not Suggestion.objects.exists()


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
