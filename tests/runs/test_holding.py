"""Runs: asked for once, held by one, fenced against whoever comes late."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest
from django.db import IntegrityError, transaction

from crm_assist.runs import holding
from crm_assist.runs.holding import Held, TakenOver, ask, beat, confirm, fail, finish, give_up, let_go, pulse, take
from crm_assist.runs.models import Run, RunRequest, RunState
from crm_assist.runs.rules import STUCK
from crm_assist.types import Step
from tests.story import NOW

pytestmark = pytest.mark.django_db


def later(seconds: float) -> datetime:
    return NOW + timedelta(seconds=seconds)


def taken(run: Run, now: datetime = NOW) -> Held:
    held, verdict = take(run.pk, now=now, stale_seconds=90)
    assert held is not None, verdict
    return held


def verdict_of(run: Run, now: datetime = NOW) -> str:
    return take(run.pk, now=now, stale_seconds=90)[1].code


def asked(**given: str) -> Run:
    return ask(**{"kind": "sweep", "about": "desk.Client", **given}, now=NOW)


def test_ask__while_one_has_more_to_do__is_that_one() -> None:
    run = asked()
    held = taken(run)
    assert asked() == run
    assert asked(tenant="north") != run
    assert asked(kind="rescore") != run
    finish(held, None, now=NOW)
    assert asked() != run


def test_ask__same_request__is_the_same_run_even_when_it_is_over() -> None:
    run = asked(request_key="message 1")
    finish(taken(run), None, now=NOW)
    assert asked(request_key="message 1") == run
    assert asked(request_key="message 2") != run


def test_ask__request_that_joined_a_run__asks_for_nothing_new_later() -> None:
    run = asked(request_key="first")
    assert asked(request_key="joined") == run
    finish(taken(run), None, now=NOW)
    assert asked(request_key="joined") == run
    assert Run.objects.count() == 1


def test_run__second_with_more_to_do__is_refused_by_the_database() -> None:
    asked()
    with pytest.raises(IntegrityError), transaction.atomic():
        Run.objects.create(kind="sweep", about="desk.Client", asked_at=NOW)


def test_take__alive__is_busy_and_stale__has_a_new_owner() -> None:
    run = asked()
    first = taken(run)
    assert verdict_of(run, later(90)) == "busy"
    second = taken(run, later(91))
    assert (first.attempt, second.attempt) == (1, 2)
    assert verdict_of(run, later(92)) == "busy"


def test_take__heart_beat_meanwhile__keeps_the_owner() -> None:
    run = asked()
    held = taken(run)
    assert pulse(held, now=later(80))
    assert verdict_of(run, later(120)) == "busy"


def test_late_owner__writes_nothing_and_is_told() -> None:
    run = asked()
    late = taken(run)
    taken(run, later(100))
    step = Step(done=5, cursor="five")
    with pytest.raises(TakenOver, match="attempt 1 was overtaken"):
        beat(late, step, now=later(101))
    with pytest.raises(TakenOver):
        finish(late, step, now=later(101))
    with pytest.raises(TakenOver):
        fail(late, "too late", now=later(101))
    assert not pulse(late, now=later(101))
    let_go(late)
    run.refresh_from_db()
    assert (run.done, run.cursor, run.state, run.beat_at) == (0, "", RunState.RUNNING, later(100))


def test_late_owner__takes_back_what_its_transaction_wrote() -> None:
    run = asked()
    late = taken(run)
    taken(run, later(100))

    @transaction.atomic
    def chunk() -> None:
        ask(kind="seal", now=NOW)
        beat(late, Step(done=1), now=later(101))

    with pytest.raises(TakenOver):
        chunk()
    assert not Run.objects.filter(kind="seal").exists()


def test_confirm__owner__changes_nothing_and_late_owner__is_told() -> None:
    run = ask(kind="seal", now=NOW)
    first = taken(run)
    before = Run.objects.filter(pk=run.pk).values().get()
    confirm(first)
    assert Run.objects.filter(pk=run.pk).values().get() == before
    second = taken(run, later(91))
    confirm(second)
    with pytest.raises(TakenOver):
        confirm(first)
    finish(second, None, now=NOW)
    with pytest.raises(TakenOver):
        confirm(second)


def test_beat__keeps_how_far_it_is_and_where_to_go_on_from() -> None:
    run = asked()
    beat(taken(run), Step(done=5, cursor="five", total=9, note="n" * 400), now=later(3))
    run.refresh_from_db()
    assert (run.done, run.cursor, run.total, run.note, run.beat_at) == (5, "five", 9, "n" * 300, later(3))


def test_let_go__is_taken_at_once_from_there() -> None:
    run = asked()
    held = taken(run)
    beat(held, Step(done=5, cursor="five"), now=NOW)
    let_go(held)
    assert [found.pk for found in Run.objects.stale(NOW, seconds=90)] == [run.pk]
    assert taken(run, later(1)).attempt == 2
    run.refresh_from_db()
    assert (run.cursor, run.started_at) == ("five", NOW)


def test_take__no_further_so_many_times__fails_instead_of_killing_everybody() -> None:
    run = asked()
    for place in range(STUCK):
        taken(run, later(100 * place))
    assert verdict_of(run, later(1000)) == "stuck"
    run.refresh_from_db()
    assert (run.state, run.attempt) == (RunState.FAILED, STUCK)
    assert "5 times in a row" in run.fault


def test_take__progress_in_between__starts_the_count_anew() -> None:
    run = asked()
    for place in range(STUCK + 2):
        beat(taken(run, later(100 * place)), Step(done=place), now=later(100 * place))
    assert verdict_of(run, later(10_000)) == "stale"


def test_give_up__ends_it_and_the_owner_notices() -> None:
    run = asked()
    held = taken(run)
    assert give_up(run.pk, fault="Given up.", now=NOW)
    assert not give_up(run.pk, fault="Again.", now=NOW)
    with pytest.raises(TakenOver):
        beat(held, Step(done=1), now=NOW)
    assert verdict_of(run) == "over"


def test_run_that_is_over__keeps_no_key_of_a_customer() -> None:
    for number, end in enumerate((finish, fail, give_up)):
        run = asked(about=str(number))
        held = taken(run)
        beat(held, Step(done=5, cursor="the key"), now=NOW)
        if end is finish:
            finish(held, Step(done=6, cursor="the last key"), now=NOW)
        elif end is fail:
            fail(held, "broken", now=NOW)
        else:
            give_up(run.pk, fault="enough", now=NOW)
        run.refresh_from_db()
        assert (run.state != RunState.RUNNING, run.cursor) == (True, "")


def test_finish__keeps_the_newest_runs_of_the_same_thing_and_their_requests(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(holding, "KEPT", 3)
    other = asked(kind="seal")
    for number in range(6):
        finish(taken(asked(request_key=f"message {number}")), None, now=NOW)
    assert Run.objects.filter(kind="sweep").count() == RunRequest.objects.count() == 3
    assert Run.objects.filter(pk=other.pk).exists()


def test_latest_of_each__is_the_newest_of_every_kind_subject_and_tenant() -> None:
    finish(taken(asked()), None, now=NOW)
    runs = [asked(), asked(tenant="north"), asked(kind="rescore")]
    assert set(Run.objects.latest_of_each()) == set(runs)
    assert set(Run.objects.latest_of_each().for_tenant("south")) == {runs[0], runs[2]}
