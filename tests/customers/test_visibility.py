"""Who may see whom."""

from __future__ import annotations

from typing import Any

import pytest
from django.contrib.auth.models import User

from crm_assist import customers
from crm_assist.customers.registration import registered
from crm_assist.customers.visibility import chunks
from crm_assist.types import Principal
from tests.hosts.desk.models import Client
from tests.hosts.guild.models import Guild, Member, Profile

pytestmark = pytest.mark.django_db


@pytest.fixture
def ann() -> User:
    return User.objects.create_user("ann")


@pytest.fixture
def client_(ann: User) -> Client:
    return Client.objects.create(name="Rose", owner=ann)


def person(user: User, **values: Any) -> Principal:
    return Principal(key=str(user.pk), **values)


def test_resolve__own_customer__is_the_fresh_record(ann: User, client_: Client) -> None:
    Client.objects.update(name="Rosa")
    assert customers.resolve(person(ann), "desk.Client", str(client_.pk)).name == "Rosa"


def test_resolve__default_rule__shows_nothing_but_to_superusers(ann: User, client_: Client) -> None:
    with registered(Client, customers.CustomerAdapter):
        with pytest.raises(customers.CustomerNotFound):
            customers.resolve(person(ann), "desk.Client", str(client_.pk))
        assert customers.resolve(person(ann, is_superuser=True), "desk.Client", str(client_.pk)) == client_


def test_resolve__unknown_unreadable_invisible_trashed_and_other_model__tell_the_same(
    ann: User, client_: Client
) -> None:
    hidden = Client.objects.create(name="Not Ann's")
    trashed = Client.objects.create(name="Trash", owner=ann, is_deleted=True)
    asked = [
        ("desk.Client", str(hidden.pk)),
        ("desk.Client", str(trashed.pk)),
        ("desk.Client", "999999"),
        ("desk.Client", "no number"),
        ("desk.Client", ""),
        ("desk.Tag", "1"),
        ("nothing", "1"),
    ]
    told = set()
    for label, key in asked:
        with pytest.raises(customers.CustomerNotFound) as caught:
            customers.resolve(person(ann), label, key)
        told.add(str(caught.value))
    assert len(told) == 1


def test_resolve__nobody__finds_nothing_even_as_superuser(client_: Client) -> None:
    with pytest.raises(customers.CustomerNotFound):
        customers.resolve(Principal(key="", is_superuser=True), "desk.Client", str(client_.pk))


def test_resolve__rule_that_joins_many_rows__is_still_one_customer(ann: User) -> None:
    guild = Guild.objects.create(code="bakers")
    member = Member.objects.create(guild=guild, name="Max")
    member.carers.add(Profile.objects.create(user=ann, guild=guild))

    class Doubling(type(customers.adapter_for(Member))):  # type: ignore[misc]
        def visible(self, principal: Principal, queryset: Any) -> Any:
            return queryset.filter(guild__members__guild__code="bakers")

    Member.objects.create(guild=guild, name="Mia")
    with registered(Member, Doubling):
        found = customers.resolve(person(ann, tenant="bakers"), "guild.Member", str(member.pk))
    assert found == member


def test_resolve__another_tenant__finds_nothing_whoever_asks(ann: User) -> None:
    bakers, smiths = (Guild.objects.create(code=code) for code in ("bakers", "smiths"))
    profile = Profile.objects.create(user=ann, guild=bakers)
    own, other = (Member.objects.create(guild=guild, name="M") for guild in (bakers, smiths))
    own.carers.add(profile)
    other.carers.add(profile)
    for is_superuser in (False, True):
        asking = person(ann, tenant="bakers", is_superuser=is_superuser)
        assert customers.resolve(asking, "guild.Member", str(own.pk)) == own
        with pytest.raises(customers.CustomerNotFound):
            customers.resolve(asking, "guild.Member", str(other.pk))


def test_resolve__tenant_that_cannot_be_told__finds_nothing(ann: User, client_: Client) -> None:
    class Lost(type(customers.adapter_for(Client))):  # type: ignore[misc]
        def tenant(self, obj: Any) -> str:
            raise RuntimeError("no tenant")

    with registered(Client, Lost), pytest.raises(customers.CustomerNotFound):
        customers.resolve(person(ann), "desk.Client", str(client_.pk))


def test_load__keys_good_and_bad__gives_those_that_exist() -> None:
    made = [Client(name=str(number)) for number in range(1000)]
    Client.objects.bulk_create(made)
    wanted = [str(client.pk) for client in Client.objects.all()]
    found = customers.load(customers.adapter_for(Client), [*wanted, "x", "-5", "\x00"])
    assert set(found) == set(wanted)


def test_chunks__any_collection__is_cut_without_loss() -> None:
    assert [list(some) for some in chunks(range(5), 2)] == [[0, 1], [2, 3], [4]]
    assert list(chunks([], 2)) == []
