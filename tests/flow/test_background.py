"""Background work in one process: interrupted anywhere, gone on with, finished once."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.db import OperationalError

from crm_assist import customers, flow
from crm_assist.customers.models import Subject
from crm_assist.flow import keeping, sweeping, works
from crm_assist.journal import expiry, sealing
from crm_assist.journal.verify import verify
from crm_assist.journal.writer import payload_of
from crm_assist.learning import FitError
from crm_assist.learning.dataset import TrainingSet
from crm_assist.runs.models import Run
from crm_assist.scorecards.models import CardEvent, CardVersion
from crm_assist.scoring.models import LatestScore
from crm_assist.types import Principal, Step
from tests.hosts.desk.models import Client
from tests.story import BOSS, NOW, fitted, open_bank

pytestmark = pytest.mark.django_db
LABEL = "desk.Client"
OPERATOR = Principal(key="op", name="Olga", permissions=frozenset({"manage_runs", "publish_card"}))


@pytest.fixture(autouse=True)
def small_chunks(monkeypatch: pytest.MonkeyPatch, settings: Any) -> None:
    settings.CRM_ASSIST = {**settings.CRM_ASSIST, "BATCH_ROWS": 3}
    monkeypatch.setattr(sweeping, "CHUNK", 3)


@pytest.fixture
def base() -> list[Client]:
    open_bank(LABEL, "score")
    return list(Client.objects.bulk_create(Client(name=f"C{n}", balance=n * 900) for n in range(10)))


def stop_after(steps: int, error: type[BaseException] = KeyboardInterrupt) -> Callable[[Step], None]:
    seen: list[Step] = []

    def watch(step: Step) -> None:
        seen.append(step)
        if len(seen) == steps:
            raise error("stopped")

    return watch


def asked(kind: str, about: str = "", **given: Any) -> int:
    [run_id] = flow.ask_runs(kind, about=about, now=NOW, **given)
    return run_id


def test_rescore__interrupted_after_each_chunk__scores_everybody_once(base: list[Client]) -> None:
    run_id = asked("rescore", LABEL)
    for done in (3, 6, 9):
        with pytest.raises(KeyboardInterrupt):
            flow.carry_on(run_id, watch=stop_after(1))
        assert Run.objects.get(pk=run_id).done == done
    view = flow.carry_on(run_id)
    assert (view.state, view.done, view.total, view.attempt, view.share) == ("done", 10, 10, 4, 1.0)
    stored = {row.key: row for row in LatestScore.objects.all()}
    for client in base:
        assert stored[client.pk].probability == pytest.approx(fitted().one({"balance": client.balance}), abs=1e-9)
    assert len({row.scored_at for row in stored.values()}) == 4  # by which attempt: each customer by one


def test_rescore__taken_over_in_the_middle__takes_its_chunk_back(base: list[Client]) -> None:
    run_id = asked("rescore", LABEL)

    def overtake(step: Step) -> None:
        Run.objects.filter(pk=run_id).update(attempt=9)

    view = flow.carry_on(run_id, watch=overtake)
    assert view.verdict.code == "taken_over"
    assert LatestScore.objects.count() == Run.objects.get(pk=run_id).done == 3


def test_sweep__interrupted_everywhere__handles_each_change_once(base: list[Client]) -> None:
    flow.carry_on(asked("rescore", LABEL))
    flow.carry_on(asked("sweep", LABEL))
    before = {row.key: row for row in LatestScore.objects.all()}
    changed, gone = base[1:10:2], base[0:10:4]
    Client.objects.filter(pk__in=[one.pk for one in changed]).update(balance=7777)
    for one in gone:
        Client.objects.filter(pk=one.pk)._raw_delete("default")
    run_id, stops = asked("sweep", LABEL), 0
    while True:
        try:
            view = flow.carry_on(run_id, watch=stop_after(1))
            break
        except KeyboardInterrupt:
            stops += 1
    assert stops >= 5
    assert (view.state, view.note, view.done) == ("done", "5 changed, 3 gone", 7)
    for row in LatestScore.objects.all():
        if row.key in {one.pk for one in changed}:
            assert row.probability == pytest.approx(fitted().one({"balance": 7777}), abs=1e-9)
        assert (row.scored_at > before[row.key].scored_at) is (row.probability != before[row.key].probability)
    assert LatestScore.objects.count() == 7
    assert Subject.objects.filter(gone_at__isnull=False).count() == 3


def test_sweep__chunk_that_fails__leaves_nothing_of_it(base: list[Client]) -> None:
    run_id = asked("sweep", LABEL)
    Client.objects.filter(pk=base[4].pk).update(balance=5)
    adapter = customers.adapter_for(LABEL)

    def refuse(step: Step) -> None:
        raise OperationalError("the database is away")

    with pytest.raises(OperationalError):
        list(flow.sweep(adapter, now=NOW, beat=refuse))
    assert not LatestScore.objects.exists()
    assert not Subject.objects.exclude(seen_hash="").exists()
    assert flow.carry_on(run_id).note == "10 changed, 0 gone"


def test_sweep__cursor_of_another_kind__is_refused(base: list[Client]) -> None:
    for cursor in ("no json", "[]", '{"part": "elsewhere"}', '{"seen": "many"}', '{"other": 1}'):
        with pytest.raises(ValueError, match="give the cursor of a step"):
            next(flow.sweep(customers.adapter_for(LABEL), now=NOW, after=cursor))


@pytest.fixture
def quick_fit(monkeypatch: pytest.MonkeyPatch) -> None:
    """A card without a past to learn from: what is tried here is the run, not the fit."""
    monkeypatch.setattr(works, "past_rows", lambda *args, **given: TrainingSet(X={}, y=[], at=[], keys=[]))
    monkeypatch.setattr(works, "fit_card", lambda rows, **given: fitted())


def test_refit__interrupted_before_publication__stores_its_card_once(base: list[Client], quick_fit: None) -> None:
    before = CardEvent.objects.count()
    run_id = asked("refit", "orders", options={"reason": "monthly"}, by="beat")
    for steps in (1, 2):
        with pytest.raises(KeyboardInterrupt):
            flow.carry_on(run_id, watch=stop_after(steps))
        assert CardVersion.objects.filter(target="orders").count() == 1
    note = flow.carry_on(run_id).note
    assert note == "kept version 1: the past of its features is not known; version 2 waits"
    roles = CardVersion.objects.filter(target="orders").order_by("version").values_list("version", "role")
    assert list(roles) == [(1, "champion"), (2, "challenger")]
    assert CardEvent.objects.count() == before + 1
    assert CardVersion.objects.get(target="orders", version=2).published_by == "beat"


def test_refit__interrupted_after_publication__is_over_and_publishes_no_more(
    base: list[Client], quick_fit: None
) -> None:
    run_id = asked("refit", "orders")
    with pytest.raises(KeyboardInterrupt):
        flow.carry_on(run_id, watch=stop_after(3))
    assert flow.carry_on(run_id).verdict.code == "over"
    assert CardVersion.objects.filter(target="orders").count() == 2


def test_refit__taken_over__publishes_nothing(base: list[Client], quick_fit: None) -> None:
    run_id = asked("refit", "orders")

    def overtake(step: Step) -> None:
        if step.done == 2:
            Run.objects.filter(pk=run_id).update(attempt=9)

    assert flow.carry_on(run_id, watch=overtake).verdict.code == "taken_over"
    assert CardVersion.objects.filter(target="orders").count() == 1


def test_refit__without_a_past__fails_and_says_why(base: list[Client]) -> None:
    run_id = asked("refit", "orders")
    with pytest.raises(FitError):
        flow.carry_on(run_id)
    run = Run.objects.get(pk=run_id)
    assert (run.state, bool(run.fault)) == ("failed", True)
    assert flow.carry_on(run_id).verdict.code == "over"


def test_carry_on__fault_of_the_code__keeps_no_words_that_may_name_a_customer(
    base: list[Client], monkeypatch: pytest.MonkeyPatch
) -> None:
    run_id = asked("rescore", LABEL)

    def odd(step: Step) -> None:
        raise ValueError("Anna Kovacs has an odd balance")

    with pytest.raises(ValueError, match="Anna"):
        flow.carry_on(run_id, watch=odd)
    fault = Run.objects.get(pk=run_id).fault
    assert fault.startswith("ValueError")
    assert "Anna" not in fault


@pytest.mark.parametrize("error", [OperationalError, SystemExit])
def test_carry_on__database_lost_or_process_ended__leaves_it_to_be_resumed(
    base: list[Client], error: type[BaseException]
) -> None:
    run_id = asked("rescore", LABEL)
    with pytest.raises(error):
        flow.carry_on(run_id, watch=stop_after(1, error))
    assert flow.stale_runs(now=NOW) == ((run_id, "rescore"),)
    assert flow.carry_on(run_id).state == "done"


def test_carry_on__time_limit_that_the_caller_names__leaves_it_to_be_resumed(base: list[Client]) -> None:
    class TooLong(Exception):
        pass

    run_id = asked("rescore", LABEL)
    with pytest.raises(TooLong):
        flow.carry_on(run_id, watch=stop_after(1, TooLong), pause_on=(TooLong,))
    assert flow.carry_on(run_id).state == "done"


def test_carry_on__while_somebody_works_on_it__is_busy(base: list[Client]) -> None:
    run_id = asked("rescore", LABEL)
    codes: list[str] = []
    flow.carry_on(run_id, watch=lambda step: codes.append(flow.carry_on(run_id).verdict.code))
    assert set(codes) == {"busy"}


def test_ask_runs__about_nothing__is_one_for_each_model_or_target(base: list[Client]) -> None:
    assert {Run.objects.get(pk=one).about for one in flow.ask_runs("sweep", now=NOW)} == set(customers.adapters())
    abouts = [Run.objects.get(pk=one).about for one in flow.ask_runs("refit", now=NOW)]
    assert abouts == ["orders", "wants_card", "wants_deposit"]
    assert len(flow.ask_runs("seal", now=NOW)) == 1


@pytest.mark.django_db(transaction=True)
def test_seal__as_a_run__seals_all_in_links_and_the_log_verifies(
    base: list[Client], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sealing.seal, "__kwdefaults__", {"limit": 2})
    run_id = asked("seal")
    with pytest.raises(KeyboardInterrupt):
        flow.carry_on(run_id, watch=stop_after(1))
    view = flow.carry_on(run_id)
    assert (view.state, view.verdict.open) == ("done", True)
    assert list(verify()) == []


@pytest.fixture
def old_decisions(base: list[Client], settings: Any) -> list[Any]:
    """Five decisions about a customer, a day apart, and retention of three days."""
    settings.CRM_ASSIST = {**settings.CRM_ASSIST, "RETENTION_DAYS": 3, "REUSE_SECONDS": 0}
    who = Principal(key="1", is_superuser=True)
    days = [NOW + timedelta(days=day) for day in range(5)]
    return [flow.record(who, LABEL, str(base[0].pk), now=day).decision_id for day in days]


@pytest.mark.django_db(transaction=True)
def test_retain__older_than_allowed__loses_the_payload_and_the_log_still_verifies(
    old_decisions: list[Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(expiry.empty_expired, "__kwdefaults__", {"after": None, "rows": 1})
    list(keeping.seal(now=NOW))
    now, run_id = NOW + timedelta(days=5, hours=1), asked("retain")
    with pytest.raises(KeyboardInterrupt):
        flow.carry_on(run_id, clock=lambda: now, watch=stop_after(1))
    view = flow.carry_on(run_id, clock=lambda: now)
    assert (view.state, view.done) == ("done", 3)
    assert view.note == "payloads from before 2026-06-03 emptied"
    assert [payload_of(one) is None for one in old_decisions] == [True, True, True, False, False]
    assert list(verify(kept_from=keeping.kept_from(now))) == []
    assert [one.faults for one in flow.verify_log(BOSS, now=now)] == [()]
    assert {fault.kind for one in flow.verify_log(BOSS, now=NOW) for fault in one.faults} == {"emptied"}
    assert flow.carry_on(asked("retain"), clock=lambda: now).done == 0


def test_retain__no_days_set__keeps_everything(old_decisions: list[Any], settings: Any) -> None:
    settings.CRM_ASSIST = {**settings.CRM_ASSIST, "RETENTION_DAYS": 0}
    assert list(flow.retain(now=NOW + timedelta(days=5000))) == []
