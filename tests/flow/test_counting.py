"""Counts for review: whatever happened in whatever order, they are what a count of everything would give."""

from __future__ import annotations

from collections import Counter
from datetime import timedelta
from random import Random

import pytest
from django.db import connection, models
from django.db.models import Sum
from django.test import override_settings
from django.test.utils import CaptureQueriesContext

from crm_assist import flow
from crm_assist.decisions.models import Decision, Display, State, Suggestion
from crm_assist.flow.background import ask_runs, carry_on
from crm_assist.oversight.models import CountMark, DayCount, SilenceCount
from crm_assist.types import Principal
from tests.hosts.desk.models import Client
from tests.story import BOSS, NOW, open_bank

pytestmark = pytest.mark.django_db(transaction=True)  # rows of a transaction that runs are not settled yet
LABEL = "desk.Client"
DAY = timedelta(days=1)
Found = Counter[tuple[object, ...]]


def counted(now_day: int = 40) -> int:
    """Counts what is new; says how many days were counted."""
    return len(list(flow.count(now=NOW + now_day * DAY)))


def counts() -> Found:
    """The counts as they stand."""
    found: Found = Counter()
    for row in DayCount.objects.all():
        found[row.day, row.product, row.is_seen, row.answer, row.reason] += row.count
    return found


def recounted() -> Found:
    """Every suggestion looked at one by one, by other means than the counts."""
    found: Found = Counter()
    shown = set(Display.objects.values_list("decision_id", flat=True))
    for one in Suggestion.objects.all():
        is_answered = one.state not in (State.OPEN, State.EXPIRED, State.WITHDRAWN)
        answer, reason = (one.state, one.reason) if is_answered else ("", "")
        is_seen = is_answered or one.decision_id in shown
        found[one.opened_at.date(), one.product, is_seen, answer, reason] += 1
    return found


@pytest.fixture
def clients(agent: Principal) -> list[Client]:
    open_bank(LABEL)
    return [Client.objects.create(name=f"C{n}", owner_id=int(agent.key), balance=900 * n) for n in range(8)]


def act(chance: Random, agent: Principal, clients: list[Client], day: int) -> None:
    """One thing that an agent may do on that day."""
    now = NOW + day * DAY + timedelta(minutes=chance.randrange(300))
    view = flow.record(agent, LABEL, str(chance.choice(clients).pk), now=now)
    if view.decision_id and chance.random() < 0.6:
        flow.displayed(agent, view.decision_id, now=now)
    open_ones = [shown for shown in view.suggestions if shown.state == State.OPEN]
    if open_ones and chance.random() < 0.6:
        kind, reason = chance.choice([("accepted", ""), ("later", ""), ("rejected", "wrong_data"), ("rejected", "")])
        flow.respond(agent, open_ones[0].id, kind=kind, reason=reason, now=now)
        if chance.random() < 0.3:
            flow.undo(agent, open_ones[0].id, now=now)


