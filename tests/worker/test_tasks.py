"""The tasks as Celery sees them: names, manners, and what they do when run in this process."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from celery import Celery, current_app
from celery.exceptions import Retry, SoftTimeLimitExceeded
from celery.schedules import crontab
from django.db import OperationalError

from crm_assist import flow, tasks
from crm_assist.decisions.models import Outcome
from crm_assist.flow import sweeping
from crm_assist.runs.models import Run
from crm_assist.schedule import beat_schedule
from crm_assist.scoring.models import LatestScore
from crm_assist.tasks import celery as module
from crm_assist.types import Principal
from tests.hosts.desk.models import Client
from tests.story import NOW, open_bank

LABEL = "desk.Client"
NAMES = ("count", "refit", "rescore", "resume", "retain", "seal", "sweep")


@pytest.fixture(autouse=True)
def app() -> Iterator[Celery]:
    """Tasks are done at once, in this process."""
    before, app = current_app._get_current_object(), Celery("eager", broker="memory://")
    app.conf.update(task_always_eager=True, task_eager_propagates=True)
    app.set_current()
    app.set_default()
    yield app
    before.set_current()
    before.set_default()
    app.close()


@pytest.fixture
def base(db: None) -> None:
    open_bank(LABEL, "score")
    Client.objects.bulk_create(Client(name=f"C{n}", balance=n * 900) for n in range(10))


@pytest.mark.parametrize("name", NAMES)
def test_task__each__has_its_stable_name_and_survives_its_worker(name: str) -> None:
    task = getattr(tasks, name)
    assert task.name == f"crm_assist.{name}"
    assert (task.acks_late, task.reject_on_worker_lost, task.ignore_result) == (True, True, True)
    assert set(task.autoretry_for) == set(module.LOST_DATABASE)
    assert task.retry_jitter
    if name != "resume":
        assert (task.soft_time_limit, task.time_limit) == (3000, 3300)


def test_beat_schedule__names_tasks_that_there_are_and_asks_each() -> None:
    timetable = beat_schedule(night="23", refit_day="sat", resume_seconds=30)
    assert {entry["task"] for entry in timetable.values()} == {f"crm_assist.{name}" for name in NAMES}
    assert timetable["crm_assist.resume"]["schedule"] == 30
    assert timetable["crm_assist.rescore"]["schedule"] == crontab(minute="30", hour="0")
    assert timetable["crm_assist.refit"]["schedule"] == crontab(minute="0", hour="2", day_of_week="sat")


def test_rescore__of_all_models__is_a_run_for_each(base: None) -> None:
    tasks.rescore.delay()
    assert LatestScore.objects.count() == 10
    assert {run.state for run in Run.objects.all()} == {"done"}
    assert Run.objects.get(about=LABEL).by == "celery"


def test_rescore__same_message_twice__is_one_run(base: None) -> None:
    for _ in range(2):
        tasks.rescore.apply_async(kwargs={"about": LABEL}, task_id="message")
    assert Run.objects.get().attempt == 1
    tasks.rescore.apply_async(kwargs={"about": LABEL}, task_id="another")
    assert Run.objects.count() == 2


def test_work__time_limit__leaves_the_run_to_be_resumed(base: None, monkeypatch: pytest.MonkeyPatch) -> None:
    [run_id] = flow.ask_runs("sweep", about=LABEL, now=NOW)
    sent: list[tuple[int, str]] = []

    def too_long(*args: Any, **given: Any) -> None:
        raise SoftTimeLimitExceeded

    with monkeypatch.context() as patch:
        patch.setattr("crm_assist.flow.sweeping.settle", too_long)
        patch.setattr(module, "_send", lambda *asked: sent.append(asked))
        tasks.sweep.delay(run_id=run_id)
    assert sent == [(run_id, "sweep")]
    assert (Run.objects.get().state, Run.objects.get().beat_at) == ("running", None)
    tasks.resume.delay()
    assert (Run.objects.get().state, Run.objects.get().attempt) == ("done", 2)


def test_work__database_lost__is_tried_again(base: None, monkeypatch: pytest.MonkeyPatch) -> None:
    [run_id] = flow.ask_runs("sweep", about=LABEL, now=NOW)
    settle, lost = sweeping.settle, [OperationalError("away")]

    def once(*args: Any, **given: Any) -> None:
        if lost:
            raise lost.pop()
        settle(*args, **given)

    monkeypatch.setattr("crm_assist.flow.sweeping.settle", once)
    try:
        tasks.sweep.delay(run_id=run_id)
    except Retry:
        tasks.sweep.delay(run_id=run_id)
    assert (Run.objects.get().state, Run.objects.get().attempt) == ("done", 2)


def test_start__where_tasks_are_known__is_worked_on_at_once(
    base: None, django_capture_on_commit_callbacks: Any
) -> None:
    with django_capture_on_commit_callbacks(execute=True):
        flow.start(Principal(key="o", is_superuser=True), kind="sweep", about=LABEL, now=NOW)
    assert Run.objects.get().state == "done"


def test_start__broker_away__waits_and_says_nothing(
    base: None, app: Celery, django_capture_on_commit_callbacks: Any
) -> None:
    app.conf.update(task_always_eager=False, broker_url="redis://127.0.0.1:1/0")
    with django_capture_on_commit_callbacks(execute=True):
        view = flow.start(Principal(key="o", is_superuser=True), kind="sweep", about=LABEL, now=NOW)
    assert view.state == "waiting"
    app.conf.update(task_always_eager=True)
    tasks.resume.delay()
    assert Run.objects.get().state == "done"


def test_worker_ready__looks_for_what_waits(base: None) -> None:
    flow.ask_runs("seal", now=NOW)
    module.on_worker_ready()
    assert Run.objects.get().state == "done"


def test_outcomes__of_a_message_delivered_twice__are_once_and_a_fault_takes_none(base: None) -> None:
    one = {
        "key": "1",
        "product": "card",
        "kind": "ordered",
        "occurred_at": "2026-05-01T10:00:00Z",
        "external_id": "o-1",
    }
    for _twice in range(2):
        tasks.tell_outcomes.delay(LABEL, [one, {**one, "external_id": "o-2", "version": 3}], source="orders")
    assert Outcome.objects.count() == 2
    with pytest.raises(flow.BadAnswer) as caught:
        tasks.tell_outcomes.delay(LABEL, [{**one, "external_id": "o-3"}, {**one, "kind": "bought"}])
    assert (caught.value.field, Outcome.objects.count()) == ("outcomes[1].kind", 2)
    assert tasks.tell_outcomes.name == "crm_assist.tell_outcomes"
    assert (tasks.tell_outcomes.acks_late, tasks.tell_outcomes.reject_on_worker_lost) == (True, True)
