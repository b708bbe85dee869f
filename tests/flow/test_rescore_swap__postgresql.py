"""The exchange of the table of scores under life: what others write, delete and read meanwhile."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any

import pytest
from django.db import OperationalError, connection, connections, transaction

from crm_assist import customers, flow
from crm_assist.customers.models import Subject
from crm_assist.flow import rescore_swap
from crm_assist.learning.models import Target
from crm_assist.scoring import exchange
from crm_assist.scoring.exchange_indexes import build, indexes
from crm_assist.scoring.models import LatestScore, ScoreScope
from tests.flow.exchanging import LABEL, LATER, TABLE, by_card, elsewhere, leftovers, sql, swapping
from tests.hosts.desk.models import Client
from tests.scores import score_rows, stored
from tests.story import BOSS, NOW, fitted

pytestmark = pytest.mark.django_db(transaction=True)


def test_swap__whole_base_twice__holds_every_score_and_leaves_nothing_behind(exchanged: list[Client]) -> None:
    for _ in range(2):
        steps = list(swapping())
        assert [(step.done, step.note) for step in steps] == [(6, ""), (10, ""), (10, "exchanged")]
        assert stored() == pytest.approx(by_card(exchanged), abs=1e-9)
        assert leftovers() == []


def test_swap__names_grants_options_and_comment__are_those_of_the_old_table(exchanged: list[Client]) -> None:
    sql(f'GRANT SELECT ON "{TABLE}" TO PUBLIC')
    sql(f'GRANT SELECT (probability) ON "{TABLE}" TO pg_monitor')
    sql(f'ALTER TABLE "{TABLE}" SET (fillfactor = 90)')
    sql(f'CREATE INDEX host_made ON "{TABLE}" (scored_at)')
    facts = (
        "SELECT (SELECT array_agg(indexdef ORDER BY indexname) FROM pg_indexes WHERE tablename = %s), "
        "(SELECT array_agg(conname || pg_get_constraintdef(oid) ORDER BY conname) FROM pg_constraint "
        " WHERE conrelid = to_regclass(%s)), "
        "(SELECT relacl::text || relowner::text || reloptions::text FROM pg_class WHERE oid = to_regclass(%s)), "
        "(SELECT array_agg(attname || attnotnull || coalesce(attacl::text, '') ORDER BY attnum) FROM pg_attribute "
        " WHERE attrelid = to_regclass(%s) AND attnum > 0), obj_description(to_regclass(%s))"
    )
    try:
        before = sql(facts, *[TABLE] * 5)
        list(swapping())
        assert sql(facts, *[TABLE] * 5) == before
    finally:
        sql("DROP INDEX host_made")
        sql(f'REVOKE ALL ON "{TABLE}" FROM PUBLIC')
        sql(f'REVOKE ALL (probability) ON "{TABLE}" FROM pg_monitor')
        sql(f'ALTER TABLE "{TABLE}" RESET (fillfactor)')


def test_swap__score_written_meanwhile__stands_even_when_its_clock_is_behind(exchanged: list[Client]) -> None:
    list(swapping())
    steps = swapping()
    next(steps)
    Client.objects.filter(pk=exchanged[0].pk).update(balance=8888)
    elsewhere(lambda: flow.customer_changed(LABEL, [str(exchanged[0].pk)], now=NOW - timedelta(hours=3)))
    list(steps)
    assert stored()[str(exchanged[0].pk)] == pytest.approx(fitted().one({"balance": 8888}), abs=1e-9)


@pytest.mark.parametrize("is_known", [True, False])
def test_swap__customers_gone_merged_and_erased_meanwhile__do_not_come_back(
    exchanged: list[Client], is_known: bool
) -> None:
    list(swapping())
    if is_known:
        for client in exchanged[:6]:
            customers.subject_for(model_label=LABEL, key=str(client.pk), tenant="", now=NOW)
    steps = swapping()
    next(steps)
    past = NOW - timedelta(days=2)
    gone, loser, erased = exchanged[0], exchanged[1], exchanged[2]
    Client.objects.filter(pk__in=[gone.pk, erased.pk])._raw_delete("default")
    flow.customers_gone(LABEL, keys=[str(gone.pk)], now=past)
    flow.customers_merged(LABEL, from_key=str(loser.pk), to_key=str(exchanged[3].pk), now=past)
    flow.customer_erased(LABEL, key=str(erased.pk), now=past)
    list(steps)
    assert set(stored()) == {str(client.pk) for client in exchanged[3:]}
    assert not Subject.objects.filter(key=str(gone.pk)).exists() or is_known  # nobody is kept who was not met
    list(swapping())
    before = Subject.objects.count()
    flow.customers_gone(LABEL, keys=["77"], now=past)
    assert Subject.objects.count() == before  # and nothing where no table is exchanged


def test_swap__everybody_elses_scores__are_kept_with_what_was_written_and_erased_meanwhile(
    exchanged: list[Client],
) -> None:
    other = ScoreScope.objects.create(model_label="shapes.Person", target="orders")
    for key in range(4):
        LatestScore.objects.create(scope=other, key=key, card=1, probability=0.25, scored_at=NOW)
    steps = swapping()
    next(steps)
    LatestScore.objects.filter(scope=other, key=1).update(probability=0.75)
    next(steps)
    LatestScore.objects.create(scope=other, key=9, card=1, probability=0.5, scored_at=NOW - timedelta(days=9))
    list(steps)
    kept = dict(score_rows("shapes.Person").values_list("key", "probability"))
    assert kept == {0: 0.25, 1: 0.75, 2: 0.25, 3: 0.25, 9: 0.5}
    assert len(stored()) == 10


def test_swap__given_up_half_way__leaves_the_old_scores_in_force_and_the_next_run_clears(
    exchanged: list[Client],
) -> None:
    list(swapping())
    before = stored()
    Client.objects.update(balance=1)
    steps = swapping()
    next(steps)
    steps.close()  # type: ignore[attr-defined]
    assert stored() == before
    assert len(leftovers()) == 1
    list(swapping())
    assert set(stored().values()) == {fitted().one({"balance": 1})}
    assert leftovers() == []


def test_swap__stopped_just_before_the_exchange__goes_on_from_its_cursor(
    exchanged: list[Client], monkeypatch: pytest.MonkeyPatch
) -> None:
    def fails(*args: Any, **options: Any) -> None:
        raise KeyboardInterrupt

    steps, told = swapping(), []
    with monkeypatch.context() as patched:
        patched.setattr(rescore_swap.exchange, "swap", fails)
        told += [next(steps), next(steps)]
        with pytest.raises(KeyboardInterrupt):
            next(steps)
    assert stored() == {}
    assert [step.note for step in swapping(after=told[-1].cursor)] == ["exchanged"]
    assert stored() == pytest.approx(by_card(exchanged), abs=1e-9)


def test_swap__cursor_of_a_table_that_is_no_more__begins_anew(exchanged: list[Client]) -> None:
    steps = swapping()
    cursor = next(steps).cursor
    steps.close()  # type: ignore[attr-defined]
    (name,) = leftovers()
    sql(f'DROP TABLE "{name}"')
    assert list(swapping(after=cursor))[-1].done == 10
    assert stored() == pytest.approx(by_card(exchanged), abs=1e-9)


def test_swap__reader_who_takes_long__is_waited_for_and_not_disturbed(exchanged: list[Client]) -> None:
    list(swapping())
    steps = swapping()
    next(steps)
    next(steps)
    with ThreadPoolExecutor(1) as pool, transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(f'SELECT count(*) FROM "{TABLE}"')
        finishing = pool.submit(_finish, steps)
        with pytest.raises(TimeoutError):
            finishing.result(timeout=1.5)
        cursor.execute(f'SELECT count(*) FROM "{TABLE}"')
        assert cursor.fetchone() == (10,)
        cursor.execute("COMMIT")
        cursor.execute("BEGIN")
        finishing.result(timeout=20)
    assert stored() == pytest.approx(by_card(exchanged), abs=1e-9)


def _finish(steps: Iterator[Any]) -> None:
    try:
        list(steps)
    finally:
        connections.close_all()


def test_swap__somebody_in_the_way_for_good__gives_up_and_changes_nothing(
    exchanged: list[Client], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(rescore_swap, "TRIES", 2)
    steps = swapping()
    next(steps)
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(f'LOCK TABLE "{TABLE}" IN ROW EXCLUSIVE MODE')
        with pytest.raises(OperationalError, match="lock timeout"):
            elsewhere(lambda: list(swapping()))
    assert stored() == {}
    steps.close()  # type: ignore[attr-defined]


def test_swap__writer_who_waits_for_the_lock__writes_into_the_new_table(exchanged: list[Client]) -> None:
    list(swapping())
    adapter = customers.adapter_for(LABEL)
    Client.objects.filter(pk=exchanged[5].pk).update(balance=7777)
    steps = swapping()
    next(steps)

    def beat_of_the_exchange(step: Any) -> None:
        """Inside the exchange's own transaction, when the table is renamed already: let the writer begin to wait."""
        if step.note == "exchanged":
            waiting.append(pool.submit(_change, exchanged[5].pk))
            with pytest.raises(TimeoutError):
                waiting[0].result(timeout=0.5)

    waiting: list[Any] = []
    steps.close()  # type: ignore[attr-defined]
    with ThreadPoolExecutor(1) as pool:
        list(flow.rescore(adapter, now=NOW, way="swap", beat=beat_of_the_exchange))
        assert waiting[0].result(timeout=20) == 1
    row = LatestScore.objects.get(key=exchanged[5].pk)
    assert row.probability == pytest.approx(fitted().one({"balance": 5555}), abs=1e-9)


