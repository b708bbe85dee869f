"""The stored latest score: kept with the one before, read in order whatever the host's key looks like."""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.db import IntegrityError, models, transaction
from pytest_django import DjangoAssertNumQueries

from crm_assist.customers.keys import typed, typed_column
from crm_assist.customers.models import Subject
from crm_assist.scoring.models import LatestScore
from crm_assist.scoring.stored import Scored, by_stored, store
from tests.hosts.desk.models import Client, FavouredClient
from tests.hosts.guild.models import Guild, Member
from tests.hosts.shapes.models import Person, Policy

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 3, 2, 8, 0, tzinfo=UTC)


def scored(keys: Iterable[Any], probability: float, *, label: str = "desk.Client", tenant: str = "") -> list[Scored]:
    rows = []
    for key in keys:
        subject, _ = Subject.objects.get_or_create(
            model_label=label, key=str(key), tenant=tenant, defaults={"created_at": NOW, **typed(key)}
        )
        rows.append(
            Scored(
                subject_id=subject.pk,
                tenant=tenant,
                model_label=label,
                key=str(key),
                probability=probability,
                **typed(key),
            )
        )
    return rows


def keep(rows: Sequence[Scored], *, target: str = "orders", version: int = 1, now: datetime = NOW) -> None:
    store(rows, target=target, card="abc", version=version, base=0.2, now=now)


def first(queryset: Any, field: Any, *, label: str, tenant: str = "", target: str = "orders") -> list[Any]:
    """Keys and stored scores, highest first."""
    ordered = by_stored(
        queryset, target=target, model_label=label, field=field, copy=typed_column(field), tenant=tenant
    )
    return [(getattr(row, field.attname), row.stored_score) for row in ordered]


def test_store__first_score__has_none_before_it() -> None:
    keep(scored([1], 0.5))
    row = LatestScore.objects.get()
    assert (row.probability, row.previous, row.band, row.card, row.version) == (0.5, None, "high", "abc", 1)
    assert (row.key, row.key_int, row.key_uuid, row.scored_at) == ("1", 1, None, NOW)


def test_store__again__keeps_the_one_before() -> None:
    keep(scored([1], 0.5))
    keep(scored([1], 0.1), version=2, now=NOW + timedelta(days=1))
    row = LatestScore.objects.get()
    assert (row.probability, row.previous, row.band, row.version) == (0.1, 0.5, "low", 2)
    assert row.scored_at == NOW + timedelta(days=1)


def test_store__two_targets__are_two_scores() -> None:
    keep(scored([1], 0.5))
    keep(scored([1], 0.1), target="wants_card")
    assert set(LatestScore.objects.values_list("target", "probability", "previous")) == {
        ("orders", 0.5, None),
        ("wants_card", 0.1, None),
    }


def test_store__many__takes_one_prepared_statement(django_assert_num_queries: DjangoAssertNumQueries) -> None:
    rows = scored(range(40), 0.2)
    with django_assert_num_queries(1):
        keep(rows)
    assert LatestScore.objects.count() == 40


def test_store__nothing__writes_nothing(django_assert_num_queries: DjangoAssertNumQueries) -> None:
    with django_assert_num_queries(0):
        keep([])


@pytest.mark.parametrize("probability", [-0.01, 1.01])
def test_store__no_probability__is_refused_by_the_database(probability: float) -> None:
    with pytest.raises(IntegrityError), transaction.atomic():
        keep(scored([1], probability))


def test_by_stored__whole_number_keys__highest_first_and_the_unscored_drop_out() -> None:
    pks = [Client.objects.create(name=name).pk for name in "abcd"]
    for pk, probability in zip(pks[:3], (0.2, 0.9, 0.5), strict=True):
        keep(scored([pk], probability))
    field = Client._meta.pk
    assert first(Client.objects.all(), field, label="desk.Client") == [(pks[1], 0.9), (pks[2], 0.5), (pks[0], 0.2)]


def test_by_stored__equal_scores__are_ordered_by_key() -> None:
    pks = sorted(Client.objects.create(name="x").pk for _ in range(5))
    keep(scored(reversed(pks), 0.5))
    assert [key for key, _ in first(Client.objects.all(), Client._meta.pk, label="desk.Client")] == pks


def test_by_stored__filters_joins_slices_and_counts_of_the_host__still_work() -> None:
    pks = [Client.objects.create(name=name, branch=branch).pk for name, branch in ("an", "bs", "cn")]
    keep(scored(pks, 0.5))
    north = Client.objects.filter(branch="n").select_related("owner")
    field = Client._meta.pk
    ordered = by_stored(north, target="orders", model_label="desk.Client", field=field, copy="key_int", tenant="")
    assert (ordered.count(), [row.pk for row in ordered[:1]]) == (2, [pks[0]])
    assert not ordered.filter(stored_score__gt=0.5).exists()


def test_by_stored__uuid_keys_of_one_tenant__leave_the_others_out() -> None:
    guild = Guild.objects.create(code="acme")
    one, other = (Member.objects.create(guild=guild, name=name) for name in "ab")
    keep(scored([one.pk], 0.4, label="guild.Member", tenant="acme"))
    keep(scored([other.pk], 0.9, label="guild.Member", tenant="zeta"))
    found = first(Member.objects.all(), Member._meta.pk, label="guild.Member", tenant="acme")
    assert found == [(uuid.UUID(str(one.pk)), 0.4)]


def test_by_stored__text_keys__join_on_the_text() -> None:
    Policy.objects.create(number="P-1")
    keep(scored(["P-1"], 0.3, label="shapes.Policy"))
    assert first(Policy.objects.all(), Policy._meta.pk, label="shapes.Policy") == [("P-1", 0.3)]


def test_by_stored__child_of_another_table__joins_by_the_parent_link() -> None:
    person = Person.objects.create(name="Rose", created=NOW)
    keep(scored([person.pk], 0.3, label="shapes.Person"))
    ordered = by_stored(
        Person.objects.all(),
        target="orders",
        model_label="shapes.Person",
        field=Person._meta.get_field("id"),
        copy="key_int",
        tenant="",
    )
    assert [(row.pk, row.stored_score) for row in ordered] == [(person.pk, 0.3)]


def test_by_stored__proxy_and_a_key_beside_the_primary_one__join_on_that_field() -> None:
    Client.objects.create(name="rose")
    keep(scored(["rose"], 0.3))
    field: models.Field[Any, Any] = Client._meta.get_field("name")  # type: ignore[assignment]
    ordered = by_stored(
        FavouredClient.objects.all(), target="orders", model_label="desk.Client", field=field, copy="key", tenant=""
    )
    assert [(row.name, row.stored_score) for row in ordered] == [("rose", 0.3)]


def test_by_stored__other_target_or_model__is_not_mixed_in() -> None:
    pk = Client.objects.create(name="a").pk
    keep(scored([pk], 0.4), target="wants_card")
    keep(scored([pk], 0.4, label="desk.Order"))
    assert first(Client.objects.all(), Client._meta.pk, label="desk.Client") == []