@pytest.mark.parametrize("seed", range(4))
def test_count__whatever_happened_between_two_counts__equals_a_count_of_everything(
    seed: int, agent: Principal, clients: list[Client]
) -> None:
    chance = Random(seed)
    for step in range(60):
        act(chance, agent, clients, day=step // 2)
        if chance.random() < 0.15:
            counted()
            assert counts() == recounted()
    counted()
    assert counts() == recounted()
    assert sum(counts().values()) == Suggestion.objects.count() > 10


def test_count__nothing_new__counts_no_day_and_reads_no_suggestion(agent: Principal, clients: list[Client]) -> None:
    act(Random(3), agent, clients, day=0)
    assert counted() == 1
    before = counts()
    assert counted() == 0
    assert counts() == before


def test_count__an_answer_weeks_later__is_counted_on_the_day_of_the_offer(
    agent: Principal, clients: list[Client]
) -> None:
    view = flow.record(agent, LABEL, str(clients[7].pk), now=NOW)
    counted()
    flow.respond(agent, view.suggestions[0].id, kind="accepted", now=NOW + 20 * DAY)
    assert counted() == 1
    accepted = DayCount.objects.get(answer="accepted")
    assert (accepted.day, accepted.is_seen, accepted.count) == (NOW.date(), True, 1)


def test_count__rows_are_told_with_team_card_and_phase_of_the_decision(agent: Principal, clients: list[Client]) -> None:
    flow.record(agent, LABEL, str(clients[7].pk), now=NOW)
    counted()
    decision, count = Decision.objects.get(), DayCount.objects.first()
    assert count is not None
    assert (count.team, count.card, count.phase) == (decision.team, decision.card, "recommend")
    assert decision.card


def test_count__another_time_zone__its_days_are_counted_anew(agent: Principal, clients: list[Client]) -> None:
    late = NOW.replace(hour=23, minute=30)
    flow.record(agent, LABEL, str(clients[7].pk), now=late)
    with override_settings(TIME_ZONE="UTC"):
        counted()
        assert {row.day for row in DayCount.objects.all()} == {late.date()}
    with override_settings(TIME_ZONE="Asia/Tokyo"):
        counted()
        assert {row.day for row in DayCount.objects.all()} == {late.date() + DAY}


def test_count__as_a_run__is_done_once_and_says_how_far(agent: Principal, clients: list[Client]) -> None:
    act(Random(5), agent, clients, day=0)
    [run_id] = ask_runs("count", now=NOW)
    view = carry_on(run_id, clock=lambda: NOW)
    assert (view.state, view.done, view.note) == ("done", 1, f"counted to {NOW.date().isoformat()}")
    assert CountMark.objects.get().counted_at == NOW


def test_count__one_day_among_many__reads_that_day_alone(agent: Principal, clients: list[Client]) -> None:
    for day in range(6):
        act(Random(day), agent, clients, day=day * 5)
    counted()
    before = dict(DayCount.objects.values_list("day").annotate(newest=models.Max("pk")))
    flow.record(agent, LABEL, str(clients[1].pk), now=NOW + 35 * DAY)
    with CaptureQueriesContext(connection) as seen:
        counted()
    after = dict(DayCount.objects.values_list("day").annotate(newest=models.Max("pk")))
    assert {day: after[day] for day in before} == before
    assert len(seen) < 48


def test_counts__summed_by_anything__hold_every_suggestion_once(agent: Principal, clients: list[Client]) -> None:
    for step in range(20):
        act(Random(step), agent, clients, day=step)
    counted()
    for names in (("team",), ("product",), ("card", "phase"), ("answer", "reason")):
        summed = DayCount.objects.within("", NOW.date(), NOW.date() + 60 * DAY).summed(*names)
        assert sum(entry["offered"] for entry in summed) == Suggestion.objects.count()
    assert DayCount.objects.aggregate(n=Sum("count"))["n"] == Suggestion.objects.count()


def test_count__silences__are_those_of_the_log_by_day_team_and_cause(agent: Principal, clients: list[Client]) -> None:
    chance = Random(5)
    for step in range(30):
        act(chance, agent, clients, day=step // 3)
    Client.objects.filter(pk__in=[client.pk for client in clients[:4]]).update(consent="refused")
    for step in range(30):
        act(chance, agent, clients, day=12 + step // 3)
    counted()
    found: Found = Counter()
    for row in SilenceCount.objects.all():
        found[row.day, row.team, row.silence] += row.count
    expected: Found = Counter((row.at.date(), row.team, row.silence) for row in Decision.objects.all())
    assert found == expected
    told = flow.silences(BOSS, flow.Span(since=NOW.date(), until=(NOW + 40 * DAY).date()))
    assert told.decisions == Decision.objects.count()
    assert dict(told.causes)["no_consent"] == Decision.objects.filter(silence="no_consent").count() > 3
    early = flow.silences(BOSS, flow.Span(since=NOW.date(), until=(NOW + 11 * DAY).date()))
    assert early.decisions == Decision.objects.filter(at__lt=NOW + 12 * DAY).count()
    assert "no_consent" not in dict(early.causes)
