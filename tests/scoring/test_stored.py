"""The stored latest score: written once, left alone while equal, read in order whatever the host's key looks like."""

from __future__ import annotations

import uuid
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.db import IntegrityError, transaction
from pytest_django import DjangoAssertNumQueries

from crm_assist import customers
from crm_assist.customers.keys import BadKey
from crm_assist.customers.registration import registered
from crm_assist.scoring.models import LatestScore, LatestScoreByText, LatestScoreByUuid, ScoreScope
from crm_assist.scoring.ordered import by_stored
from crm_assist.scoring.stored import Scored, forget, joins, scope_of, stored_of, table_of, written
from crm_assist.scoring.upsert import store
from tests.hosts.desk.assist import DeskClient
from tests.hosts.desk.models import Client, FavouredClient
from tests.hosts.guild.models import Guild, Member
from tests.hosts.shapes.models import Person, Policy
from tests.scores import score_rows

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 3, 2, 8, 0, tzinfo=UTC)


def keep(
    keys: Iterable[Any],
    probability: float,
    *,
    label: str = "desk.Client",
    tenant: str = "",
    target: str = "orders",
    card: int = 1,
    now: datetime = NOW,
    later_stands: bool = False,
) -> None:
    adapter = customers.adapter_for(label)
    rows = [Scored(key=key, probability=probability) for key in keys]
    scope = scope_of(adapter, target=target, tenant=tenant)
    store(table_of(adapter), rows, scope=scope, card=card, now=now, later_stands=later_stands)


def first(queryset: Any, *, label: str, tenant: str = "", target: str = "orders") -> list[Any]:
    """Keys and stored scores, highest first."""
    adapter = customers.adapter_for(label)
    ordered = by_stored(queryset, adapter, target=target, tenant=tenant)
    return [(getattr(row, adapter.key_path), row.stored_score) for row in ordered]


def test_store__first_score__is_kept_with_its_card_and_moment() -> None:
    keep([1], 0.5)
    row = LatestScore.objects.get()
    assert (row.key, row.probability, row.card, row.scored_at) == (1, 0.5, 1, NOW)
    assert (row.scope.tenant, row.scope.model_label, row.scope.target) == ("", "desk.Client", "orders")
    assert str(row) == f"({row.scope_id}, 1): 0.500"
    assert str(row.scope) == " desk.Client orders"


@pytest.mark.parametrize(("probability", "card"), [(0.1, 1), (0.5, 2)])
def test_store__another_value_or_card__replaces_the_row(probability: float, card: int) -> None:
    later = NOW + timedelta(days=1)
    keep([1], 0.5)
    keep([1], probability, card=card, now=later)
    row = LatestScore.objects.get()
    assert (row.probability, row.card, row.scored_at) == (probability, card, later)


def test_store__equal_score__is_not_touched() -> None:
    keep([1], 0.5)
    keep([1], 0.5, now=NOW + timedelta(days=1))
    assert LatestScore.objects.get().scored_at == NOW


def test_store__two_targets_and_two_tenants__are_scores_of_their_own() -> None:
    keep([1], 0.5)
    keep([1], 0.1, target="wants_card")
    keep([1], 0.2, tenant="acme")
    assert set(LatestScore.objects.values_list("scope__target", "scope__tenant", "probability")) == {
        ("orders", "", 0.5),
        ("wants_card", "", 0.1),
        ("orders", "acme", 0.2),
    }


def test_scope_of__asked_twice__is_one() -> None:
    adapter = customers.adapter_for("desk.Client")
    assert scope_of(adapter, target="orders", tenant="") == scope_of(adapter, target="orders", tenant="")
    assert ScoreScope.objects.count() == 1


def test_store__many__takes_one_prepared_statement(django_assert_num_queries: DjangoAssertNumQueries) -> None:
    adapter = customers.adapter_for("desk.Client")
    scope = scope_of(adapter, target="orders", tenant="")
    rows = [Scored(key=key, probability=0.2) for key in range(40)]
    with django_assert_num_queries(1):
        store(LatestScore, rows, scope=scope, card=1, now=NOW)
    assert LatestScore.objects.count() == 40


def test_store__chunk_of_an_earlier_moment__lets_a_later_score_stand() -> None:
    keep([1], 0.5, now=NOW + timedelta(minutes=1), card=2)
    keep([1, 2], 0.9, now=NOW, later_stands=True)
    assert list(LatestScore.objects.order_by("key").values_list("key", "probability", "card")) == [
        (1, 0.5, 2),
        (2, 0.9, 1),
    ]


def test_store__nothing__writes_nothing(django_assert_num_queries: DjangoAssertNumQueries) -> None:
    with django_assert_num_queries(0):
        store(LatestScore, [], scope=1, card=1, now=NOW)


@pytest.mark.parametrize("probability", [-0.01, 1.01])
def test_store__no_probability__is_refused_by_the_database(probability: float) -> None:
    with pytest.raises(IntegrityError), transaction.atomic():
        keep([1], probability)


