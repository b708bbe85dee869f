"""Outcomes over the wire: late, twice, corrected, many; only of one's own tenant, only with the right."""

from __future__ import annotations

from typing import Any

import pytest
from django.contrib.auth.models import User
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from crm_assist.customers.models import Subject
from crm_assist.decisions.models import Outcome
from crm_assist.decisions.standing import in_force
from tests.api.conftest import Program
from tests.desk_bank import LABEL, person
from tests.hosts.desk.models import Client
from tests.hosts.guild.models import Guild, Member, Profile


@pytest.fixture
def teller(agent: User) -> Program:
    """A program of the host that may tell outcomes; it sees no customer otherwise."""
    return Program(person("orders", "record_outcome"))


def one(client: Client, **more: Any) -> dict[str, Any]:
    """What the client did."""
    told = {"key": str(client.pk), "product": "deposit", "kind": "ordered", "occurred_at": "2020-03-01T10:00:00+01:00"}
    return {**told, "external_id": "A-1", **more}


def became(**counts: int) -> dict[str, int]:
    """What became of outcomes told together."""
    return {"recorded": 0, "corrected": 0, "known": 0, "overtaken": 0, "contradicted": 0, **counts}


def test_late_outcome__is_recorded_with_its_own_time(teller: Program, rose: Client) -> None:
    answer = teller.send("outcomes/", {"model": LABEL, **one(rose)})
    assert answer.status_code == 201
    assert answer.json()["occurred_at"] == "2020-03-01T09:00:00Z"
    assert Outcome.objects.get().subject.key == str(rose.pk)


def test_same_id__same_content_is_one_outcome__other_content_a_correction(teller: Program, rose: Client) -> None:
    first, again, other = (
        teller.send("outcomes/", {"model": LABEL, **one(rose, kind=kind)}).json()
        for kind in ("ordered", "ordered", "cancelled")
    )
    assert again == first
    assert other["corrects"] == first["id"]
    assert Outcome.objects.count() == 2


def test_many__told_twice_with_one_changed__new_known_and_corrected(teller: Program, rose: Client) -> None:
    told = [one(rose, external_id=f"A-{place}") for place in range(5)]
    body = {"model": LABEL, "source": "orders", "outcomes": told[:4]}
    assert teller.send("outcomes/bulk/", body).json() == became(recorded=4)
    changed = [{**told[0], "kind": "cancelled"}, *told[1:]]
    answer = teller.send("outcomes/bulk/", {**body, "outcomes": changed})
    assert answer.json() == became(recorded=1, corrected=1, known=3)
    assert Outcome.objects.filter(kind="cancelled").get().corrects is not None


