"""The kit that hosts run against their own adapters, run against ours."""

from __future__ import annotations

from uuid import uuid4

import pytest
from django.contrib.auth.models import User
from django.utils import timezone

from crm_assist.rollout.admission import admission
from crm_assist.rollout.models import TeamPhase
from crm_assist.testing import HostContract, override_phase
from crm_assist.types import Phase, Principal
from tests.hosts.desk.models import Client
from tests.hosts.guild.models import Guild, Member, Profile
from tests.hosts.shapes.models import Dossier, Person, Policy, Seat, Step
from tests.story import NOW, open_phase

pytestmark = pytest.mark.django_db


def a_user() -> User:
    return User.objects.create_user(uuid4().hex)


class TestDesk(HostContract):
    label = "desk.Client"

    def make(self, tenant: str = "") -> Client:
        return Client.objects.create(name="Rose", owner=a_user(), birth_date=NOW.date(), since=NOW, balance=5)

    def seer_of(self, obj: Client) -> Principal:
        return Principal(key=str(obj.owner_id))

    def change_in_bulk(self, obj: Client) -> None:
        Client.objects.filter(pk=obj.pk).update(balance=6)


class TestGuild(HostContract):
    label = "guild.Member"

    def make(self, tenant: str = "bakers") -> Member:
        guild, _ = Guild.objects.get_or_create(code=tenant)
        member = Member.objects.create(guild=guild, name="Max")
        member.carers.add(Profile.objects.create(user=a_user(), guild=guild))
        return member

    def seer_of(self, obj: Member) -> Principal:
        return Principal(key=str(obj.carers.get().user_id), tenant=obj.guild.code)

    def change_in_bulk(self, obj: Member) -> None:
        Member.objects.filter(pk=obj.pk).update(fee=6)


class AnyShape(HostContract):
    def seer_of(self, obj: object) -> Principal:
        return Principal(key="1")


class TestPerson(AnyShape):
    label = "shapes.Person"

    def make(self, tenant: str = "") -> Person:
        return Person.objects.create(name="Ada", created=NOW)

    def change_in_bulk(self, obj: Person) -> None:
        obj.remarks.bulk_create([obj.remarks.model(entity=obj, at=obj.created)])
        Person.objects.filter(pk=obj.pk).update(created=NOW.replace(year=2020))


class TestPolicy(AnyShape):
    label = "shapes.Policy"

    def make(self, tenant: str = "") -> Policy:
        return Policy.objects.create(number=f"P/{uuid4().hex}")

    def change_in_bulk(self, obj: Policy) -> None:
        Policy.objects.filter(pk=obj.pk).update(premium=9)


class TestSeat(AnyShape):
    label = "shapes.Seat"

    def make(self, tenant: str = "") -> Seat:
        return Seat.objects.create(row="A", number=Seat.objects.count())

    def change_in_bulk(self, obj: Seat) -> None:
        Seat.objects.filter(pk=obj.pk).update(price=9)


class TestDossier(AnyShape):
    label = "shapes.Dossier"

    def make(self, tenant: str = "") -> Dossier:
        return Dossier.objects.create()

    def change_in_bulk(self, obj: Dossier) -> None:
        Step.objects.bulk_create([Step(dossier=obj, at=timezone.now())])


def phase() -> Phase:
    return admission(Principal(key="1"))[0].phase


def test_override_phase__for_a_block__gives_back_what_was() -> None:
    with override_phase("recommend"):
        assert phase() is Phase.RECOMMEND
        with override_phase(Phase.SCORE):
            assert phase() is Phase.SCORE
        assert phase() is Phase.RECOMMEND
    assert not TeamPhase.objects.exists()
    open_phase("shadow")
    with override_phase("recommend"):
        assert phase() is Phase.RECOMMEND
    assert phase() is Phase.SHADOW
