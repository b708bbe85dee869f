"""Background work for people: who sees which run, who may start, resume and end one."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest

from crm_assist import flow
from crm_assist.flow import BadAnswer, NotAllowed, RunNotFound
from crm_assist.runs.models import Kind, Run
from crm_assist.signals import run_asked
from crm_assist.types import Principal
from tests.story import NOW, publish

pytestmark = pytest.mark.django_db
LABEL = "desk.Client"
HELD = frozenset({"manage_runs", "publish_card"})
OLGA = Principal(key="o", name="Olga", permissions=HELD)
NORTH = Principal(key="n", name="Nils", tenant="north", permissions=HELD)


@pytest.fixture
def heard() -> Iterator[list[tuple[int, str]]]:
    found: list[tuple[int, str]] = []

    def hear(*, run_id: int, kind: str, **given: Any) -> None:
        found.append((run_id, kind))

    run_asked.connect(hear)
    yield found
    run_asked.disconnect(hear)


def test_start__with_the_right__waits_and_is_told_after_commit(
    heard: list[tuple[int, str]], django_capture_on_commit_callbacks: Any
) -> None:
    with django_capture_on_commit_callbacks(execute=True):
        view = flow.start(OLGA, kind="rescore", about=LABEL, now=NOW)
        assert heard == []
    assert heard == [(view.id, "rescore")]
    assert (view.state, view.by, view.label, view.beat_age, view.share) == (
        "waiting",
        "Olga",
        "Stored scores",
        None,
        None,
    )
    assert flow.start(OLGA, kind="rescore", about=LABEL, now=NOW).id == view.id


def test_run_subjects__customers_and_the_targets_of_the_own_tenant() -> None:
    publish(LABEL, now=NOW)
    assert {LABEL, "orders"} <= set(flow.run_subjects(OLGA))
    assert LABEL in flow.run_subjects(NORTH)
    assert "orders" not in flow.run_subjects(NORTH)
    with pytest.raises(NotAllowed):
        flow.run_subjects(Principal(key="x"))


def test_start__unknown_kind_or_subject__names_the_field_and_what_there_is() -> None:
    with pytest.raises(BadAnswer, match="'mow': choose one of 'rescore', 'sweep'") as caught:
        flow.start(OLGA, kind="mow", now=NOW)
    assert caught.value.field == "kind"
    with pytest.raises(BadAnswer, match=r"'desk.Nobody': choose one of .*'desk.Client'") as caught:
        flow.start(OLGA, kind="sweep", about="desk.Nobody", now=NOW)
    assert caught.value.field == "about"
    with pytest.raises(BadAnswer):
        flow.start(OLGA, kind="seal", about=LABEL, now=NOW)
    assert not Run.objects.exists()


def test_start__refit__needs_the_right_to_publish() -> None:
    publish(LABEL)
    with pytest.raises(NotAllowed, match="publish_card"):
        flow.start(Principal(key="x", permissions=frozenset({"manage_runs"})), kind="refit", about="orders", now=NOW)
    assert flow.start(OLGA, kind="refit", about="orders", now=NOW).about == "orders"


def test_start__person_of_a_tenant__may_refit_its_targets_and_nothing_of_the_house() -> None:
    publish(LABEL)
    publish(LABEL, tenant="north")
    for kind in set(Kind.values) - {"refit"}:
        with pytest.raises(NotAllowed):
            flow.start(NORTH, kind=kind, about=LABEL, now=NOW)
    assert flow.start(NORTH, kind="refit", about="orders", now=NOW).tenant == "north"
    with pytest.raises(BadAnswer):
        flow.start(Principal(key="s", tenant="south", permissions=HELD), kind="refit", about="orders", now=NOW)


@pytest.mark.parametrize("act", ["runs", "history", "start", "resume", "give_up"])
def test_without_the_right__nothing_is_told(act: str) -> None:
    nobody = Principal(key="x", permissions=frozenset({"view_log"}))
    calls = {
        "runs": lambda: flow.runs(nobody, now=NOW),
        "history": lambda: flow.run_history(nobody, kind="seal", now=NOW),
        "start": lambda: flow.start(nobody, kind="seal", now=NOW),
        "resume": lambda: flow.resume(nobody, 1, now=NOW),
        "give_up": lambda: flow.give_up(nobody, 1, reason="", now=NOW),
    }
    with pytest.raises(NotAllowed, match="manage_runs"):
        calls[act]()


def test_other_tenants_runs__are_not_seen_resumed_or_ended() -> None:
    south = Run.objects.create(kind="refit", about="orders", tenant="south", asked_at=NOW)
    house = Run.objects.create(kind="seal", asked_at=NOW)
    assert [view.id for view in flow.runs(NORTH, now=NOW)] == [house.pk]
    assert flow.run_history(NORTH, kind="refit", about="orders", now=NOW) == ()
    for run in (south, house):
        assert not flow.may_steer(NORTH, run.tenant)
        with pytest.raises(RunNotFound):
            flow.resume(NORTH, run.pk, now=NOW)
        with pytest.raises(RunNotFound):
            flow.give_up(NORTH, run.pk, reason="", now=NOW)
    assert flow.give_up(OLGA, south.pk, reason="Wrong data.", now=NOW).fault == "Given up by Olga. Wrong data."


def test_superuser_of_a_tenant__acts_on_its_runs_and_the_houses_and_on_no_other_tenants() -> None:
    chief = Principal(key="c", name="Carla", tenant="north", is_superuser=True)
    south, own, house = (
        Run.objects.create(kind="refit", about="orders", tenant=tenant, asked_at=NOW)
        for tenant in ("south", "north", "")
    )
    with pytest.raises(RunNotFound):
        flow.give_up(chief, south.pk, reason="", now=NOW)
    assert [flow.may_steer(chief, run.tenant) for run in (south, own, house)] == [False, True, True]
    assert {flow.resume(chief, run.pk, now=NOW).tenant for run in (own, house)} == {"north", ""}
    assert flow.give_up(OLGA, south.pk, reason="", now=NOW).state == "failed"


def test_runs__tells_the_newest_of_each_and_who_is_alive() -> None:
    old = Run.objects.create(kind="seal", asked_at=NOW, state="done", finished_at=NOW)
    alive = Run.objects.create(kind="seal", asked_at=NOW, beat_at=NOW, done=3, total=4, attempt=1)
    dead = Run.objects.create(kind="sweep", about=LABEL, asked_at=NOW, beat_at=NOW - timedelta(hours=1), attempt=1)
    views = {view.id: view for view in flow.runs(OLGA, now=NOW + timedelta(seconds=5))}
    assert views.keys() == {alive.pk, dead.pk}
    assert (views[alive.pk].state, views[alive.pk].share) == ("running", 0.75)
    assert views[alive.pk].beat_age == timedelta(seconds=5)
    assert views[dead.pk].state == "waiting"
    assert [view.id for view in flow.run_history(OLGA, kind="seal", now=NOW)] == [alive.pk, old.pk]
