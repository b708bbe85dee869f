"""The ways of a batch: whichever is gone, scores are those of the row execution, and a chunk is safe or not there."""

from __future__ import annotations

from datetime import UTC, timedelta
from typing import Any

import pytest
from django.db import DatabaseError
from pytest_django import DjangoAssertNumQueries

from crm_assist import customers, flow
from crm_assist.customers.models import Subject
from crm_assist.customers.registration import registered
from crm_assist.flow import rescore_ways
from crm_assist.scoring.models import LatestScore
from crm_assist.signals import customer_scored
from crm_assist.types import Step
from tests.flow.batches import LABEL, WAYS, Full, a_card, clients, expected, run
from tests.hosts.desk.models import Client
from tests.scores import stored
from tests.story import NOW

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("way", WAYS)
def test_rescore__every_feature_and_way__equals_the_row_execution(full: Any, way: str) -> None:
    clients()
    run(full, way=way)
    assert stored() == pytest.approx(expected(full, a_card()), abs=1e-9)


@pytest.mark.parametrize("way", WAYS)
def test_rescore__in_small_chunks__equals_the_whole(full: Any, way: str, monkeypatch: pytest.MonkeyPatch) -> None:
    clients()
    for place in (
        "rescore_ways.SQL_CHUNK",
        "rescore_swap.SWAP_CHUNK",
        "rescore_swap.SUMMED_CHUNK",
        "rescore_ways.PAGE",
    ):
        monkeypatch.setattr(f"crm_assist.flow.{place}", 2)
    steps = run(full, way=way)
    assert [step.done for step in steps if not step.note] == [2, 4, 6, 7]
    assert {step.total for step in steps} == {7}
    assert stored() == pytest.approx(expected(full, a_card()), abs=1e-9)


@pytest.mark.parametrize("way", ["in_place", "numpy"])
def test_rescore__some_keys__scores_those_and_makes_their_subjects(full: Any, way: str) -> None:
    made = clients()
    keys = [str(client.pk) for client in made[:3]]
    assert run(full, way=way, keys=keys)[-1].done == 3
    assert stored() == pytest.approx({k: v for k, v in expected(full, a_card()).items() if k in keys}, abs=1e-9)
    assert set(Subject.objects.values_list("key", flat=True)) == set(keys)


@pytest.mark.parametrize("way", WAYS)
def test_rescore__interrupted__goes_on_from_the_cursor(full: Any, way: str, monkeypatch: pytest.MonkeyPatch) -> None:
    clients()
    for place in (
        "rescore_ways.SQL_CHUNK",
        "rescore_swap.SWAP_CHUNK",
        "rescore_swap.SUMMED_CHUNK",
        "rescore_ways.PAGE",
    ):
        monkeypatch.setattr(f"crm_assist.flow.{place}", 3)
    first = flow.rescore(full, now=NOW, way=way)
    cursor = next(first).cursor
    next(first)  # a chunk that nobody heard of any more
    first.close()
    rest = run(full, way=way, after=cursor)
    assert [step.done for step in rest if not step.note] == [6, 7]
    assert stored() == pytest.approx(expected(full, a_card()), abs=1e-9)
    if way == "swap":
        assert run(full, way=way, after=rest[-1].cursor) == []


@pytest.mark.parametrize("way", WAYS)
def test_rescore__beat_that_fails__takes_its_chunk_back(full: Any, way: str, monkeypatch: pytest.MonkeyPatch) -> None:
    clients()
    beats: list[Step] = []

    def beat(step: Step) -> None:
        beats.append(step)
        raise DatabaseError("the run is no longer ours")

    with pytest.raises(DatabaseError, match="no longer ours"):
        run(full, way=way, beat=beat)
    assert len(beats) == 1
    assert stored() == {}


@pytest.mark.parametrize("way", ["in_place", "numpy"])
def test_rescore__score_of_a_change_during_the_batch__stands(full: Any, way: str) -> None:
    made = clients()
    flow.customer_changed(LABEL, [str(made[0].pk)], now=NOW + timedelta(seconds=1))
    before = stored()[str(made[0].pk)]
    Client.objects.filter(pk=made[0].pk).update(balance=12_345)  # what the chunk read, say, before the change
    run(full, way=way)
    assert stored()[str(made[0].pk)] == before
    assert len(stored()) == 7


@pytest.mark.parametrize("way", WAYS)
def test_rescore__merged_customer_that_the_host_still_has__is_left_out(full: Any, way: str) -> None:
    made = clients()
    customers.merge(model_label=LABEL, from_key=str(made[0].pk), to_key=str(made[1].pk), tenant="", now=NOW)
    run(full, way=way)
    assert set(stored()) == {str(client.pk) for client in made[1:]}


@pytest.mark.parametrize("way", WAYS)
def test_rescore__listener__is_told_of_each_customer(
    full: Any, way: str, django_capture_on_commit_callbacks: Any
) -> None:
    if way == "swap":
        way = "auto"
    made, heard = clients(), []

    def listen(sender: Any, **told: Any) -> None:
        heard.append((told["key"], told["probability"], told["target"], told["at"]))

    customer_scored.connect(listen)
    try:
        with django_capture_on_commit_callbacks(execute=True):
            run(full, way=way)
    finally:
        customer_scored.disconnect(listen)
    assert heard == [(str(client.pk), stored()[str(client.pk)], "orders", NOW) for client in made]


class Doubled(Full):
    """A host whose own joins give a customer twice."""

    def queryset(self) -> Any:
        return Client.objects.filter(contacts__minutes__gt=0)


@pytest.mark.parametrize("way", WAYS)
def test_rescore__host_that_repeats_customers__scores_each_once(full: Any, way: str) -> None:
    clients()
    with registered(Client, Doubled) as adapter:
        assert [step.done for step in run(adapter, way=way)][-1] == 3
    assert len(stored()) == 3


@pytest.mark.parametrize("way", WAYS)
def test_rescore__nobody__is_nothing(full: Any, way: str) -> None:
    assert [step for step in run(full, way=way) if not step.note] == []
    assert stored() == {}


def test_rescore__whole_base__takes_a_handful_of_statements(
    full: Any, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    Client.objects.bulk_create([Client(name=str(n), balance=n) for n in range(300)])
    with django_assert_max_num_queries(25):
        run(full, way="in_place")
    assert rescore_ways.SQL_CHUNK >= 300
    assert LatestScore.objects.filter(scored_at=NOW.astimezone(UTC)).count() == 300
