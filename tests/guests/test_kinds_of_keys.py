"""Whatever the customer's key is, the record opens, is answered, listed, swept and told apart."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import pytest
from django.contrib.auth.models import User

from crm_assist import customers, flow
from crm_assist.customers import Subject
from crm_assist.types import Principal
from tests.hosts.desk.models import Client
from tests.hosts.guild.models import Guild, Member
from tests.hosts.shapes.models import Dossier, Person, Policy, Seat
from tests.scores import stored
from tests.story import NOW, open_bank

pytestmark = pytest.mark.django_db


@dataclass(frozen=True, kw_only=True)
class Shape:
    """How to make two customers of a host, and which column of ours holds the typed copy of their key."""

    label: str
    feature: str
    column: str
    make: Callable[[int], Any]
    tenant: str = ""


def a_member(number: int) -> Member:
    guild, _ = Guild.objects.get_or_create(code="bakers")
    return Member.objects.create(guild=guild, name=str(number))


def a_dossier(number: int) -> Dossier:
    return Dossier.objects.create(title=str(number))


SHAPES = {
    "integer": Shape(
        label="desk.Client",
        feature="balance",
        column="key_int",
        make=lambda n: Client.objects.create(name=str(n), balance=n),
    ),
    "uuid": Shape(label="guild.Member", feature="fee", column="key_uuid", make=a_member, tenant="bakers"),
    "multi_table_inheritance": Shape(
        label="shapes.Person",
        feature="remarks_90d",
        column="key_int",
        make=lambda n: Person.objects.create(name=str(n), created=NOW),
    ),
    "text": Shape(
        label="shapes.Policy",
        feature="premium",
        column="",
        make=lambda n: Policy.objects.create(number=f"P/{n} é%'\"&?#"),
    ),
    "two_columns": Shape(
        label="shapes.Seat", feature="price", column="", make=lambda n: Seat.objects.create(row="A", number=n)
    ),
    "field_beside_the_key": Shape(label="shapes.Dossier", feature="steps_90d", column="key_uuid", make=a_dossier),
}


@pytest.fixture(params=SHAPES)
def shape(request: pytest.FixtureRequest) -> Shape:
    shape = SHAPES[request.param]
    open_bank(shape.label, tenant=shape.tenant, feature=shape.feature)
    return shape


@pytest.fixture
def boss(shape: Shape) -> Principal:
    user = User.objects.create_superuser("boss")
    return Principal(key=str(user.pk), tenant=shape.tenant, is_superuser=True)


def test_record_and_answer__any_kind_of_key__reach_the_one_customer(shape: Shape, boss: Principal) -> None:
    one, two = shape.make(1), shape.make(2)
    keys = [customers.key_of(one), customers.key_of(two)]
    view = flow.record(boss, shape.label, keys[0], now=NOW)
    assert view.score is not None
    assert view.suggestions
    flow.respond(boss, view.suggestions[0].id, kind="accepted", request_key="k" * 16, now=NOW)
    other = flow.record(boss, shape.label, keys[1], now=NOW)
    assert not any(suggestion.answered_by_you for suggestion in other.suggestions)
    subjects = {subject.key: subject for subject in Subject.objects.filter(model_label=shape.label)}
    assert set(subjects) == set(keys)
    typed = {column: getattr(subjects[keys[0]], column) for column in ("key_int", "key_uuid")}
    assert {column for column, value in typed.items() if value is not None} == {shape.column} - {""}


def test_rescore_and_lists__any_kind_of_key__have_a_score_for_each(shape: Shape, boss: Principal) -> None:
    objs = [shape.make(number) for number in range(3)]
    keys = {customers.key_of(obj) for obj in objs}
    adapter = customers.adapter_for(shape.label)
    for _ in flow.rescore(adapter, now=NOW):
        pass
    assert set(stored(shape.label)) == keys
    assert set(flow.list_scores(boss, shape.label, keys, now=NOW)) == keys
    for live in (False, True):
        ordered = flow.order_by_score(boss, adapter.queryset(), live=live, now=NOW)
        assert ordered is not None
        assert {customers.key_of(obj) for obj in ordered} == keys


def test_live_order__agent_and_any_kind_of_key__scores_whom_the_agent_may_see(shape: Shape) -> None:
    for number in range(3):
        shape.make(number)
    adapter, agent = customers.adapter_for(shape.label), Principal(key="7", tenant=shape.tenant)
    seen = {customers.key_of(obj) for obj in customers.visible_to(agent, adapter)}
    ordered = flow.order_by_score(agent, adapter.queryset(), live=True, now=NOW)
    assert ordered is not None
    assert {customers.key_of(obj) for obj in ordered if obj.live_score is not None} == seen
    assert len(ordered) == 3


def test_sweep__any_kind_of_key__retires_the_deleted(shape: Shape, boss: Principal) -> None:
    objs = [shape.make(number) for number in range(2)]
    adapter = customers.adapter_for(shape.label)
    assert list(flow.sweep(adapter, now=NOW))[-1].note.startswith("2 changed")
    gone = customers.key_of(objs[0])
    adapter.model._base_manager.filter(pk=objs[0].pk).delete()
    assert list(flow.sweep(adapter, now=NOW))[-1].note.endswith("1 gone")
    assert gone not in stored(shape.label)
    assert len(stored(shape.label)) == 1