def _change(pk: int) -> int:
    try:
        Client.objects.filter(pk=pk).update(balance=5555)
        return flow.customer_changed(LABEL, [str(pk)], now=LATER)
    finally:
        connections.close_all()


def test_swap__new_card_in_force__is_named_by_every_row(exchanged: list[Client]) -> None:
    list(swapping())
    flow.publish_card(BOSS, Target.objects.get(name="orders"), fitted("balance"), reason="again", now=LATER)
    list(swapping())
    assert len(set(LatestScore.objects.values_list("card", flat=True))) == 1
    assert Subject.objects.count() == 0


@pytest.mark.parametrize(("allowed", "taken"), [("256MB", "8MB"), ("2MB", "2MB")])
def test_build__an_index__is_sorted_in_small_parts_and_never_in_more_than_the_server_allows(
    exchanged: list[Client], allowed: str, taken: str
) -> None:
    with transaction.atomic(), connection.cursor() as cursor:
        made = exchange.begin(cursor, LatestScore, LABEL)
        cursor.execute(f"SET LOCAL maintenance_work_mem = '{allowed}'")
        build(cursor, table=made.name, index=indexes(made.old, "default")[0])
        assert sql("SHOW maintenance_work_mem") == [(taken,)]


def test_write__inside_a_transaction_of_the_host__leaves_its_planner_as_it_was(exchanged: list[Client]) -> None:
    with transaction.atomic():
        sql("SET LOCAL jit = on")
        sql("SET LOCAL enable_hashagg = on")
        list(flow.rescore(customers.adapter_for(LABEL), now=NOW, way="in_place"))
        assert [sql("SHOW jit"), sql("SHOW enable_hashagg")] == [[("on",)], [("on",)]]
        sql("SET LOCAL enable_hashagg = off")
        list(flow.rescore(customers.adapter_for(LABEL), now=NOW, way="in_place"))
        assert sql("SHOW enable_hashagg") == [("off",)]