KINDS = {
    "desk.Client": (LatestScore, 7),
    "guild.Member": (LatestScoreByUuid, uuid.UUID(int=7)),
    "shapes.Policy": (LatestScoreByText, "P/7 é"),
    "shapes.Seat": (LatestScoreByText, '["A","7"]'),
}


@pytest.mark.parametrize("label", KINDS)
def test_table__each_kind_of_key__has_its_own_and_is_found_and_forgotten(label: str) -> None:
    table, key = KINDS[label]
    adapter = customers.adapter_for(label)
    keep([key], 0.4, label=label)
    keep([key], 0.5, label=label, target="wants_card")
    assert table_of(adapter) is table
    assert stored_of(adapter, written(adapter, str(key)), target="orders", tenant="").get().probability == 0.4
    assert not stored_of(adapter, written(adapter, str(key)), target="orders", tenant="acme").exists()
    assert forget(adapter, [str(key)], tenant="acme") == 0
    assert forget(adapter, [str(key), "erased:1"]) == 2
    assert not table._default_manager.exists()


def test_written_and_forget__text_that_is_no_key__refused_and_nothing_found() -> None:
    adapter = customers.adapter_for("desk.Client")
    for text in ("erased:1", str(2**63)):
        with pytest.raises(BadKey):
            written(adapter, text)
    assert forget(adapter, ["erased:1"]) == 0


def test_forget__key_of_another_model_in_the_same_table__stays() -> None:
    keep([1], 0.4)
    keep([1], 0.4, label="shapes.Person")
    forget(customers.adapter_for("desk.Client"), ["1"])
    assert (len(score_rows("desk.Client")), len(score_rows("shapes.Person"))) == (0, 1)


def test_joins__two_columns__do_not() -> None:
    assert not joins(customers.adapter_for("shapes.Seat"))
    assert all(joins(customers.adapter_for(label)) for label in ("desk.Client", "guild.Member", "shapes.Policy"))


def test_by_stored__whole_number_keys__highest_first_and_the_unscored_drop_out() -> None:
    pks = [Client.objects.create(name=name).pk for name in "abcd"]
    for pk, probability in zip(pks[:3], (0.2, 0.9, 0.5), strict=True):
        keep([pk], probability)
    assert first(Client.objects.all(), label="desk.Client") == [(pks[1], 0.9), (pks[2], 0.5), (pks[0], 0.2)]


def test_by_stored__equal_scores__are_ordered_by_key() -> None:
    pks = sorted(Client.objects.create(name="x").pk for _ in range(5))
    keep(reversed(pks), 0.5)
    assert [key for key, _ in first(Client.objects.all(), label="desk.Client")] == pks


def test_by_stored__filters_joins_slices_and_counts_of_the_host__still_work() -> None:
    pks = [Client.objects.create(name=name, branch=branch).pk for name, branch in ("an", "bs", "cn")]
    keep(pks, 0.5)
    north = Client.objects.filter(branch="n").select_related("owner")
    ordered = by_stored(north, customers.adapter_for(Client), target="orders", tenant="")
    assert (ordered.count(), [row.pk for row in ordered[:1]]) == (2, [pks[0]])
    assert not ordered.filter(stored_score__gt=0.5).exists()


def test_by_stored__uuid_keys_of_one_tenant__leave_the_others_out() -> None:
    guild = Guild.objects.create(code="acme")
    one, other = (Member.objects.create(guild=guild, name=name) for name in "ab")
    keep([one.pk], 0.4, label="guild.Member", tenant="acme")
    keep([other.pk], 0.9, label="guild.Member", tenant="zeta")
    found = first(Member.objects.all(), label="guild.Member", tenant="acme")
    assert found == [(uuid.UUID(str(one.pk)), 0.4)]


def test_by_stored__text_keys__join_on_the_text() -> None:
    Policy.objects.create(number="P-1")
    keep(["P-1"], 0.3, label="shapes.Policy")
    assert first(Policy.objects.all(), label="shapes.Policy") == [("P-1", 0.3)]


def test_by_stored__child_of_another_table__joins_by_the_parent_link() -> None:
    person = Person.objects.create(name="Rose", created=NOW)
    keep([person.pk], 0.3, label="shapes.Person")
    assert first(Person.objects.all(), label="shapes.Person") == [(person.pk, 0.3)]


class ByName(DeskClient):
    """Clients known by a field beside the primary key."""

    key_field = "name"


def test_by_stored__proxy_and_a_key_beside_the_primary_one__join_on_that_field() -> None:
    Client.objects.create(name="rose")
    with registered(Client, ByName):
        keep(["rose"], 0.3)
        assert first(FavouredClient.objects.all(), label="desk.Client") == [("rose", 0.3)]


def test_by_stored__other_target_or_model__is_not_mixed_in() -> None:
    pk = Client.objects.create(name="a").pk
    keep([pk], 0.4, target="wants_card")
    keep([pk], 0.4, label="shapes.Person")
    assert first(Client.objects.all(), label="desk.Client") == []
