"""A hold against retention and erasure: what it keeps, what ends in spite of it, and what waits for its end."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
from django.core.management import CommandError, call_command
from django.db import IntegrityError, connection, transaction

from crm_assist import customers, flow
from crm_assist.customers.models import Subject
from crm_assist.decisions.models import Decision, Suggestion
from crm_assist.events import listen, stop_listening
from crm_assist.flow.keeping import kept_from
from crm_assist.journal.models import Payload
from crm_assist.journal.sealing import seal_all
from crm_assist.journal.verify import verify
from crm_assist.privacy import holds
from crm_assist.privacy.models import HoldEvent
from crm_assist.types import Principal
from tests.hosts.desk.models import Client
from tests.story import NOW, open_bank

pytestmark = pytest.mark.django_db(transaction=True)
LABEL = "desk.Client"
OFFICER = Principal(key="dpo", permissions=frozenset({"manage_holds"}))
LATER = NOW + timedelta(days=40)


@pytest.fixture
def two(agent: Principal, settings: Any) -> list[Client]:
    """Two customers with a decision each; retention keeps a month."""
    settings.CRM_ASSIST = {"RETENTION_DAYS": 30}
    open_bank(LABEL)
    made = [Client.objects.create(name=name, owner_id=int(agent.key), balance=8000) for name in ("Rose", "Ivy")]
    for one in made:
        flow.record(agent, LABEL, str(one.pk), now=NOW)
    return made


def hold(client: Client | None = None, **given: Any) -> flow.HoldView:
    about = {"model_label": LABEL, "key": str(client.pk)} if client else {}
    return flow.place_hold(OFFICER, **{"reason": "Court file 12/26", "now": NOW + timedelta(days=1), **about, **given})


def retain(now: Any = LATER) -> int:
    return sum(1 for _step in flow.retain(now=now))


def has_body(client: Client) -> bool:
    (row,) = Decision.objects.filter(subject__key=str(client.pk)).values_list("pk", flat=True)
    return Payload.objects.get(row_id=row).body is not None


def faults() -> list[str]:
    list(seal_all(tenant="", now=LATER))
    found = [*verify(kept_from=kept_from(LATER)), *holds.broken(tenant=None, now=LATER + timedelta(days=9))]
    return [f"{one.kind} {one.row_id}" for one in found]


def test_retain__customer_under_a_hold__is_kept_and_the_other_is_not(two: list[Client]) -> None:
    hold(two[0])
    retain()
    assert [has_body(one) for one in two] == [True, False]
    assert faults() == []


def test_retain__hold_that_was_lifted_or_came_to_its_end__keeps_nothing(two: list[Client]) -> None:
    flow.lift_hold(OFFICER, hold(two[0]).id, reason="settled", now=NOW + timedelta(days=2))
    hold(two[1], ends_at=NOW + timedelta(days=20))
    retain()
    assert [has_body(one) for one in two] == [False, False]
    assert faults() == []


@pytest.mark.parametrize(
    ("period", "kept"),
    [
        ({}, True),
        ({"rows_from": NOW - timedelta(days=1)}, True),
        ({"rows_from": NOW, "rows_until": NOW + timedelta(seconds=1)}, True),
        ({"rows_until": NOW}, False),
        ({"rows_from": NOW + timedelta(seconds=1)}, False),
    ],
)
def test_retain__hold_on_everything_or_a_period__keeps_the_rows_written_then(
    two: list[Client], period: dict[str, Any], kept: bool
) -> None:
    hold(**period)
    retain()
    assert [has_body(one) for one in two] == [kept, kept]


def test_retain__customer_united_with_a_held_one__is_kept_under_both_keys(two: list[Client]) -> None:
    hold(two[0])
    flow.customers_merged(LABEL, from_key=str(two[0].pk), to_key=str(two[1].pk), now=NOW + timedelta(days=2))
    retain()
    assert [has_body(one) for one in two] == [True, True]


def test_retain__hold_of_another_tenant__keeps_nothing_here(two: list[Client]) -> None:
    stranger = Principal(key="dpo", tenant="other", permissions=OFFICER.permissions)
    flow.place_hold(stranger, reason="theirs", now=NOW)
    retain()
    assert [has_body(one) for one in two] == [False, False]


def test_erase__under_a_hold__is_put_off_but_help_ends_at_once(two: list[Client], agent: Principal) -> None:
    held, told = hold(two[0]), []
    listen(listener := lambda name, fields: told.append((name, dict(fields))))
    try:
        assert flow.customer_erased(LABEL, key=str(two[0].pk), now=NOW + timedelta(days=3)) == 0
    finally:
        stop_listening(listener)
    subject = Subject.objects.get(key=str(two[0].pk))
    assert (subject.erased_at, subject.erasure_due_at) == (None, NOW + timedelta(days=3))
    assert subject.gone_at is not None
    assert has_body(two[0])
    assert not Suggestion.objects.filter(subject=subject, state="open").exists()
    assert ("erasure.deferred", {"adapter": LABEL}) in told
    (view,) = flow.holds_in_force(OFFICER, now=LATER)
    assert (view.id, view.key, view.waiting) == (held.id, str(two[0].pk), 1)
    assert faults() == []


def test_erase__put_off__asked_again_is_noted_once_and_the_host_cannot_bring_them_back(two: list[Client]) -> None:
    hold(two[0])
    for day in (3, 4):
        flow.customer_erased(LABEL, key=str(two[0].pk), now=NOW + timedelta(days=day))
    assert HoldEvent.objects.filter(kind="deferred").count() == 1
    customers.mark_back(model_label=LABEL, keys=[str(two[0].pk)])
    assert Subject.objects.get(key=str(two[0].pk)).gone_at is not None


def test_lift__those_who_waited__are_forgotten_at_once_and_the_chain_stays_whole(two: list[Client]) -> None:
    held = hold(two[0])
    flow.customer_erased(LABEL, key=str(two[0].pk), now=NOW + timedelta(days=3))
    assert flow.lift_hold(OFFICER, held.id, reason="settled", now=NOW + timedelta(days=9)) == 1
    assert not Subject.objects.filter(key=str(two[0].pk)).exists()
    assert Payload.objects.filter(body=None).count() == 1
    assert faults() == []


def test_lift__one_of_two_holds__forgets_nobody_until_the_other_is_over(two: list[Client]) -> None:
    first, second = hold(two[0]), hold()
    flow.customer_erased(LABEL, key=str(two[0].pk), now=NOW + timedelta(days=3))
    assert flow.lift_hold(OFFICER, first.id, reason="settled", now=NOW + timedelta(days=4)) == 0
    assert has_body(two[0])
    flow.lift_hold(OFFICER, second.id, reason="settled", now=NOW + timedelta(days=5))
    retain(NOW + timedelta(days=6))
    assert not Subject.objects.filter(key=str(two[0].pk)).exists()


def test_retain__hold_that_ended_by_itself__those_who_waited_are_forgotten(two: list[Client], settings: Any) -> None:
    settings.CRM_ASSIST = {}
    hold(two[0], ends_at=NOW + timedelta(days=5))
    flow.customer_erased(LABEL, key=str(two[0].pk), now=NOW + timedelta(days=3))
    assert retain(NOW + timedelta(days=4)) == 0
    assert retain(NOW + timedelta(days=6)) == 1
    assert not Subject.objects.filter(key=str(two[0].pk)).exists()
    assert Payload.objects.filter(body=None).count() == 1


def test_broken__payload_emptied_in_spite_of_a_hold__is_named(two: list[Client]) -> None:
    """On SQLite the guards cannot know; on PostgreSQL a payload that is a day old may be emptied by whoever can."""
    held = hold(two[0])
    row = Decision.objects.get(subject__key=str(two[0].pk))
    Payload.objects.filter(row_id=row.pk).update(body=None, erased_at=NOW + timedelta(days=2))
    (fault,) = holds.broken(tenant="", now=LATER)
    assert (fault.kind, fault.row_id) == ("emptied", str(row.pk))
    assert str(held.id) in fault.message
    with pytest.raises(CommandError, match="1 faults"):
        call_command("crm_assist_log", "verify")


def test_hold__row_of_the_log__can_be_neither_changed_nor_removed(two: list[Client]) -> None:
    hold(two[0])
    for sql in ("UPDATE crm_assist_holdevent SET reason = 'x'", "DELETE FROM crm_assist_holdevent"):
        with pytest.raises(IntegrityError), transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(sql)


@pytest.mark.parametrize(
    ("given", "field"),
    [
        ({"reason": "  "}, "reason"),
        ({"reason": "x" * 501}, "reason"),
        ({"ends_at": NOW}, "ends_at"),
        ({"rows_from": NOW, "rows_until": NOW}, "rows_until"),
        ({"model_label": LABEL, "key": "999999"}, "key"),
    ],
)
def test_place__what_makes_no_sense__is_refused_by_its_field(
    two: list[Client], given: dict[str, Any], field: str
) -> None:
    with pytest.raises(flow.BadHold) as refused:
        hold(**given)
    assert refused.value.field == field
    assert not HoldEvent.objects.exists()


def test_place__period_of_one_customer__is_refused(two: list[Client]) -> None:
    with pytest.raises(flow.BadHold, match="leave the period out"):
        hold(two[0], rows_from=NOW)


def test_lift__unknown_lifted_or_anothers__is_refused(two: list[Client]) -> None:
    held = hold(two[0])
    stranger = Principal(key="dpo", tenant="other", permissions=OFFICER.permissions)
    with pytest.raises(flow.BadHold):
        flow.lift_hold(stranger, held.id, reason="x", now=LATER)
    flow.lift_hold(OFFICER, held.id, reason="settled", now=LATER)
    for hold_id in (held.id, uuid4()):
        with pytest.raises(flow.BadHold, match=str(hold_id)):
            flow.lift_hold(OFFICER, hold_id, reason="x", now=LATER + timedelta(days=1))


def test_holds__without_the_right__are_closed(two: list[Client]) -> None:
    held, nobody = hold(two[0]), Principal(key="ann", permissions=frozenset({"view_log", "export_log"}))
    for act in (
        lambda: flow.place_hold(nobody, reason="x", now=NOW),
        lambda: flow.lift_hold(nobody, held.id, reason="x", now=NOW),
        lambda: flow.holds_in_force(nobody, now=NOW),
    ):
        with pytest.raises(flow.NotAllowed, match="manage_holds"):
            act()


def test_command__place_list_and_lift__say_what_is_held(two: list[Client], capsys: Any) -> None:
    about = ["--model", LABEL, "--key", str(two[0].pk)]
    call_command("crm_assist_hold", "place", *about, "--reason", "Court file 12/26", "--by", "dpo")
    call_command("crm_assist_hold", "list")
    line = capsys.readouterr().out.splitlines()[-1]
    assert f"{LABEL} {two[0].pk}, since" in line
    assert "by dpo: Court file 12/26" in line
    held = line.partition(":")[0]
    call_command("crm_assist_hold", "lift", str(UUID(held)), "--reason", "settled")
    call_command("crm_assist_hold", "list")
    assert "0 customers forgotten" in (told := capsys.readouterr().out)
    assert "no hold in force" in told


@pytest.mark.parametrize(
    ("given", "says"),
    [
        (["place", "--reason", "x"], "Say what to hold"),
        (["place", "--everything", "--key", "7", "--model", LABEL, "--reason", "x"], "Say what to hold"),
        (["place", "--model", LABEL, "--reason", "x"], "Say what to hold"),
        (["place", "--everything"], "reason: Say why"),
        (["place", "--from", "yesterday", "--reason", "x"], "--from 'yesterday'"),
        (["place", "--everything", "--ends", "2001-01-01", "--reason", "x"], "ends_at"),
        (["place", "--model", "no.Model", "--key", "7", "--reason", "x"], "no.Model"),
        (["lift", "--reason", "x"], "name a hold"),
    ],
)
def test_command__what_makes_no_sense__is_refused_in_a_line(two: list[Client], given: list[str], says: str) -> None:
    with pytest.raises(CommandError, match=says):
        call_command("crm_assist_hold", *given)