def test_many__told_again__asks_no_more_for_a_hundred_than_for_one(
    teller: Program, rose: Client, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    told = [one(rose, external_id=f"A-{place}") for place in range(100)]
    teller.send("outcomes/bulk/", {"model": LABEL, "outcomes": told})
    with django_assert_max_num_queries(25):
        answer = teller.send("outcomes/bulk/", {"model": LABEL, "outcomes": told})
    assert answer.json() == became(known=100)


def test_many__one_id_there_and_back__ends_as_told_last(teller: Program, rose: Client) -> None:
    teller.send("outcomes/bulk/", {"model": LABEL, "outcomes": [one(rose)]})
    told = [one(rose, kind="cancelled"), one(rose)]
    assert teller.send("outcomes/bulk/", {"model": LABEL, "outcomes": told}).json()["corrected"] == 2
    assert in_force().get().kind == "ordered"


def test_many__one_unknown_customer__nothing_is_written_and_its_place_is_named(teller: Program, rose: Client) -> None:
    told = [one(rose), one(rose, key="424242", external_id="A-2")]
    answer = teller.send("outcomes/bulk/", {"model": LABEL, "outcomes": told})
    assert (answer.status_code, answer.json()["field"]) == (422, "outcomes[1].key")
    assert not Outcome.objects.exists()


def test_many__in_any_order_by_version__the_highest_stands_and_each_is_counted(teller: Program, rose: Client) -> None:
    kinds = {3: "cancelled", 1: "ordered", 2: "declined"}
    told = [one(rose, version=version, kind=kind) for version, kind in kinds.items()]
    body = {"model": LABEL, "source": "orders", "outcomes": told}
    assert teller.send("outcomes/bulk/", body).json() == became(recorded=1, overtaken=2)
    assert in_force().get().kind == "cancelled"
    again = {**body, "outcomes": [one(rose, version=3, kind="ordered")]}
    assert teller.send("outcomes/bulk/", again).json() == became(contradicted=1)
    assert not in_force().exists()


@pytest.mark.parametrize(
    ("change", "field", "status"),
    [
        ({"occurred_at": "2199-01-01T00:00:00Z"}, "outcomes[1].occurred_at", 422),
        ({"version": 1, "external_id": ""}, "outcomes[1].version", 422),
        ({"version": -1}, "outcomes[1].version", 400),
        ({"currency": "USD"}, "outcomes[1].currency", 400),
    ],
)
def test_many__what_cannot_be_taken__is_named_by_place_and_field(
    teller: Program, rose: Client, change: dict[str, Any], field: str, status: int
) -> None:
    body = {"model": LABEL, "outcomes": [one(rose), one(rose, **{"external_id": "A-2", **change})]}
    answer = teller.send("outcomes/bulk/", body)
    assert answer.status_code == status
    assert field in (answer.json().get("field"), *(one_["field"] for one_ in answer.json().get("errors", [])))
    assert not Outcome.objects.exists()


def test_many__more_than_a_thousand__is_400(teller: Program, rose: Client) -> None:
    answer = teller.send("outcomes/bulk/", {"model": LABEL, "outcomes": [one(rose)] * 1001})
    assert (answer.status_code, answer.json()["field"]) == (400, "outcomes")


def test_many__a_thousand__are_taken(teller: Program, rose: Client) -> None:
    told = [one(rose, external_id=f"A-{place}") for place in range(1000)]
    assert teller.send("outcomes/bulk/", {"model": LABEL, "outcomes": told}).json()["recorded"] == 1000


def test_fault_in_one_of_many__is_named_by_its_place(teller: Program, rose: Client) -> None:
    told = [one(rose), one(rose, kind="bought"), one(rose, amount=3)]
    answer = teller.send("outcomes/bulk/", {"model": LABEL, "outcomes": told})
    assert answer.status_code == 400
    assert [fault["field"] for fault in answer.json()["errors"]] == ["outcomes[1].kind", "outcomes[2].amount"]


def test_future__is_422(teller: Program, rose: Client) -> None:
    answer = teller.send("outcomes/", {"model": LABEL, **one(rose, occurred_at="2199-01-01T00:00:00Z")})
    assert (answer.status_code, answer.json()["field"]) == (422, "occurred_at")


def test_customer_in_the_trash__whom_we_met__is_taken(teller: Program, rose: Client) -> None:
    teller.send("outcomes/", {"model": LABEL, **one(rose)})
    Client.objects.filter(pk=rose.pk).update(is_deleted=True)
    assert teller.send("outcomes/", {"model": LABEL, **one(rose, external_id="A-9")}).status_code == 201


def test_erased_customer__is_404(teller: Program, rose: Client) -> None:
    teller.send("outcomes/", {"model": LABEL, **one(rose)})
    Subject.objects.update(erased_at=timezone.now(), key="erased:1")
    Client.objects.all().delete()
    assert teller.send("outcomes/", {"model": LABEL, **one(rose)}).status_code == 404


def test_without_the_right__is_403(agent: User, rose: Client) -> None:
    assert Program(agent).send("outcomes/", {"model": LABEL, **one(rose)}).status_code == 403


def test_other_tenants_customer__is_404_and_nothing_is_written(db: None) -> None:
    here, there = (Guild.objects.create(code=code) for code in ("here", "there"))
    teller = person("orders", "record_outcome")
    Profile.objects.create(user=teller, guild=here)
    member = Member.objects.create(guild=there, name="Max")
    body = {"key": str(member.pk), "product": "deposit", "kind": "ordered", "occurred_at": "2020-03-01T10:00:00Z"}
    answer = Program(teller).send("outcomes/?model=guild.Member", {"model": "guild.Member", **body})
    assert answer.status_code == 404
    assert not Outcome.objects.exists()
    Member.objects.filter(pk=member.pk).update(guild=here)
    answer = Program(teller).send("outcomes/?model=guild.Member", {"model": "guild.Member", **body})
    assert answer.status_code == 201
    assert Outcome.objects.get().tenant == "here"
