"""Subjects: one per customer, whatever happens at the same time and afterwards."""

from __future__ import annotations

import threading
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.db import connection

from crm_assist import customers
from crm_assist.customers import Subject

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 3, 1, tzinfo=UTC)
LABEL = "desk.Client"


def subject(key: str, *, label: str = LABEL, tenant: str = "") -> Subject:
    return customers.subject_for(model_label=label, key=key, tenant=tenant, now=NOW)


def merge(from_key: str, to_key: str, tenant: str = "") -> Subject:
    return customers.merge(model_label=LABEL, from_key=from_key, to_key=to_key, tenant=tenant, now=NOW)


def test_subject_for__first_time__makes_it_with_typed_keys() -> None:
    uuid = uuid4()
    made = subject("7")
    assert (made.key, made.key_int, made.key_uuid, made.created_at) == ("7", 7, None, NOW)
    assert subject(str(uuid), label="guild.Member", tenant="bakers").key_uuid == uuid
    assert subject("P-1", label="shapes.Policy").key_int is None


def test_subject_for__second_time__is_the_same_in_one_statement(django_assert_num_queries: Any) -> None:
    made = subject("7")
    with django_assert_num_queries(1):
        assert subject("7").pk == made.pk


def test_subject_for__same_key_elsewhere__is_another_customer() -> None:
    made = [subject("7"), subject("7", tenant="t"), subject("7", label="shapes.Person")]
    assert len({one.pk for one in made}) == 3


def test_subject_for__unreadable_key_or_unknown_model__makes_nothing() -> None:
    with pytest.raises(customers.BadKey):
        subject("seven")
    with pytest.raises(customers.NotRegistered):
        subject("7", label="desk.Tag")
    assert not Subject.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_subject_for__two_at_once__make_one_row() -> None:
    start = threading.Barrier(2)
    made: list[int] = []

    def make() -> None:
        try:
            start.wait()
            made.append(subject("7").pk)
        finally:
            connection.close()

    if connection.vendor == "sqlite":
        # One file in memory is one connection: the race is played by hand, between the read and the write.
        made = [subject("7").pk, subject("7").pk]
    else:
        threads = [threading.Thread(target=make) for _ in range(2)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    assert len(made) == 2
    assert len(set(made)) == Subject.objects.count() == 1


def test_merge__history_and_later_questions__follow_to_the_one_that_stays() -> None:
    loser, winner = subject("1"), subject("2")
    assert merge("1", "2").pk == winner.pk
    assert subject("1").pk == winner.pk
    assert customers.family(winner) == [winner.pk, loser.pk]
    loser.refresh_from_db()
    assert loser.gone_at == NOW
    assert list(Subject.objects.live()) == list(Subject.objects.resolved()) == [winner]


def test_merge__of_customers_never_seen__makes_both_rows() -> None:
    merge("1", "2")
    assert Subject.objects.count() == 2
    assert subject("1").key == "2"


def test_merge__chains__are_followed_to_the_end() -> None:
    for number in range(1, 5):
        merge(str(number), str(number + 1))
    assert subject("1").key == "5"
    assert len(customers.family(subject("5"))) == 5


def test_merge__told_twice__changes_nothing() -> None:
    merge("1", "2")
    before = list(Subject.objects.values().order_by("pk"))
    merge("1", "2")
    assert list(Subject.objects.values().order_by("pk")) == before


def test_merge__into_itself_or_in_a_circle__is_refused_and_changes_nothing() -> None:
    merge("1", "2")
    merge("2", "3")
    for pair in [("3", "3"), ("3", "1"), ("3", "2")]:
        with pytest.raises(customers.MergeRefused):
            merge(*pair)
    assert subject("1").key == "3"


def test_end_of__circle_made_by_hand__is_refused_instead_of_running_for_ever() -> None:
    one, two = subject("1"), subject("2")
    Subject.objects.filter(pk=one.pk).update(merged_into=two)
    Subject.objects.filter(pk=two.pk).update(merged_into=one)
    with pytest.raises(customers.MergeRefused, match="circle"):
        subject("1")


def test_merge__in_another_tenant__touches_nothing_here() -> None:
    here = subject("1")
    merge("1", "2", tenant="t")
    here.refresh_from_db()
    assert here.merged_into_id is None


def test_erase__customer_and_those_merged_into_it__are_nameless_but_kept() -> None:
    merge("1", "2")
    Subject.objects.update(seen_hash="x" * 64)
    ids = customers.erase(model_label=LABEL, key="2", now=NOW)
    rows = Subject.objects.filter(pk__in=ids)
    assert len(rows) == 2
    for row in rows:
        assert row.key.startswith("erased:")
        assert len(row.key) == 39
        assert (row.key_int, row.key_uuid, row.seen_hash, row.erased_at) == (None, None, "", NOW)
    assert not Subject.objects.live().exists()


def test_erase__customer_who_comes_back__is_a_stranger() -> None:
    old = subject("1")
    customers.erase(model_label=LABEL, key="1", now=NOW)
    assert subject("1").pk != old.pk


def test_erase__unknown_or_another_tenants__is_nothing() -> None:
    subject("1", tenant="t")
    assert customers.erase(model_label=LABEL, key="2", now=NOW) == []
    assert customers.erase(model_label=LABEL, key="1", now=NOW, tenant="other") == []
    assert len(customers.erase(model_label=LABEL, key="1", now=NOW)) == 1


def test_mark_gone_and_back__live_subjects__leave_and_return() -> None:
    for number in range(3):
        subject(str(number))
    assert customers.mark_gone(model_label=LABEL, keys=["0", "1", "9"], now=NOW) == 2
    assert customers.mark_gone(model_label=LABEL, keys=["0"], now=NOW + timedelta(days=1)) == 0
    assert [one.key for one in Subject.objects.live()] == ["2"]
    assert customers.mark_back(model_label=LABEL, keys=["0", "2"]) == 1
    assert Subject.objects.live().count() == 2


def test_mark_back__merged_and_erased__stay_away() -> None:
    merge("1", "2")
    assert customers.mark_back(model_label=LABEL, keys=["1", "2"]) == 0
